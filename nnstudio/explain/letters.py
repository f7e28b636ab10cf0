"""Which letter stands for which quantity: x, W₁, z₁, ∂L/∂W₁; short where that is clear, else in full."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from nnstudio.explain.local import anatomy
from nnstudio.graph.flatten import FlatNode
from nnstudio.program.program import Program

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi "
    "omega".split()
)
_PARAMETERS = {"weight": "W", "bias": "b"}


@dataclass(frozen=True)
class Letter:
    """How a quantity is written: as LaTeX and in words."""

    latex: str
    spoken: str


class Letters:
    """The letters of one program, by the names its statements use."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._anatomy = anatomy(program)
        self._taken: set[str] = set()
        self._known: dict[str, Letter] = {}
        self._name_outputs()
        self._name_parameters()
        self._name_quantities()
        self._name_gradients()
        self._name_states()

    def __getitem__(self, identifier: str) -> Letter:
        """The letter of a name in the program's text; for a local name of an equation, its own."""
        return self._known.get(identifier) or Letter(upright(identifier), identifier.replace("_", " "))

    @cached_property
    def key_of(self) -> Mapping[str, str]:
        """The program's key for a name in its text; where there are several, the first."""
        found: dict[str, str] = {}
        for key, identifier in self._program.listing.keys.items():
            found.setdefault(identifier, key)
        return found

    @property
    def loss(self) -> Letter:
        """The letter of the total loss."""
        return Letter("L", "L")

    def _take(self, key: str, *wishes: Letter) -> None:
        identifier = self._program.listing.keys.get(key)
        if identifier is None or identifier in self._known:
            return
        free = (wish for wish in wishes if wish.latex not in self._taken)
        wish = next(free, wishes[-1])
        self._taken.add(wish.latex)
        self._known[identifier] = wish

    def _name_outputs(self) -> None:
        loss = self._program.listing.loss
        if loss is not None:
            self._taken.add("L")
            self._known[loss] = self.loss
        for name, node in self._anatomy.nodes.items():
            full = Letter(upright(name), _said(name))
            short = _own_letter(name)
            stem = _stem(node)
            if short is not None:
                self._take(f"{name}.output", short, _with(_own_stem(name), name), full)
            elif stem:
                self._take(f"{name}.output", _numbered(stem, name), _with(stem, name), full)
            else:
                self._take(f"{name}.output", full, _with("o", name))

    def _name_parameters(self) -> None:
        for item in self._program.listing.parameters:
            name, _, parameter = item.key.rpartition(".")
            stem = _PARAMETERS.get(parameter, upright(parameter))
            if parameter == "weight" and len(item.parameter.shape) < 2:
                stem = "w"
            full = _with(stem, name)
            if parameter == "value" and self._anatomy.nodes[name].definition.role == "parameter":
                known = self._known.get(self._program.listing.keys[f"{name}.output"])
                if known is not None:  # the node's output is this array, unchanged
                    self._known[item.identifier] = known
                    continue
            self._take(item.key, _numbered(stem, name), full)

    def _name_quantities(self) -> None:
        for name, node in self._anatomy.nodes.items():
            for quantity in node.definition.quantities:
                self._take(f"{name}.{quantity}", Letter(upright(quantity), quantity.replace("_", " ")),
                           _with(upright(quantity), name))  # fmt: skip

    def _name_gradients(self) -> None:
        keys = self._program.listing.keys
        for key, identifier in keys.items():
            name, _, quantity = key.rpartition(".")
            if not quantity.startswith("grad_"):
                continue
            if quantity == "grad_output" or quantity.removeprefix("grad_") in self._parameters_of(name):
                of = keys[f"{name}.{quantity.removeprefix('grad_')}"]
                self._known[identifier] = derivative(self.loss, self[of])
        for key, identifier in keys.items():
            name, _, quantity = key.rpartition(".")
            node = self._anatomy.nodes.get(name)
            port = quantity.removeprefix("grad_")
            if node is not None and identifier not in self._known and port in node.sources:
                whole = derivative(self.loss, self[keys[f"{node.sources[port]}.output"]])
                via = self[keys[f"{name}.output"]]
                self._known[identifier] = Letter(
                    rf"\left.{whole.latex}\right|_{{{via.latex}}}", f"{whole.spoken} by way of {via.spoken}"
                )

    def _parameters_of(self, name: str) -> Mapping[str, object]:
        node = self._anatomy.nodes.get(name)
        return node.parameters if node is not None else {}

    def _name_states(self) -> None:
        self._known["lr"] = Letter(r"\eta", "the learning rate")
        self._known["step"] = Letter(r"\mathrm{step}", "the number of the update")
        for identifier, (key, quantity) in self._program.listing.states.items():
            of = self[self._program.listing.keys[key]]
            self._known[identifier] = Letter(
                rf"{upright(quantity)}_{{{of.latex}}}", f"{quantity.replace('_', ' ')} of {of.spoken}"
            )


def derivative(of: Letter, by: Letter) -> Letter:
    """∂of/∂by."""
    return Letter(
        rf"\frac{{\partial {of.latex}}}{{\partial {by.latex}}}",
        f"the derivative of {of.spoken} by {by.spoken}",
    )


def upright(name: str) -> str:
    """A name as upright letters; what LaTeX would read as more than a letter is left out."""
    plain = re.sub(r"[\W_]+", lambda found: "." if "." in found.group() else r"\ ", name).strip(r"\ ")
    return rf"\mathrm{{{plain or 'node'}}}"


def _own_letter(name: str) -> Letter | None:
    """A node called x, w2 or alpha is its own letter."""
    found = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", name)
    if found is None or not (len(found[1]) == 1 or found[1] in GREEK):
        return None
    stem = f"\\{found[1]}" if found[1] in GREEK else found[1]
    return Letter(f"{stem}_{{{found[2]}}}" if found[2] else stem, " ".join(filter(None, found.groups())))


def _own_stem(name: str) -> str:
    stem = name.rstrip("0123456789_")
    return f"\\{stem}" if stem in GREEK else stem


def _stem(node: FlatNode) -> str:
    definition = node.definition
    if definition.role == "criterion":
        return r"\ell"
    if definition.role == "input":
        return "x"
    if definition.role == "target":
        return "t"
    if definition.role == "parameter":
        return r"\theta"
    if definition.name == "Linear":
        return "z"
    return "a" if definition.category == "Activations" else ""


def _numbered(stem: str, name: str) -> Letter:
    """The letter with the number that the node's name ends with."""
    number = re.search(r"\d*$", name)
    digits = number.group() if number else ""
    spoken = re.sub(r"\\mathrm|[\\{}]", "", stem).strip()
    return Letter(f"{stem}_{{{digits}}}" if digits else stem, f"{spoken} {digits}".strip())


def _with(stem: str, name: str) -> Letter:
    spoken = re.sub(r"\\mathrm|[\\{}]", "", stem).strip()
    return Letter(f"{stem}_{{{upright(name)}}}", f"{spoken} of {_said(name)}")


def _said(name: str) -> str:
    return re.sub(r"[_\\{}^]+", " ", name).strip()
