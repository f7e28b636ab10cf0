"""What a node type is: a Module, and its Definition, which the graph, the compiler and the exports read."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from nnstudio.modules.equations import Description, Equations, argument_names, setting
from nnstudio.modules.shapes import Shape, WrongSize, check_count

Role = Literal["input", "target", "constant", "parameter", "output", "criterion", "group", "module"]


@dataclass(frozen=True)
class Init:
    """How a parameter starts; made by one of the functions below."""

    kind: Literal["uniform", "normal", "constant", "listed"]
    values: tuple[float, ...]

    def sample(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike
    ) -> npt.NDArray[Any]:
        """A new array. The numbers are drawn in float64, so that a seed means the same in every dtype."""
        first = self.values[0]
        match self.kind:
            case "uniform":
                return np.asarray(rng.uniform(-first, first, shape)).astype(dtype)
            case "normal":
                return np.asarray(rng.normal(0.0, first, shape)).astype(dtype)
            case "constant":
                return np.full(shape, first, dtype)
            case "listed":
                return np.array(np.broadcast_to(np.array(self.values), math.prod(shape)), dtype).reshape(
                    shape
                )


def uniform(bound: float) -> Init:
    """Evenly between -bound and +bound."""
    return Init("uniform", (bound,))


def normal(std: float) -> Init:
    """Normal around zero with the standard deviation std."""
    return Init("normal", (std,))


def constant(value: float) -> Init:
    """The same value everywhere."""
    return Init("constant", (value,))


def listed(values: tuple[float, ...]) -> Init:
    """The values as they are listed, row by row; a single one fills the array."""
    return Init("listed", values)


@dataclass(frozen=True)
class Parameter:
    """A learned array: its shape, and how it starts."""

    shape: tuple[int, ...]
    init: Init


class Module(Equations):
    """A node type, defined once by its equations.

    In the class body of a subclass, all functions plain (no self):

    - `shape(...)`: the output's shape. Its arguments that are no settings are the input ports, in order.
    - `parameters(...)`: {name: Parameter}, from the shapes at the ports and the settings.
    - `output(...)`, and `grad_<port or parameter>(...)` for what a gradient flows to.
    - any other function is an intermediate quantity, computed once in forward and kept for backward.
    - `torch_values(...)`: more values for the export templates, from the shapes at the ports and settings.

    Arguments name a port, a parameter, `output`, `grad_output`, another quantity, or a setting, looked up in
    that order. `torch` is a template over these in braces: "nn.…" is a submodule called with the ports in
    order, anything else an expression. `onnx` is an operator's name, applied to the ports in order, or an
    expression of operators; an argument that is a parameter the node does not have is left out. `torch7` is
    the Lua constructor.

    `class_ports` may be fed class numbers. Of a criterion, `sums` are the reductions that add up over the
    samples where the others average, and `halfway` is the output that lies between the classes 0 and 1.
    """

    category: ClassVar[str] = "Other"
    role: ClassVar[Role] = "module"
    elementwise: ClassVar[bool] = False
    class_ports: ClassVar[tuple[str, ...]] = ()
    sums: ClassVar[tuple[str, ...]] = ()
    halfway: ClassVar[float] = 0.5
    torch: ClassVar[str | None] = None
    onnx: ClassVar[str | None] = None
    torch7: ClassVar[str | None] = None


class Activation(Module):
    """A function of one port that leaves the shape as it is; by default it works on each number by itself."""

    category = "Activations"
    elementwise = True

    def shape(input: Shape) -> Shape:  # pyright: ignore
        return input


class Criterion(Module):
    """Compares `input` with `target`, two arrays of one shape; its output is the scalar loss.

    By default it works number by number: a subclass gives `losses`, what each number costs, and `slope`, its
    derivative; here they are averaged or added up.
    """

    category = "Criteria"
    role = "criterion"
    sums = ("sum", "half-sum")

    reduction: str = setting("mean", "How the numbers become one loss.", choices=("mean", "sum"))
    loss_weight: float = setting(
        1.0, "Its share of the total loss, where there are several.", low=-1e6, high=1e6
    )

    def shape(input: Shape, target: Shape) -> Shape:  # pyright: ignore
        if input != target:
            raise WrongSize("target", input, target)
        return ()

    def output(losses: Any, reduction: str) -> Any:  # pyright: ignore
        if reduction == "mean":
            return losses.mean()
        return losses.sum()

    def grad_input(grad_output: Any, slope: Any, reduction: str) -> Any:  # pyright: ignore
        if reduction == "mean":
            return slope * (grad_output * (1 / slope.size))
        return slope * grad_output


RESERVED = ("shape", "parameters", "output", "torch_values")


class Definition(Description):
    """Everything there is to know about one node type, read from its class."""

    cls: type[Module]

    def __init__(self, cls: type[Module]) -> None:
        super().__init__(cls)
        self.category: str = cls.category
        self.role: Role = cls.role
        self.elementwise: bool = cls.elementwise
        self.class_ports: tuple[str, ...] = cls.class_ports
        self.halfway: float = cls.halfway
        self.torch: str | None = cls.torch
        self.onnx: str | None = cls.onnx
        self.torch7: str | None = cls.torch7
        self.ports: tuple[str, ...] = self._ports()
        self.quantities: tuple[str, ...] = tuple(
            name for name in self.functions if name not in RESERVED and not name.startswith("grad_")
        )
        self._check_names()

    @property
    def torch_values(self) -> Callable[..., dict[str, Any]] | None:
        """Further values for the export templates, or None."""
        return self.functions.get("torch_values")

    @property
    def gradients(self) -> tuple[str, ...]:
        """The ports and parameters that a gradient flows to."""
        return tuple(name.removeprefix("grad_") for name in self.functions if name.startswith("grad_"))

    def averages(self, settings: Mapping[str, Any]) -> bool:
        """Whether a criterion's loss, with these settings, is a mean over the samples and not their sum."""
        return settings.get("reduction") not in self.cls.sums

    def infer(self, shapes: Mapping[str, Shape], settings: Mapping[str, Any]) -> Shape:
        """The output's shape, from the shape at every port.

        Raises WrongSize where a port's size is wrong, and BadShape (which WrongSize is too) for anything else
        that cannot be: an axis that is not there, settings that contradict each other, too large an array.
        """
        shape = cast("Shape", self._call("shape", shapes, settings))
        check_count(shape, "output")
        for name, parameter in self.parameters(shapes, settings).items():
            check_count(parameter.shape, name)
        return shape

    def parameters(self, shapes: Mapping[str, Shape], settings: Mapping[str, Any]) -> dict[str, Parameter]:
        """The learned arrays for these shapes and settings; the shapes are ones that `infer` accepts."""
        if "parameters" not in self.functions:
            return {}
        return cast("dict[str, Parameter]", self._call("parameters", shapes, settings))

    def _call(self, function: str, shapes: Mapping[str, Shape], settings: Mapping[str, Any]) -> Any:
        values = {**settings, **shapes}
        return self.functions[function](**{name: values[name] for name in self.reads(function)})

    def _ports(self) -> tuple[str, ...]:
        if "shape" not in self.functions:
            return ()
        return tuple(name for name in self.reads("shape") if name not in self.settings)

    def _check_names(self) -> None:
        """A name that nothing answers to is a slip in the definition: say so when it is read, not later."""
        known = {*self.ports, *self.gradients, *self.quantities, *self.settings, "output", "grad_output"}
        for name, function in self.functions.items():
            allowed = known if name not in ("parameters", "torch_values") else {*self.ports, *self.settings}
            for argument in argument_names(function):
                if argument not in allowed:
                    raise TypeError(f"{self.name}.{name} reads {argument!r}, which it does not have")
