"""Class numbers: they come from an Input or Target, and nothing computes with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nnstudio.modules.module import Definition
from nnstudio.modules.shapes import Shape

FED = ("input", "target")  # roles


class Reader(Protocol):
    """What a FlatNode is here."""

    @property
    def name(self) -> str: ...
    @property
    def definition(self) -> Definition: ...
    @property
    def sources(self) -> Mapping[str, str]: ...
    @property
    def input_shapes(self) -> Mapping[str, Shape]: ...


@dataclass(frozen=True)
class ClassFault:
    """At which port of a node class numbers are where they cannot be; `sentence` goes on after its name."""

    port: str
    sentence: str


def takes_classes(node: Reader, port: str) -> bool:
    """Whether class numbers arrive at a port, one a sample."""
    return port in node.definition.class_ports and node.input_shapes[port] == ("N",)


def compared_as_classes(nodes: Iterable[Reader]) -> set[str]:
    """The names of the nodes whose class numbers others compare scores with."""
    return {
        node.sources[port]
        for node in nodes
        for port in node.definition.class_ports
        if port in node.sources and takes_classes(node, port)
    }


def class_faults(nodes: Sequence[Reader]) -> dict[str, ClassFault]:
    """By the names of the nodes at fault: those that take class numbers from what computes them, and those
    that compute with class numbers."""
    found: dict[str, ClassFault] = {}
    known: dict[str, str] = {}  # what holds class numbers, and for whom
    roles: dict[str, str] = {}
    for node in nodes:
        roles[node.name] = node.definition.role
        for port in node.definition.class_ports:
            if takes_classes(node, port):
                source = node.sources[port]
                known.setdefault(source, node.name)
                if roles[source] not in FED:
                    sentence = (
                        f"takes class numbers at {port}, and {source} computes what it gives: "
                        "connect a Target instead"
                    )
                    found[node.name] = ClassFault(port, sentence)
    for node in nodes if known else ():
        for port, source in node.sources.items():
            if source in known and roles[source] in FED and not takes_classes(node, port):
                sentence = (
                    f"cannot compute with {source}, which holds class numbers for {known[source]}: "
                    "connect an Input or Target of its own"
                )
                found.setdefault(node.name, ClassFault(port, sentence))
    return found
