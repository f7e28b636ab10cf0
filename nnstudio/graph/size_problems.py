"""Problems of sizes: between nodes, of a criterion with its target, and of the graph with its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from nnstudio.errors import GraphError
from nnstudio.graph.edit import Edit
from nnstudio.graph.edits import ChangeType, SetSetting, SetSettings
from nnstudio.graph.fixes import flatten_first, flattened
from nnstudio.graph.flatten import FlatGraph, FlatNode, Path
from nnstudio.graph.inference import Finding, Inference
from nnstudio.graph.level import Level
from nnstudio.graph.node import Node
from nnstudio.graph.problem import Place, Problem, fix_at
from nnstudio.modules.shapes import BadShape, Shape, TooLarge, WrongSize, format_shape, per_sample

DataWidths = Mapping[str, tuple[int, ...]]

WIDTH = "out_features"  # the setting that says how many features a node gives


class Sizes:
    """The graph's flat form, in which to look for what feeds a node and what could give another size."""

    def __init__(self, level: Level, flat: Callable[[], FlatGraph], widths: DataWidths) -> None:
        """`widths`: one sample's shape in the data, for Input and Target nodes by name."""
        self.level = level
        self.widths = widths
        self._flat = flat

    @cached_property
    def feeders(self) -> Mapping[Path, Mapping[str, str]]:
        return self._flat().feeders

    @cached_property
    def nodes(self) -> Mapping[str, FlatNode]:
        return {node.name: node for node in self._flat()}

    # -- between nodes

    def problems(self, place: Place) -> Iterator[Problem]:
        """On one level; the groups on it are looked into by the caller."""
        findings = place.inference.findings
        for node_id in place.level.structure.order:
            finding = findings.get(node_id)
            if finding is not None and finding.fault is not None and not place.level.nodes[node_id].bypassed:
                yield self._problem(place, place.level.nodes[node_id], finding, finding.fault)

    def _problem(self, place: Place, node: Node, finding: Finding, fault: GraphError) -> Problem:
        path = (*place.path, node.id)
        if not isinstance(fault, BadShape):
            return place.problem("bad-shape", node, f"cannot work: {str(fault).rstrip('.')}")
        drawn, own = self._flattened(path, finding, fault), self._own_fix(node, finding, fault)
        if not isinstance(fault, WrongSize):
            kind = "too-large" if isinstance(fault, TooLarge) else "bad-shape"
            found = place.problem(kind, node, fault.reason, port=fault.port, fix=own)
            return found if drawn is None else replace(found, fix=drawn)

        giver = self.feeders[path].get(fault.port or "", "what comes in")
        other = self._other_criterion(place, node, finding, giver)
        if other is not None:
            return other
        classes = self._class_counts(finding)
        if classes is not None:
            kind, scorer = "class-count", self.feeders[path]["input"]
            sentence = f"gets scores for {classes[0]} classes from {scorer}, but {giver} gives {classes[1]}"
        else:
            kind = "wrong-size"
            where = f" at {fault.port}" if len(finding.definition.ports) > 1 else ""
            sentence = f"expects {fault.expected_text}{where}, but {giver} gives {fault.given_text}"
        found = place.problem(kind, node, sentence, port=fault.port, fix=own)
        if drawn or own is None:
            return replace(found, fix=drawn or self._other_fix(path, finding, fault))
        return found

    def _other_criterion(self, place: Place, node: Node, finding: Finding, giver: str) -> Problem | None:
        """A criterion of numbers whose Target holds the class numbers of the data, or the other way round."""
        target, compares = finding.inputs.get("target", ()), finding.definition
        if compares.role != "criterion" or self.widths.get(giver) != per_sample(target):
            return None
        if target == ("N",) and "target" not in compares.class_ports:
            wanted, sentence = "CrossEntropy", f"compares numbers, but {giver} gives class numbers"
        elif target == ("N", 1) and "target" in compares.class_ports:
            wanted, sentence = "MSE", f"compares classes, but {giver} gives numbers"
        else:
            return None
        level = self.level.at(place.path)
        fix = fix_at(place.path, ChangeType(node.id, wanted), level)
        return place.problem("wrong-size", node, f"{sentence}: {wanted} does", port="target", fix=fix)

    def _own_fix(self, node: Node, finding: Finding, fault: BadShape) -> Edit | None:
        """The node's own settings, where its definition knows better ones and they do work."""
        if not fault.fix:
            return None
        try:
            settings = finding.definition.complete({**node.settings, **fault.fix})
            finding.definition.infer(finding.inputs, settings)
        except GraphError:
            return None
        if len(fault.fix) == 1:
            name, value = next(iter(fault.fix.items()))
            return SetSetting(node.id, name, value)
        return SetSettings(node.id, fault.fix)

    def _flattened(self, path: Path, finding: Finding, fault: BadShape) -> Edit | None:
        """A Flatten in front of the node, or of the first layer on the way to a criterion, if that is all
        that is missing: with the settings that the nodes have."""
        port = fault.port or ""
        arriving = finding.inputs.get(port, ())
        if finding.definition.role == "criterion" and port == "target":
            port, arriving = "input", finding.inputs.get("input", ())
        flat = flattened(arriving)
        if flat is None:
            return None
        if finding.definition.role != "criterion":
            fits = _fits(finding, {**finding.inputs, port: flat})
            return self._flatten_before(path, port) if fits else None
        way: list[FlatNode] = []  # from the criterion up, as long as one feeds one
        node = self.nodes.get(self.feeders[path].get(port, ""))
        while node is not None and len(node.sources) == 1:
            way.append(node)
            node = self.nodes.get(next(iter(node.sources.values())))
        for index in reversed(range(len(way))):
            first = way[index]
            shape = flattened(next(iter(first.input_shapes.values())))
            if WIDTH not in first.settings or shape is None:
                continue
            try:
                for after in reversed(way[: index + 1]):
                    shape = after.definition.infer({after.definition.ports[0]: shape}, after.settings)
            except GraphError:
                return None
            fits = _fits(finding, {**finding.inputs, port: shape})
            return self._flatten_before(first.path, first.definition.ports[0]) if fits else None
        return None

    def _flatten_before(self, path: Path, port: str) -> Edit | None:
        level = self.level.at(path[:-1])
        edit = flatten_first(level, level.nodes[path[-1]], port)
        return None if edit is None else fix_at(path[:-1], edit, level)

    def _class_counts(self, finding: Finding) -> tuple[int, int] | None:
        """(classes scored, classes in the target), for a criterion of classes whose rows differ in length."""
        scores, target = finding.inputs.get("input", ()), finding.inputs.get("target", ())
        if "target" not in finding.definition.class_ports or len(scores) != 2 or len(target) != 2:
            return None
        if target[1] == 1 or not _fits(finding, {"input": scores, "target": scores}):
            return None  # a target of one number, or of a criterion that takes class numbers only
        return int(scores[1]), int(target[1])

    def _other_fix(self, path: Path, finding: Finding, fault: WrongSize) -> Edit | None:
        """A node further up that could give the wanted size, or a Target that could have it."""
        shapes, expected, given = finding.inputs, fault.expected, fault.given
        if fault.port == "target" and "input" in shapes:
            # A target of one number for a criterion of classes is meant as a class number.
            one = "target" in finding.definition.class_ports and shapes["target"][1:] == (1,)
            width = None if one else self._resized(path, "input", shapes["input"], shapes["target"], finding)
            return width or self._reshaped_target(path, fault, finding)
        if isinstance(expected, tuple) and isinstance(given, tuple) and fault.port:
            return self._resized(path, fault.port, given, expected, finding)
        return None

    def _resized(
        self, path: Path, port: str, given: Shape, wanted: Shape, finding: Finding | None
    ) -> Edit | None:
        """Another width for the node that decides how many features arrive at a port."""
        if len(given) != len(wanted) or len(given) < 2 or given[:-1] != wanted[:-1]:
            return None
        if finding is not None and not _fits(finding, {**finding.inputs, port: wanted}):
            return None
        node = self.nodes.get(self.feeders[path].get(port, ""))
        between: list[FlatNode] = []  # nodes that give what they get, such as activations
        while node is not None and WIDTH not in node.settings:
            between.append(node)
            alone = len(node.sources) == 1 and node.shape in node.input_shapes.values()
            node = self.nodes.get(next(iter(node.sources.values()))) if alone else None
        if node is None:
            return None
        try:
            settings = node.definition.complete({**node.settings, WIDTH: wanted[-1]})
            shape = node.definition.infer(node.input_shapes, settings)
            for after in reversed(between):
                shape = after.definition.infer({after.definition.ports[0]: shape}, after.settings)
        except GraphError:
            return None
        return self._setting(node.path, WIDTH, wanted[-1]) if shape == wanted else None

    def _reshaped_target(self, path: Path, fault: WrongSize, finding: Finding) -> Edit | None:
        node = self.nodes.get(self.feeders[path].get("target", ""))
        expected = fault.expected
        if (
            node is None
            or node.definition.role != "target"
            or not isinstance(expected, tuple)
            or not expected
        ):
            return None
        if self.widths.get(node.name) == node.settings["shape"]:
            return None  # it is as the data has it
        shape = expected[1:]
        try:
            arriving = node.definition.infer({}, node.definition.complete({**node.settings, "shape": shape}))
        except GraphError:
            return None
        if not _fits(finding, {**finding.inputs, "target": arriving}):
            return None
        return self._setting(node.path, "shape", shape)

    def _setting(self, path: Path, name: str, value: Any) -> Edit:
        return fix_at(path[:-1], SetSetting(path[-1], name, value), self.level.at(path[:-1]))

    # -- class numbers

    def class_problems(self, inference: Inference) -> Iterator[Problem]:
        """Class numbers that are computed, or computed with."""
        if not _reads_classes(inference):
            return
        flat = self._flat()
        paths = {node.name: path for path, (_, node) in flat.made.items()}
        for name, fault in flat.faults.items():
            yield Problem(
                "class-numbers", "error", f"{name} {fault.sentence}.", name, paths[name], fault.port
            )

    # -- with the data

    def data_problems(self, classes: Mapping[str, int]) -> Iterator[Problem]:
        """`classes`: how many classes the numbers for a Target come from."""
        if not self.widths and not classes:
            return
        for name, given in self.widths.items():
            node = self.nodes.get(name)
            if node is None or node.definition.role not in ("input", "target"):
                continue
            expected = node.settings["shape"]
            if expected == given:
                continue
            sentence = f"{name} expects {_difference(expected, given)}."
            fix = self._setting(node.path, "shape", given)
            yield Problem("data-width", "error", sentence, name, node.path, fix=fix)
        for node in self.nodes.values():
            target = node.sources.get("target", "")
            if "target" in node.definition.class_ports and node.input_shapes["target"] == ("N",):
                count, scores = classes.get(target, 0), node.input_shapes["input"]
                if isinstance(scores[-1], int) and scores[-1] < count:
                    scorer = node.sources["input"]
                    sentence = (
                        f"{node.name} gets scores for {scores[-1]} classes from {scorer}, "
                        f"but the dataset gives {target} {count} classes."
                    )
                    wanted = (*scores[:-1], count)
                    fix = self._resized(node.path, "input", scores, wanted, None)
                    yield Problem("class-count", "error", sentence, node.name, node.path, "target", fix=fix)


def _reads_classes(inference: Inference) -> bool:
    """Whether any node does: a quick look, for most graphs."""
    return any(finding.definition.class_ports for finding in inference.findings.values()) or any(
        map(_reads_classes, inference.inside.values())
    )


def _fits(finding: Finding, shapes: Mapping[str, Shape]) -> bool:
    try:
        finding.definition.infer(shapes, finding.settings)
    except GraphError:
        return False
    return True


def _difference(expected: tuple[int, ...], given: tuple[int, ...]) -> str:
    """In numbers where both are plain rows, in shapes where one is not."""
    if expected == () and given == (1,):
        return "a class number, but the dataset gives numbers that are none"
    if len(expected) == len(given) == 1:
        numbers = "1 number" if expected[0] == 1 else f"{expected[0]:,} numbers"
        return f"{numbers}, but the dataset gives {given[0]:,}"
    return f"{format_shape(('N', *expected))}, but the dataset gives {format_shape(('N', *given))}"
