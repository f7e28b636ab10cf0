"""All problems of a graph, in the order of the document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nnstudio.graph.drawing_problems import Drawn, drawing_problems
from nnstudio.graph.fixes import criterion
from nnstudio.graph.flatten import FlatGraph
from nnstudio.graph.inference import Inference
from nnstudio.graph.level import Level
from nnstudio.graph.ports import definition_of
from nnstudio.graph.problem import Context, Path, Place, Problem
from nnstudio.graph.size_problems import Sizes


class Problems:
    """Looks for the problems of a graph, again after every edit; what the edit left alone is taken over."""

    def __init__(self) -> None:
        self._drawn: dict[Path, Drawn] = {}

    def find(
        self,
        level: Level,
        inference: Inference,
        flat: Callable[[], FlatGraph],
        data_widths: Mapping[str, tuple[int, ...]] | None = None,
        class_counts: Mapping[str, int] | None = None,
    ) -> list[Problem]:
        """Everything that is wrong with the graph; what is bypassed has no problems of sizes.

        `flat` gives the graph without its groups, where that is needed. `data_widths` are per-sample shapes
        by node name.
        """
        widths = {name: tuple(shape) for name, shape in (data_widths or {}).items()}
        sizes = Sizes(level, flat, widths)
        former, self._drawn = self._drawn, {}
        top = Place(level, inference, former=_context(former, ()))
        found = [
            *self._of_places(top, sizes, former),
            *sizes.class_problems(inference),
            *sizes.data_problems(class_counts or {}),
        ]
        if level.extra:
            fields = ", ".join(level.extra)
            sentence = f"The graph has {fields}, which this version does not know: kept, but without effect."
            found.append(Problem("unknown-field", "warning", sentence))
        if not level.nodes:
            sentence = "The graph is empty: add an Input and what should be computed from it."
            found.append(Problem("empty", "warning", sentence))
        elif not _has_criterion(level):
            sentence = "The graph has no criterion, so it can run but not train: add one, such as MSE."
            fix = criterion(level, inference, widths, class_counts or {})
            found.append(Problem("no-criterion", "warning", sentence, fix=fix))
        return found

    def _of_places(self, place: Place, sizes: Sizes, former: Mapping[Path, Drawn]) -> Iterator[Problem]:
        drawn = self._drawn[place.path] = drawing_problems(place, former.get(place.path))
        yield from drawn.problems
        yield from sizes.problems(place)
        for node in place.level.nodes.values():
            if node.inside is not None and not node.bypassed:
                inside = place.inside(node, _context(former, (*place.path, node.id)))
                yield from self._of_places(inside, sizes, former)


def _context(former: Mapping[Path, Drawn], path: Path) -> Context | None:
    return former[path].context if path in former else None


def _has_criterion(level: Level) -> bool:
    for node in level.nodes.values():
        if node.inside is not None:
            if not node.bypassed and _has_criterion(node.inside):
                return True
            continue
        definition = definition_of(node)
        if definition is not None and definition.role == "criterion":
            return True
    return False
