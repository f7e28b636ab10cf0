"""All problems of a graph, in the order of the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nnstudio.graph.drawing_problems import drawing_problems
from nnstudio.graph.fixes import criterion
from nnstudio.graph.flatten import flatten
from nnstudio.graph.inference import Inference
from nnstudio.graph.level import Level
from nnstudio.graph.ports import definition_of
from nnstudio.graph.problem import Place, Problem
from nnstudio.graph.size_problems import Sizes


def problems(
    level: Level,
    inference: Inference,
    data_widths: Mapping[str, tuple[int, ...]] | None = None,
    class_counts: Mapping[str, int] | None = None,
) -> list[Problem]:
    """Everything that is wrong with the graph; what is bypassed has no problems of sizes.

    data_widths are per-sample shapes by node name.
    """
    widths = {name: tuple(shape) for name, shape in (data_widths or {}).items()}
    sizes = Sizes(level, flatten(level, inference), widths)
    top = Place(level, inference)
    found = [*_of_places(top, sizes), *sizes.data_problems(class_counts or {})]
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


def _of_places(place: Place, sizes: Sizes) -> Iterator[Problem]:
    yield from drawing_problems(place)
    yield from sizes.problems(place)
    for node in place.level.nodes.values():
        if node.inside is not None and not node.bypassed:
            yield from _of_places(place.inside(node), sizes)


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
