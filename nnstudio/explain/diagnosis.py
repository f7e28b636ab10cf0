"""What goes wrong in a net: numbers that are none, dead units, saturation, gradients that fade or blow up,
and a loss that runs away."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnstudio.explain.keeping_off import at, kept_off
from nnstudio.explain.local import Anatomy, Local, anatomy, worked_out
from nnstudio.explain.not_finite import HUGE, Spoilt, first_spoilt, told
from nnstudio.explain.numerals import plain_number
from nnstudio.graph import ChangeType, Edit, SetSetting
from nnstudio.graph import Sequence as Edits
from nnstudio.graph.flatten import FlatNode
from nnstudio.modules.module import Definition
from nnstudio.modules.shapes import has_batch
from nnstudio.program.program import Program
from nnstudio.project.edits import ProjectEdit, SetTraining, SetWeights, Together
from nnstudio.project.project import Project

Array = npt.NDArray[Any]
Kind = Literal["spoilt", "dead", "saturation", "vanishing", "exploding", "loss"]

FEWEST_SAMPLES = 8
"""From fewer samples nothing is said about units."""
DEAD = 0.25
"""Share of a layer's units that are zero for every sample. Units that do not answer to one batch are common;
Karpathy (CS231n, Neural Networks 1) reports 40 % in nets whose learning rate was too high."""
FLAT = 0.05
"""A slope below this share of the steepest one: σ′ < 0.0125, which is |x| > 4.4."""
SATURATED = 0.5
"""Share of a layer's values on the flat parts. Glorot and Bengio (2010) find learning stalled there."""
FADED = 1e-3
"""The root mean square of the smallest weight gradient beside the largest, along the layers.
Glorot and Bengio (2010), section 4, watch it fade; by a factor of a thousand the first layers stand still."""
BLOWN_UP = 1e3
"""The same from the last layer to the first; and this, as the norm of all gradients, by itself
(Pascanu, Mikolov and Bengio, 2013, clip at norms a hundred times smaller)."""
RUN_AWAY = 3.0
"""The loss of the last epoch beside the smallest before it."""
FEW = 0.1
"""Share of an array: so many spoilt numbers are mended one by one, with more it starts again."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    node     where; "" for the whole net
    kind     "spoilt", "dead", "saturation", "vanishing", "exploding" or "loss"
    figure   the measured figure in a sentence
    cause    why, in a sentence
    remedy   an edit of the graph or of the project that helps, or None
    remedy_label   what its button says
    """

    node: str
    kind: Kind
    figure: str
    cause: str
    remedy: Edit | ProjectEdit | None = None
    remedy_label: str = ""


def diagnose(
    program: Program, history: Sequence[Mapping[str, Any]] = (), project: Project | None = None
) -> list[Finding]:
    """What is wrong with this moment of a program, and with the run so far; the worst first.

    What is not current is not judged: run forward and backward first. `history` is the project's, one entry
    an epoch. With `project`, a remedy may change its training settings too. Of a program that has not run
    there is nothing to say: the list is empty.
    """
    local = Local(program)
    spoilt = first_spoilt(program)
    found = (
        [*_loss(program, history, project), *_gradients(program)]
        if spoilt is None
        else [_not_finite(program, spoilt, project)]
    )
    for node in local.anatomy.nodes.values():
        seen = program.is_current(f"{node.name}.output") and has_batch(node.shape)
        if seen and node.definition.elementwise and node.definition.category == "Activations":
            finding = _activation(local, node)
            found += [finding] if finding else []
    return found


# -- units ---------------------------------------------------------------------------------------------


def _activation(local: Local, node: FlatNode) -> Finding | None:
    output = local.output(node)
    if len(output) < FEWEST_SAMPLES:
        return None
    slopes = np.abs(local.gradient(node, "input", np.ones_like(output)))
    steepest, left, right = _ends(node.definition, dict(node.settings))
    if left < FLAT * steepest and right < FLAT * steepest:
        return _saturation(local, node, float(np.mean(slopes < FLAT * steepest)))
    if left == 0.0:
        units = slopes.reshape((len(slopes), -1))
        dead = int((units == 0).all(axis=0).sum())
        if dead >= DEAD * units.shape[1]:
            return _dead(node, dead, units.shape[1], len(slopes))
    return None


def _ends(definition: Definition, settings: Mapping[str, Any]) -> tuple[float, float, float]:
    """The steepest slope of an activation, and those far out on either side, from its own equations."""
    x = np.linspace(-40, 40, 1601)
    known: dict[str, Any] = {**settings, "input": x, "grad_output": np.ones_like(x), "weight": np.ones(1)}

    with np.errstate(all="ignore"):
        slope = np.abs(np.asarray(worked_out(definition, known, "grad_input")))
    return float(slope.max()), float(slope[0]), float(slope[-1])


def _dead(node: FlatNode, dead: int, units: int, samples: int) -> Finding:
    unit = "unit gives" if units == 1 else "units give"
    return Finding(
        node.name, "dead",
        f"{dead:,} of {units:,} {unit} no slope for any of the {samples:,} samples.",
        f"Everything that arrives there is negative, so no gradient passes {node.name} and the weights "
        "before it no longer learn; too large an update or bias often does this.",
        at(node, lambda ident: ChangeType(ident, "LeakyReLU")), f"Change {node.name} to LeakyReLU",
    )  # fmt: skip


def _saturation(local: Local, node: FlatNode, share: float) -> Finding | None:
    if share < SATURATED:
        return None
    before = local.anatomy.nodes[node.sources["input"]]
    spread = float(np.std(local.output(before), dtype=np.float64))  # squares of what has grown without bounds
    remedy, label = None, ""
    if before.definition.name == "Linear" and spread > 1:
        values: dict[str, Array] = {
            f"{before.name}.{name}": np.array(local.argument(before, name)) for name in before.parameters
        }
        label = f"Scale the weights of {before.name} by {plain_number(1 / spread, 2)}"
        smaller = {key: (array / spread).astype(array.dtype) for key, array in values.items()}
        remedy = SetWeights(smaller, label)
    return Finding(
        node.name, "saturation",
        f"{100 * share:.0f} % of the values of {node.name} lie where its slope is below "
        f"{100 * FLAT:.0f} % of the steepest.",
        f"What arrives spreads by {plain_number(spread, 2)} around its mean, far onto the flat ends, so that "
        "hardly any gradient passes.",
        remedy, label,
    )  # fmt: skip


# -- numbers that are none -----------------------------------------------------------------------------


def _not_finite(program: Program, spoilt: Spoilt, project: Project | None) -> Finding:
    figure, cause = told(spoilt)
    remedy: Edit | ProjectEdit | None = None
    label = ""
    learned = {item.key for item in program.listing.parameters}
    mended = kept_off(program, spoilt)
    if spoilt.key in learned and spoilt.nans + spoilt.infinities <= max(1, FEW * spoilt.size):
        array = program[spoilt.key]
        label = "Put 0 in its place" if spoilt.nans + spoilt.infinities == 1 else "Put 0 in their place"
        remedy = SetWeights({spoilt.key: np.where(np.isfinite(array), array, array.dtype.type(0))}, label)
    elif mended is not None:
        remedy, label, words = mended
        cause += f" A {label.split()[2]} before it {words}."
    elif spoilt.key in learned or (spoilt.grown and not _reads_large_data(program)):
        remedy, label = _slower(program, project)
    return Finding(spoilt.node, "spoilt", figure, cause, remedy, label)


def _reads_large_data(program: Program) -> bool:
    fed = (program[f"{name}.output"] for name in program.inputs)
    return any(float(np.abs(array).max(initial=0.0)) >= HUGE for array in fed)


def _slower(program: Program, project: Project | None) -> tuple[ProjectEdit, str]:
    """Start again, with a learning rate that is a tenth."""
    afresh = dict.fromkeys((item.key for item in program.listing.parameters), None)
    if project is None:
        return SetWeights(afresh, "Start again"), "Start again"
    lr = project.training.lr / 10
    label = f"Set the learning rate to {lr:g} and start again"
    settings = SetTraining(replace(project.training, lr=lr), label)
    return Together((settings, SetWeights(afresh, label)), label), label


# -- gradients -----------------------------------------------------------------------------------------


def _gradients(program: Program) -> list[Finding]:
    sizes: dict[str, float] = {}
    for item in program.listing.parameters:
        node = item.key.rpartition(".")[0]
        if item.trained and len(item.parameter.shape) == 2 and program.is_current(_gradient_of(item.key)):
            gradient = program[_gradient_of(item.key)].astype(np.float64)
            with np.errstate(over="ignore"):
                sizes[node] = float(np.sqrt(np.mean(gradient * gradient)))
    if not any(sizes.values()):
        return []
    structure = anatomy(program)
    order = [name for name in structure.order if name in sizes]
    if not all(map(math.isfinite, sizes.values())):
        return []  # of before, or else it was told where that began
    norm = math.sqrt(sum(
        float(np.sum(np.square(program[_gradient_of(item.key)], dtype=np.float64)))
        for item in program.listing.parameters if item.trained and program.is_current(_gradient_of(item.key))
    ))  # fmt: skip
    first, last = order[0], order[-1]
    ratio = sizes[first] / sizes[last] if sizes[last] else math.inf
    if norm > BLOWN_UP or (len(order) > 2 and ratio > BLOWN_UP):
        figure = f"The gradient of all parameters has the length {plain_number(norm, 3)}"
        if len(order) > 2:
            figure += f"; at {first} it is {plain_number(ratio, 3)} times as large as at {last}"
        return [_exploding(program, structure, first, f"{figure}.")]
    if len(order) > 2 and ratio < FADED:
        return [_vanishing(program, structure, first, last, ratio)]
    return []


def _exploding(program: Program, structure: Anatomy, node: str, figure: str) -> Finding:
    cause = (
        "Going back, every layer multiplies the gradient by its weights; where these are large it grows from "
        "layer to layer."
    )
    remedy, label = _start_again(program, structure)
    return Finding(node, "exploding", figure, cause, remedy, label)


def _vanishing(program: Program, structure: Anatomy, first: str, last: str, ratio: float) -> Finding:
    bent = [
        node for node in structure.nodes.values()
        if node.definition.elementwise and node.definition.category == "Activations"
        and _saturates(node) and node.name in structure.readers
    ]  # fmt: skip
    figure = f"The gradient at {first} is {plain_number(ratio, 2)} times that at {last}."
    names = sorted({node.definition.name for node in bent})
    cause = (
        f"Every layer multiplies the gradient by the slope of its {' or '.join(names)}, which is far below "
        "one for most values, and by its weights." if bent
        else "Every layer multiplies the gradient by its weights, and these are small."
    )  # fmt: skip
    remedy, label = _start_again(program, structure, bent)
    return Finding(first, "vanishing", figure, cause, remedy, label)


def _saturates(node: FlatNode) -> bool:
    steepest, left, right = _ends(node.definition, dict(node.settings))
    return left < FLAT * steepest and right < FLAT * steepest


def _start_again(program: Program, structure: Anatomy, bent: Sequence[FlatNode] = ()) -> tuple[Together, str]:
    """ReLU for what bends too much, and weights that keep sizes as they are (He et al., 2015), drawn anew."""
    layers = [node for node in structure.nodes.values() if node.definition.name == "Linear"]
    edits: list[Edit] = [at(node, lambda ident: ChangeType(ident, "ReLU")) for node in bent]
    edits += [at(node, lambda ident: SetSetting(ident, "init", "he")) for node in layers]
    keys = {item.key: None for item in program.listing.parameters}
    label = "Use ReLU and start again with He's weights" if bent else "Start again with He's weights"
    return Together((Edits(edits, label), SetWeights(keys, label)), label), label


# -- the loss ------------------------------------------------------------------------------------------


def _loss(program: Program, history: Sequence[Mapping[str, Any]], project: Project | None) -> list[Finding]:
    losses = [float(entry["train_loss"]) for entry in history if "train_loss" in entry]
    figure = ""
    if _has_loss(program) and not math.isfinite(program.loss):
        figure = f"The loss is {plain_number(program.loss)}."
    if not figure and losses and not math.isfinite(losses[-1]):
        figure = f"The loss of epoch {len(losses)} is {plain_number(losses[-1])}."
    elif not figure and len(losses) > 1:
        best = min(losses[:-1])
        if losses[-1] > RUN_AWAY * max(best, 1e-12) and losses[-1] > losses[0] * 0.5:
            figure = (
                f"The loss of epoch {len(losses)} is {plain_number(losses[-1], 3)}, after "
                f"{plain_number(best, 3)} in epoch {losses.index(best) + 1}."
            )
    if not figure:
        return []
    cause = "The updates are too large for how the loss bends: each lands further out than the last."
    remedy, label = (None, "") if project is None else _slower(program, project)
    return [Finding("", "loss", figure, cause, remedy, label)]


def _gradient_of(key: str) -> str:
    node, _, name = key.rpartition(".")
    return f"{node}.grad_{name}"


def _has_loss(program: Program) -> bool:
    names = program.listing.keys.items()
    return any(program.is_current(key) for key, name in names if name == program.listing.loss)
