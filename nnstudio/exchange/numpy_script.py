"""A project as a NumPy script: the program's own statements, its weights, its data, its training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from nnstudio.exchange.content import Array, Content, described, npz
from nnstudio.exchange.equations import Line, Sorted, update_of
from nnstudio.exchange.layout import INDENT, assignment, bracketed, quoted, summed, unpacked, weighted
from nnstudio.exchange.numpy_template import TEMPLATE
from nnstudio.exchange.scaling_text import functions_text, stored_scalings
from nnstudio.exchange.script_facts import conditions_of, train_call, train_signature, values_of
from nnstudio.exchange.template import filled
from nnstudio.modules.shapes import format_shape
from nnstudio.program.text import function_text

Lines = list[str]


def numpy_script(content: Content, stem: str) -> dict[str, bytes]:
    """The files by the end of their name: the script last, so that it is there when its weights are."""
    script = _Script(content)
    return {
        ".npz": npz(script.weights_file()),
        "_data.npz": npz(content.arrays(script.nodes, script.loss) | stored_scalings(content)),
        ".py": script.text(stem).encode(),
    }


class _Script:
    """The parts of the script that are the network's own."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._sorted = Sorted(content)
        self._equations = self._sorted.equations
        self._update = update_of(content)
        self.nodes = {
            node.name: self._sorted.name(content.listing.keys[f"{node.name}.output"]) for node in content.flat
        }
        self._inputs = [self.nodes[feed.node] for feed in content.inputs]
        self._targets = [self.nodes[feed.node] for feed in content.targets]
        self.loss = self._sorted.name(content.listing.loss or "")

    def weights_file(self) -> dict[str, Array]:
        """Weights by their identifiers, large constants among them, and what the optimizer remembers."""
        content = self._content
        weights, state = content.program.parameters(), content.program.optimizer_state()
        names = {parameter.key: name for name, parameter in self._sorted.weights.items()}
        found = {f"weights.{name}": weights[key] for key, name in names.items()}
        for name, value in self._sorted.stored.items():
            found[f"weights.{name}"] = value.astype(content.program.dtype)
        for key, quantity in content.listing.states.values():
            found[f"optimizer.{names[key]}.{quantity}"] = state[f"{key}.{quantity}"]
        if self._update.counts:
            found["optimizer.step"] = np.array(int(state["step"]))
        return found

    def text(self, stem: str) -> str:
        """The whole script."""
        content = self._content
        trains = content.trains
        functions = self._functions()
        learned = [argument.partition(":")[0] for argument in self._learned]
        conditions = conditions_of(content)
        conditions |= {
            "torch": False,
            "remembers": False,  # what the optimizer remembers lies with the weights
            "state": bool(self._update.states),
            "rated": True,
        }
        values = values_of(content, stem, ".npz", self.nodes)
        values |= {
            "library": "NumPy",
            "needs": "numpy",
            "arrays": "Arrays",
            "network": "weights",
            "network_type": "Arrays",
            "module": "np",
            "indices": "order[start : start + size]",
            "set_rate": [f"rate_now = {values['rate']}"],
            "rate_given": ", rate_now" if conditions["scheduled"] else ", lr",
            "scaling": functions_text(content, torch=False),
            "functions": "\n\n\n".join(functions).splitlines(),
            "forward": self._forward(),
            "criterion": self._criterion() if content.loss is not None else [],
            "means": self._share("means", True) if content.mixed else [],
            "sums": self._share("sums", False) if content.mixed else [],
            "backward": self._backward() if trains else [],
            "update": self._update_lines() if trains else [],
            "train_head": train_signature(conditions, self._learned, "Arrays") if trains else [],
            "train_call": train_call(conditions, learned, 'part(stored, "validation")') if trains else [],
            "learned": ", ".join(learned),
            "loss": quoted(self.loss),
            "fed_forward": _fed("weights", self._inputs),
            "fed_criterion": _fed(self._criterion_reads, self._targets),
        }
        return filled(TEMPLATE, conditions, values)

    @property
    def _learned(self) -> Lines:
        """The arguments that hold what training changes."""
        return ["weights: Arrays", "state: Arrays"] if self._update.states else ["weights: Arrays"]

    # -- the functions

    def _functions(self) -> Lines:
        """The small functions that the statements call, and those that these call, by their source."""
        each = self._equations
        lines = (*each.forward, *each.criterion, *each.backward, *self._update.lines)
        called = {name for line in lines for name in line.reads}
        functions = self._content.listing.functions
        sources = {name: function_text(function) for name, function in functions.items()}
        waiting = [name for name in sources if name in called]
        while waiting:
            source = sources[waiting.pop()]
            waiting += [name for name in sources if name not in called and f"{name}(" in source]
            called.update(waiting)
        return [source for name, source in sources.items() if name in called]

    def _forward(self) -> Lines:
        lines = self._equations.forward
        shapes = ", ".join(
            f"{self.nodes[feed.node]} is {format_shape(feed.shape)}" for feed in self._content.inputs
        )
        arguments = ["weights: Arrays", *(f"{name}: np.ndarray" for name in self._inputs)]
        kept = [*self._inputs, *self._kept(lines)]
        return [
            *bracketed("def forward(", arguments, ") -> Arrays:"),
            f'{INDENT}"""What every node gives for a batch; {shapes}."""'
            if shapes
            else f'{INDENT}"""What every node gives."""',
            *self._body(lines, given=self._inputs),
            *bracketed("return {", [f'"{name}": {name}' for name in kept], "}", 1, display=True),
        ]

    @property
    def _criterion_reads(self) -> str:
        return "weights, values" if self._weights_read(self._equations.criterion) else "values"

    def _criterion(self) -> Lines:
        lines = self._equations.criterion
        targets = ", ".join(f"{self.nodes[feed.node]} ({described(feed)})" for feed in self._content.targets)
        doc = (
            f"Compares the values with {targets}, and adds the loss."
            if targets
            else "Adds the loss to the values."
        )
        arguments = [f"{name}: Arrays" for name in self._criterion_reads.split(", ")]
        arguments += [f"{name}: np.ndarray" for name in self._targets]
        later = {name for line in self._equations.backward for name in line.reads}
        kept = [*(name for name in self._targets if name in later), *self._kept(lines)]
        if self.loss not in kept:
            kept.append(self.loss)  # the sum of several
        entries = [f'"{name}": {name}' for name in kept]
        return [
            *bracketed("def criterion(", arguments, ") -> Arrays:"),
            f'{INDENT}"""{doc}"""',
            *self._body(lines, given=self._targets),
            *bracketed("return values | {", entries, "}", 1, display=True),
        ]

    def _share(self, name: str, averaged: bool) -> Lines:
        """What the criteria that average, or those that add up, have in the loss."""
        shares = self._content.averaged[averaged]
        values = {node: f"values[{quoted(self.nodes[node])}]" for node in shares}
        lines = summed(f"{name} = ", weighted(values, shares))
        return [line.removeprefix(INDENT) for line in lines]

    def _backward(self) -> Lines:
        trained = {name: each for name, each in self._sorted.weights.items() if each.trained}
        entries = [f'"{name}": {self._sorted.name(each.gradient)}' for name, each in trained.items()]
        return [
            "def backward(weights: Arrays, values: Arrays) -> Arrays:",
            f'{INDENT}"""The gradient of the loss for every weight; values are those of criterion."""',
            *self._body(self._equations.zero, self._equations.backward),
            *bracketed("return {", entries, "}", 1, display=True),
        ]

    def _update_lines(self) -> Lines:
        update, optimizer = self._update, self._content.optimizer
        head = [
            f"def update({', '.join(self._learned)}, gradients: Arrays, lr: float) -> None:",
            f'{INDENT}"""One step of {optimizer.name}: {optimizer.formula}"""',
        ]
        only = update.lines[0] if len(update.lines) == 1 else None
        if only is not None and only.operator == "-=" and "param" not in only.reads:
            loop = f"{INDENT}for name, grad in gradients.items():"
            return [*head, loop, *assignment("weights[name]", "-=", only.value, 2)]
        if update.counts:
            head += [f'{INDENT}step = int(state["step"]) + 1', f'{INDENT}state["step"] = np.array(step)']
        states = {name: f'state[f"{{name}}.{name}"]' for name in update.states}
        return [
            *head,
            f"{INDENT}for name, grad in gradients.items():",
            f"{INDENT * 2}param = weights[name]",
            *(f"{INDENT * 2}{name} = {entry}" for name, entry in states.items()),
            *(
                text
                for line in update.lines
                for text in assignment(line.target, line.operator, line.value, 2)
            ),
            *(f"{INDENT * 2}{entry} = {name}" for name, entry in states.items()),
            f"{INDENT * 2}weights[name] = param",
        ]

    # -- what they read and what they leave

    def _body(self, *blocks: Sequence[Line], given: Iterable[str] = ()) -> Lines:
        """The statements, after what they read has been taken out of `weights` and `values`."""
        lines = [line for block in blocks for line in block]
        known = {*given, *(line.target for line in lines)}
        read = {name for line in lines for name in line.reads}
        each = self._equations
        earlier = [*self._inputs, *self._targets, *(line.target for line in (*each.forward, *each.criterion))]
        taken: Lines = []
        for group in self._weights_by_node(lines):
            taken += unpacked(group, "weights")
        taken += unpacked([n for n in dict.fromkeys(earlier) if n in read and n not in known], "values")
        dtype = f"dtype=np.{self._content.settings.dtype}"
        for name, value in self._sorted.written.items():
            if name in read:
                taken.append(f"{INDENT}{name} = np.array({value.tolist()!r}, {dtype})")
        written = [
            [text for line in block for text in assignment(line.target, line.operator, line.value)]
            for block in blocks
        ]
        return [text for block in (taken, *written) if block for text in (*block, "")]

    def _weights_by_node(self, lines: Iterable[Line]) -> list[Lines]:
        groups: dict[str, Lines] = {}
        for name in self._weights_read(lines):
            parameter = self._sorted.weights.get(name)
            groups.setdefault(parameter.key.rpartition(".")[0] if parameter else name, []).append(name)
        return list(groups.values())

    def _weights_read(self, lines: Iterable[Line]) -> Lines:
        read = {name for line in lines for name in line.reads}
        return [name for name in (*self._sorted.weights, *self._sorted.stored) if name in read]

    def _kept(self, lines: Sequence[Line]) -> Lines:
        """The outputs of nodes, and what a later function reads."""
        outputs = set(self.nodes.values())
        later = {
            name for line in (*self._equations.criterion, *self._equations.backward) for name in line.reads
        }
        return [
            name for name in dict.fromkeys(line.target for line in lines) if name in outputs or name in later
        ]


def _fed(first: str, names: Iterable[str]) -> str:
    return ", ".join([first, *(f"batch[{quoted(name)}]" for name in names)])
