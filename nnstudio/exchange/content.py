"""What leaves the studio with a script: network, weights, training, data, and numbers to check by."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.data.files import NotThere
from nnstudio.data.fitted import Fitted
from nnstudio.data.parting import Splits
from nnstudio.errors import DataError, ExchangeError
from nnstudio.graph import FlatGraph, FlatNode
from nnstudio.modules.shapes import format_shape
from nnstudio.program import Program, compile
from nnstudio.program.statement import Feed, Listing
from nnstudio.project import Project
from nnstudio.project.run import kept_fitted, splits_of
from nnstudio.training import optimizers
from nnstudio.training.binding import BoundData, bind, without_data
from nnstudio.training.schedules import RateSchedule
from nnstudio.training.settings import TrainingSettings

Array = npt.NDArray[Any]

CHECKED_SAMPLES = 8


@dataclass(frozen=True, eq=False)
class Content:
    """Everything that a script is written from.

    origin     the project's file name, for the reader
    program    compiled for the batch of the check, with the project's weights and optimizer state
    data       the parts of the data by node, or None
    fitted     what was fitted on their training part, or None
    feeds      the batch of the check, by node;  outputs, loss: what the studio computes for it
    epochs, steps, lr   what was trained before, and the learning rate that the run has reached
    """

    origin: str
    flat: FlatGraph
    program: Program
    settings: TrainingSettings
    data: BoundData | None
    fitted: Fitted | None
    feeds: Mapping[str, Array]
    outputs: Mapping[str, Array]
    loss: Array | None
    epochs: int
    steps: int
    lr: float
    schedule: RateSchedule

    @property
    def listing(self) -> Listing:
        return self.program.listing

    @property
    def optimizer(self) -> optimizers.OptimizerDefinition:
        return optimizers.definition(self.settings.optimizer)

    @cached_property
    def optimizer_settings(self) -> dict[str, Any]:
        """All of them, defaults included."""
        return self.optimizer.complete(self.settings.optimizer_settings)

    @property
    def trains(self) -> bool:
        """Whether there is a loss, and something to learn from it."""
        return self.loss is not None and any(parameter.trained for parameter in self.listing.parameters)

    @cached_property
    def inputs(self) -> list[Feed]:
        return [feed for feed in self.listing.feeds.values() if feed.role == "input"]

    @cached_property
    def targets(self) -> list[Feed]:
        """Those Targets that something compares with."""
        read = {name for line in self.listing.statements for name in line.reads}
        return [f for f in self.listing.feeds.values() if f.role == "target" and f.identifier in read]

    @cached_property
    def criteria(self) -> list[FlatNode]:
        return [node for node in self.flat if node.definition.role == "criterion"]

    @cached_property
    def loss_side(self) -> list[FlatNode]:
        """The criteria, and all that is only known with a target or the value of a criterion, in order."""
        compared = {feed.node for feed in self.listing.feeds.values() if feed.role == "target"}
        found: list[FlatNode] = []
        for node in self.flat:
            if node.definition.role == "criterion" or compared.intersection(node.sources.values()):
                compared.add(node.name)
                found.append(node)
        return found

    @cached_property
    def averaged(self) -> dict[bool, dict[str, float]]:
        """The shares in the loss by criterion: of those whose value is a mean over the samples, and a sum."""
        found: dict[bool, dict[str, float]] = {True: {}, False: {}}
        for node in self.criteria:
            share = float(node.settings.get("loss_weight", 1.0))
            found[node.definition.averages(node.settings)][node.name] = share
        return found

    @property
    def mixed(self) -> bool:
        """Whether the loss of a batch is in part a mean over its samples and in part their sum."""
        return bool(self.taken) and all(self.averaged.values())

    @cached_property
    def classified(self) -> tuple[str, Feed] | None:
        """The node whose largest output is a class, and the Target with the true class numbers."""
        for node in self.flat:
            for port in node.definition.class_ports:
                feed = self.listing.feeds.get(node.sources[port])
                if feed is not None and feed.classes:
                    return node.sources[node.definition.ports[0]], feed
        return None

    @property
    def tolerance(self) -> float:
        """How far the script's numbers may be from the studio's."""
        return 1e-6 if self.settings.dtype == "float64" else 1e-4

    @cached_property
    def taken(self) -> list[Feed]:
        """All that is fed: inputs first, then targets."""
        return [*self.inputs, *self.targets]

    def has(self, part: str) -> bool:
        """Whether there is data for a part ("train", "validation"), with at least one sample."""
        if self.data is None or not self.taken:
            return False
        arrays = self.data.part(part)
        return all(feed.node in arrays and len(arrays[feed.node]) for feed in self.taken)

    def arrays(self, names: Mapping[str, str], loss: str) -> dict[str, Array]:
        """What the data file holds: training and validation part, the batch of the check, what must come out.

        `names` are those of the nodes in the script, and `loss` that of the loss.
        """
        found: dict[str, Array] = {}
        for part in ("train", "validation"):
            if self.data is not None and self.has(part):
                arrays = self.data.part(part)
                found |= {f"{part}.{names[feed.node]}": arrays[feed.node] for feed in self.taken}
        found |= {f"check.{names[feed.node]}": self.feeds[feed.node] for feed in self.taken}
        found |= {f"expected.{names[node]}": array for node, array in self.outputs.items()}
        if self.loss is not None:
            found[f"expected.{loss}"] = self.loss
        return found


def needed(nodes: Sequence[FlatNode], wanted: Iterable[str]) -> list[FlatNode]:
    """Those of the nodes that the wanted ones are computed from, themselves included, in order."""
    names = set(wanted)
    for node in reversed(nodes):
        if node.name in names:
            names.update(node.sources.values())
    return [node for node in nodes if node.name in names]


def npz(arrays: Mapping[str, Array]) -> bytes:
    """The arrays as a compressed .npz, the same bytes for the same arrays."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]
    return file.getvalue()


def content_of(project: Project) -> Content:
    """Everything a script needs of a project.

    A broken graph is written as far as it is valid. Raises ExchangeError where the loss or an Output is not
    valid or there is nothing to write, DataError where the data cannot be read.
    """
    for problem in project.graph.obstacles(roles=("criterion", "output")):
        if problem.severity == "error":
            raise ExchangeError(f"The network cannot be exported before it is mended: {problem.sentence}")
    flat = project.graph.flatten()
    settings = project.training
    splits = _splits(project)
    data = None if splits is None else bind(flat, splits, settings.dtype)
    if data is not None:
        flat = without_data(flat, data.train)
    program = compile(
        project.graph,
        _checked_samples(data),
        settings.dtype,
        "numpy",
        settings.seed,
        optimizer=optimizers.definition(settings.optimizer),
        optimizer_settings=settings.optimizer_settings,
        part=flat,
    )
    if not program.predictions and not program.listing.criteria:
        raise ExchangeError("There is nothing to export: the graph computes nothing yet.")
    _take_over(project, program)
    run = project.run_state
    schedule = RateSchedule(settings.schedule, settings.schedule_settings, settings.epochs)
    if isinstance(run.get("schedule"), dict):
        schedule.load_state(run["schedule"])
    feeds = _check_batch(program, data)
    program.feed(**feeds)
    with np.errstate(all="ignore"):
        program.forward()
    return Content(
        origin=project.path.name if project.path is not None else "an unsaved project",
        flat=flat,
        program=program,
        settings=settings,
        data=data,
        fitted=kept_fitted(project) if splits is None else Fitted.of(splits),
        feeds=feeds,
        outputs={node: np.array(program[f"{node}.output"]) for node in program.predictions},
        loss=None if program.listing.loss is None else np.asarray(program.loss, program.dtype),
        epochs=_count(run.get("epoch")),
        steps=_count(run.get("step")),
        lr=_reached_rate(run, settings),
        schedule=schedule,
    )


def _splits(project: Project) -> Splits | None:
    """The data that go along; DataError says why they are needed where they are not there."""
    try:
        return splits_of(project)
    except NotThere as gone:
        raise DataError(
            f"{gone.path} is not there: it is the training data, which go along with the script; put the "
            "file back, or choose no data in the project, and the script comes without them."
        ) from None


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _reached_rate(run: Mapping[str, Any], settings: TrainingSettings) -> float:
    """The learning rate that was last set while the run went on, unless the settings have changed since."""
    rate = run.get("lr")
    return rate if isinstance(rate, float) and run.get("lr_setting") == settings.lr else settings.lr


def _checked_samples(data: BoundData | None) -> int:
    lengths = [len(array) for array in data.train.values()] if data is not None else []
    return max(1, min([CHECKED_SAMPLES, *lengths]))


def _check_batch(program: Program, data: BoundData | None) -> dict[str, Array]:
    """The first samples of the training data, or numbers of which every node can make something."""
    rng = np.random.default_rng(0)
    feeds: dict[str, Array] = {}
    for feed in program.listing.feeds.values():
        shape = (program.batch_size, *map(int, feed.shape[1:]))
        if data is not None and feed.node in data.train:
            feeds[feed.node] = data.train[feed.node][: program.batch_size]
        elif feed.classes:
            feeds[feed.node] = rng.integers(0, feed.classes, shape)
        else:
            feeds[feed.node] = rng.uniform(0.05, 0.95, shape).astype(program.dtype)
    return feeds


def _take_over(project: Project, program: Program) -> None:
    """The project's weights, and its optimizer state where it is that of this optimizer for this graph."""
    own = {parameter.key for parameter in program.listing.parameters}
    program.load_parameters({k: w for k, w in project.fitting_weights().items() if k in own})
    known = {name: array.shape for name, array in program.optimizer_state().items()}
    if known == {name: np.shape(array) for name, array in project.optimizer_state.items()}:
        program.load_optimizer_state(project.optimizer_state)


def described(feed: Feed) -> str:
    """What a feed is fed, in words: "N×64" or "N class numbers below 10"."""
    return f"N class numbers below {feed.classes:,}" if feed.classes else format_shape(feed.shape)
