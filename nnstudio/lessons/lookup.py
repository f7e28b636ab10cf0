"""Lookup: what a name in a check or a text stands for on a stage.

fc1.weight, fc1 (its output), loss, lr      of the program
fc1.out_features                            a setting of the node
before.KEY, start.KEY                       the value when the step began, when the lesson began
jacobian(NODE)                              the derivative of the node's output by its input, for sample 0
hessian(), eigenvalues(), curvature.…       of the loss, by all parameters
regions(NODE)                               into how many pieces a first ReLU layer cuts the inputs
program.parameters, training.test_loss, …   of the program and of the training
data.noise, data.samples                    an option of the data set
run.NAME.losses, script.FORMAT.…            of a recorded run, of an exported script
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from nnstudio.errors import Error, LessonError, ProgramError
from nnstudio.lessons.checks import NotYet
from nnstudio.program.expression import ANYWHERE
from nnstudio.wording import nearest

if TYPE_CHECKING:
    from nnstudio.lessons.stage import Stage
    from nnstudio.program import Program

Array = npt.NDArray[Any]

OF_PROGRAM = ("parameters", "multiply_adds", "batch_size", "position", "statements")
OF_TRAINING = ("epoch", "step", "lr", "batch_size", "samples")
PARTS = ("train", "validation", "test")
METRICS = ("loss", "accuracy", "rmse", "mae", "r2")
OF_CURVATURE = ("hessian", "eigenvalues", "largest_stable_lr")
LARGEST_GRID = 40_000


class Lookup:
    """Called with a name, gives its value. Raises Error where there is none, NotYet where not yet."""

    def __init__(
        self,
        stage: Stage,
        before: Mapping[str, Any] | None = None,
        start: Mapping[str, Any] | None = None,
    ) -> None:
        self._stage = stage
        self._kept: dict[str, Mapping[str, Any]] = {"before": before or {}, "start": start or {}}
        self._special: dict[str, Callable[[str], Any]] = {
            "curvature": self._curvature,
            "program": self._program,
            "training": self._training,
            "data": self._data,
            "run": self._run,
            "script": self._script,
        }

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """What a lesson may call."""
        return {
            "jacobian": self._jacobian,
            "hessian": lambda: self._curvature("hessian"),
            "eigenvalues": lambda: self._curvature("eigenvalues"),
            "regions": self._regions,
        }

    @property
    def rounding(self) -> float:
        """What two ways to compute the same may differ by, relative to the largest number."""
        program = self._stage.program
        return 1e-9 if program is not None and program.dtype == np.float64 else 1e-5

    @property
    def program(self) -> Program:
        """The program that is stepped. Raises NotYet while there is none."""
        program = self._stage.program
        if program is None:
            raise NotYet("there is no program yet.")
        return program

    def __call__(self, name: str) -> Any:
        head, dot, rest = name.partition(".")
        if dot and head in self._kept:
            return self._remembered(head, rest)
        if dot and head in self._special:
            return self._special[head](rest)
        program = self.program
        if name == ANYWHERE:
            return [program[key] for key in program if program.is_current(key)]
        if name == "lr":
            return program.lr
        if name == "loss" and "loss.output" not in program:
            return self._current(lambda: program.loss)
        key = f"{name}.output" if f"{name}.output" in program else name
        if key not in program:
            return self._setting(name)
        return self._current(lambda: _copy(program[key]))

    def _current(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except ProgramError as problem:
            raise NotYet(str(problem)) from None

    def _remembered(self, when: str, name: str) -> Any:
        if name not in self._kept[when]:
            self(name)  # a name that is none is told as such
            words = "the step" if when == "before" else "the lesson"
            raise LessonError(f"{name} was not yet computed when {words} began.")
        return self._kept[when][name]

    def _setting(self, name: str) -> Any:
        node, _, setting = name.rpartition(".")
        graph = self._stage.project.graph
        settings: Mapping[str, Any] = {}
        if node in {each.name for each in graph.nodes.values()}:
            settings = graph.node(node).settings
        value: Any = settings.get(setting)
        if isinstance(value, bool | int | float):
            return value
        if isinstance(value, tuple | list):
            return np.asarray(cast("list[float]", value))
        known = [*self.program.keys(), *(each.name for each in graph.nodes.values())]
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else "is the node still in the graph?"
        raise LessonError(f"there is nothing called {name}; {hint}")

    # -- explained

    def _jacobian(self, node: str, layout: str = "numerator") -> Array:
        from nnstudio.explain.jacobian import jacobian

        program = self.program
        if layout != "numerator" and layout != "denominator":
            raise LessonError(f"a Jacobian's layout is numerator or denominator, not {layout}.")
        self._current(lambda: program[f"{node}.output"])
        return jacobian(program, node, layout=layout).matrix

    def _curvature(self, what: str) -> Any:
        from nnstudio.explain.curvature import curvature

        _known("curvature", what, OF_CURVATURE)
        return getattr(curvature(self.program), what)

    def _regions(self, node: str) -> int:
        from nnstudio.lessons.regions import regions

        return regions(self.program, node)

    # -- the program and the training

    def _program(self, what: str) -> int:
        _known("program", what, OF_PROGRAM)
        program = self.program
        if what == "parameters":
            return program.parameter_count
        if what == "statements":
            return len(program.statements)
        return int(getattr(program, what))

    def _training(self, what: str) -> Any:
        measured = [f"{part}_{metric}" for part in PARTS for metric in METRICS]
        _known("training", what, (*OF_TRAINING, *measured))
        project = self._stage.project
        if what in ("lr", "batch_size"):
            return getattr(project.training, what)
        if what == "epoch":
            return len(project.history)
        if what == "step":
            return int(project.history[-1].get("step", 0)) if project.history else 0
        if what == "samples":
            return _samples(self._stage)
        if not project.history:
            raise NotYet("nothing has been trained yet.")
        value = project.history[-1].get(what)
        if value is None and what.startswith("test_"):
            value = _tested(self._stage).get(what.removeprefix("test_"))
        if value is None:
            raise LessonError(f"training.{what} is not measured for these data.")
        return float(value)

    def _data(self, what: str) -> Any:
        from nnstudio.data import catalogue

        data = self._stage.project.data
        if data is None:
            raise LessonError("the project has no data.")
        made = next((entry for entry in catalogue() if entry.name == data.source), None)
        options: dict[str, Any] = {each.name: each.default for each in made.options} if made else {}
        options |= data.options
        _known("data", what, tuple(options))
        return options[what]

    def _run(self, name: str) -> Any:
        key, _, what = name.rpartition(".")
        if key not in self._stage.own.runs:
            raise NotYet(f"no run has been recorded as {key or name} yet.")
        run = self._stage.own.runs[key]
        if what == "losses":
            return np.asarray(run.losses)
        if what == "steps":
            return len(run.losses)
        if what == "epochs":
            return len(run.entries)
        values = [entry.get(what) for entry in run.entries]
        if not values or any(value is None for value in values):
            raise LessonError(
                f"run.{name}: the run has no {what}; it has losses, steps, epochs, train_loss, …"
            )
        return np.asarray(values, np.float64)

    def _script(self, name: str) -> Any:
        format, _, what = name.partition(".")
        if format not in self._stage.own.scripts:
            raise NotYet(f"the {format} script has not been run yet.")
        return self._stage.own.scripts[format].value(what)


def _known(space: str, what: str, names: tuple[str, ...]) -> None:
    if what not in names:
        near = nearest(what, names)
        hint = f"did you mean {space}.{near}?" if near else f"there are {', '.join(names) or 'none'}."
        raise LessonError(f"there is no {space}.{what}; {hint}")


def _copy(array: Array) -> Any:
    """Of its own, so that the next statement does not change it; a number where it is one."""
    return array.item() if array.ndim == 0 else array.copy()


def _samples(stage: Stage) -> int:
    from nnstudio.project.run import splits_of

    splits = splits_of(stage.project)
    return 0 if splits is None else len(splits.train)


def _tested(stage: Stage) -> dict[str, float]:
    from nnstudio.project.run import trainer_of

    return trainer_of(stage.project).evaluate("test")


def quantity(program: Program, name: str) -> str:
    """The key that a written name means: a node's own name is its output."""
    key = f"{name}.output"
    return key if name not in program and key in program else name


def remember(lookup: Lookup, wanted: set[str]) -> dict[str, Any]:
    """The values of those names that have one now."""
    kept: dict[str, Any] = {}
    for name in wanted:
        try:
            kept[name] = lookup(name)
        except Error:
            continue
    return kept
