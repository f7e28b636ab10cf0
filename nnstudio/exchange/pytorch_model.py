"""The network as nn.Module classes: a class for the whole and one for each group, and the criterion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nnstudio.errors import ExchangeError
from nnstudio.exchange.content import Array, Content
from nnstudio.exchange.layout import INDENT, bracketed, in_docstring, weighted
from nnstudio.graph import FlatNode
from nnstudio.modules.module import Init, Parameter
from nnstudio.modules.shapes import format_shape
from nnstudio.program.names import Names

# What nn.Module has already, and what the script imports: a node of such a name is called another.
RESERVED = frozenset(
    """
    F T_destination Tensor Tensors add_module apply bfloat16 buffers call_super_init children compile
    cpu criterion cuda double dump_patches eval extra_repr float forward get_buffer get_extra_state
    get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers named_children
    named_modules named_parameters nn np parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook
    register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook
    requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty torch train
    training type xpu zero_grad
    """.split()
)
CLASS_NAMES = frozenset({"Network", "Criterion", "Path", "Tensor", "Tensors"})
_WRITTEN_OUT = 8


@dataclass
class Scope:
    """The whole, or a group: its nodes and the groups in it, in order."""

    name: str = ""
    members: dict[str, FlatNode | Scope] = field(default_factory=dict[str, "FlatNode | Scope"])

    @classmethod
    def of(cls, nodes: Iterable[FlatNode]) -> Scope:
        top = cls()
        for node in nodes:
            scope = top
            *groups, last = node.name.split(".")
            for group in groups:
                inner = scope.members.setdefault(group, Scope(f"{scope.name}{group}."))
                assert isinstance(inner, Scope)  # names are unique on a level
                scope = inner
            scope.members[last] = node
        return top

    def nodes(self) -> list[FlatNode]:
        """All nodes, those of inner groups included."""
        found: list[FlatNode] = []
        for member in self.members.values():
            found += member.nodes() if isinstance(member, Scope) else [member]
        return found


@dataclass
class Model:
    """What the script says of the network.

    classes    the lines of all classes, inner ones first
    outputs    the nodes whose values Network.forward returns, in order
    arrays     the state that Network loads, by its names;  parameters: those names by "fc1.weight"
    """

    classes: list[str] = field(default_factory=list[str])
    outputs: list[str] = field(default_factory=list[str])
    arrays: dict[str, Array] = field(default_factory=dict[str, Array])
    parameters: dict[str, str] = field(default_factory=dict[str, str])


class ModelWriter:
    """Writes classes, and remembers where each array of the project went."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._weights = content.program.parameters()
        self._class_names = Names(CLASS_NAMES)
        self.model = Model()

    def write(
        self,
        scope: Scope,
        class_name: str,
        doc: str,
        state: str,
        outputs: Sequence[str],
        sums: Sequence[Mapping[str, float]] | None = None,
        more: Sequence[str] = (),
    ) -> list[str]:
        """Writes the class of a scope and gives what its forward takes, by dotted name.

        `state` stands before the names of its arrays; `outputs` are the nodes it returns; where there are
        `sums` it returns these, each of nodes by their weights; `more` are further lines of its constructor.
        """
        body = _Body(self, scope, state)
        body.write()
        values = [body.values[name] for name in outputs]
        if sums is not None:
            values = [" + ".join(weighted(body.values, shares)) for shares in sums]
        returned = "Tensor" if len(values) == 1 else f"tuple[{', '.join(['Tensor'] * len(values))}]"
        arguments = ["self", *(f"{body.values[name]}: Tensor" for name in body.taken)]
        made = [*body.made, *more]
        lines = [f"class {class_name}(nn.Module):", f'{INDENT}"""{doc}"""', ""]
        if made:
            lines += [f"{INDENT}def __init__(self) -> None:", f"{INDENT * 2}super().__init__()"]
            lines += [*(INDENT * 2 + line for line in made), ""]
        lines += bracketed("def forward(", arguments, f") -> {returned}:", 1)
        lines += [*(INDENT * 2 + line for line in body.computed), f"{INDENT * 2}return {', '.join(values)}"]
        self.model.classes += ([""] * 2 if self.model.classes else []) + lines
        return body.taken

    def group(self, scope: Scope, state: str, criterion: bool) -> tuple[str, list[str], list[str]]:
        """Writes the class of a group; gives its name, what it takes and what it returns."""
        words = re.split(r"[^0-9A-Za-z]+|(?<=[a-z])(?=[A-Z])", scope.name.rstrip(".").rpartition(".")[2])
        wished = "".join(word[:1].upper() + word[1:] for word in words) or "Group"
        class_name = self._class_names.take(wished + ("Criterion" if criterion else ""))
        inside = {node.name for node in scope.nodes()}
        read = {
            source
            for node in self._content.flat
            if node.name not in inside
            for source in node.sources.values()
        }
        read.update(self._content.program.predictions)
        read.update(node.name for node in self._content.flat if node.definition.role == "criterion")
        outputs = [node.name for node in scope.nodes() if node.name in read]
        shapes = ", ".join(
            f"{name.rpartition('.')[2]} is {format_shape(self._content.flat[name].shape)}" for name in outputs
        )
        doc = f"The group {in_docstring(scope.name.rstrip('.'))}; {in_docstring(shapes)}."
        return class_name, self.write(scope, class_name, doc, state, outputs), outputs

    def keep(self, name: str, array: Array, key: str | None = None) -> None:
        """Remember that the state of the network has this array under this name."""
        self.model.arrays[name] = np.asarray(array, self._content.program.dtype)
        if key is not None:
            self.model.parameters[key] = name

    def weight(self, key: str) -> Array:
        return self._weights[key]

    def constant(self, node: str) -> Array:
        return self._content.listing.constants[self._content.listing.keys[f"{node}.output"]]


class _Body:
    """The constructor and the forward of one class."""

    def __init__(self, writer: ModelWriter, scope: Scope, state: str) -> None:
        self._writer = writer
        self._scope = scope
        self._state = state
        self._names = Names(RESERVED)
        self._own = {node.name for node in scope.nodes()}
        self.values: dict[str, str] = {}
        self.taken: list[str] = []
        self.made: list[str] = []
        self.computed: list[str] = []

    def write(self) -> None:
        for node in self._scope.nodes():
            for source in node.sources.values():
                if source not in self._own and source not in self.values:
                    self.values[source] = self._names.take(source.rpartition(".")[2])
                    self.taken.append(source)
        for name, member in self._scope.members.items():
            if isinstance(member, Scope):
                self._group(name, member)
            else:
                self._node(member, self._names.take(name))

    def _group(self, name: str, scope: Scope) -> None:
        attribute = self._names.take(name)
        criterion = any(node.definition.role == "criterion" for node in scope.nodes())
        class_name, taken, outputs = self._writer.group(scope, f"{self._state}{attribute}.", criterion)
        self.made.append(f"self.{attribute} = {class_name}()")
        if not outputs:
            return
        if len(outputs) == 1:
            targets = [attribute]
        else:
            targets = [self._names.take(name, output.rpartition(".")[2]) for output in outputs]
        self.values |= dict(zip(outputs, targets, strict=True))
        call = bracketed(
            f"{', '.join(targets)} = self.{attribute}(", [self.values[source] for source in taken], ")", 2
        )
        self.computed += [line.removeprefix(INDENT * 2) for line in call]

    def _node(self, node: FlatNode, name: str) -> None:
        role, template = node.definition.role, node.definition.torch
        if role == "output":
            self.values[node.name] = self.values[node.sources["input"]]
        elif role == "parameter":
            self._parameters(node, {"value": name})
            self.values[node.name] = f"self.{name}"
        elif role == "constant":
            value = self._writer.constant(node.name)
            self.made.append(f'self.register_buffer("{name}", {_tensor(value)})')
            self._writer.keep(f"{self._state}{name}", value)
            self.values[node.name] = f"self.{name}"
        elif template is None:
            raise ExchangeError(
                f"{node.name} is a {node.definition.name}, which has no counterpart in PyTorch: "
                "export the network to numpy, or put another module there."
            )
        elif template.startswith("nn."):
            ports = ", ".join(self.values[node.sources[port]] for port in node.definition.ports)
            self.made.append(f"self.{name} = {torch_text(node, template, {})}")
            self.computed.append(f"{name} = self.{name}({ports})")
            self.values[node.name] = name
            for parameter in node.parameters:
                key = f"{node.name}.{parameter}"
                self._writer.keep(f"{self._state}{name}.{parameter}", self._writer.weight(key), key)
        else:
            own = {parameter: self._names.take(name, parameter) for parameter in node.parameters}
            self._parameters(node, own)
            known = {port: self.values[source] for port, source in node.sources.items()}
            known |= {parameter: f"self.{attribute}" for parameter, attribute in own.items()}
            self.computed.append(f"{name} = {torch_text(node, template, known)}")
            self.values[node.name] = name

    def _parameters(self, node: FlatNode, attributes: Mapping[str, str]) -> None:
        for parameter, attribute in attributes.items():
            self.made.append(f"self.{attribute} = nn.Parameter({_start(node.parameters[parameter])})")
            key = f"{node.name}.{parameter}"
            self._writer.keep(f"{self._state}{attribute}", self._writer.weight(key), key)


def torch_text(node: FlatNode, template: str, names: Mapping[str, str]) -> str:
    """A definition's template with its settings, further values and names in place."""
    values: dict[str, object] = dict(node.settings)
    if node.definition.torch_values is not None:
        facts = {**node.settings, **node.input_shapes}
        wanted = node.definition.reads("torch_values")
        values |= node.definition.torch_values(**{name: facts[name] for name in wanted})
    text = template.format(**{**values, **names}).replace("'", '"')
    return re.sub(r"\*\(([\d, ]*\d),?\)", r"\1", text)  # reshape(-1, *(3, 4)) reads better without


def _start(parameter: Parameter) -> str:
    """An array as the parameter starts, before the file's numbers take its place."""
    init: Init = parameter.init
    shape = ", ".join(map(str, parameter.shape)) or "()"
    match init.kind:
        case "uniform":
            return f"torch.empty({shape}).uniform_({-init.values[0]!r}, {init.values[0]!r})"
        case "normal":
            return f"torch.empty({shape}).normal_(0.0, {init.values[0]!r})"
        case "constant":
            return f"torch.full({parameter.shape!r}, {init.values[0]!r})"
        case "listed":
            return _tensor(
                np.broadcast_to(np.array(init.values), int(np.prod(parameter.shape))).reshape(parameter.shape)
            )


def _tensor(value: Array) -> str:
    """The numbers themselves where they are few; else zeros, for the file's numbers to be put there."""
    if value.size <= _WRITTEN_OUT:
        return f"torch.tensor({value.astype(float).tolist()!r})"
    return f"torch.zeros({', '.join(map(str, value.shape))})"
