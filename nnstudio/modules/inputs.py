# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Where values enter a graph and where they leave it."""

import numpy as np

from nnstudio.modules.equations import setting
from nnstudio.modules.module import Module, listed
from nnstudio.modules.module import Parameter as LearnedArray
from nnstudio.modules.shapes import BadShape, count

LARGEST_AXIS = 10_000_000


class Input(Module):
    """A feature array that comes from the data, sample by sample.

    Shapes: no input; N×shape comes out, or N for the empty shape.
    Source: the argument x of forward in PyTorch; the input of forward in Torch7.
    """

    category, role, formula = "Inputs", "input", "x"
    aliases = ("x", "data", "features", "placeholder")
    size: tuple[int, ...] = setting(
        (2,), "The shape of one sample, without the batch; empty for one number.",
        kind="shape", low=1, high=LARGEST_AXIS, name="shape",
    )  # fmt: skip

    def shape(shape):
        return ("N", *shape)


class Target(Module):
    """What the network should give for each sample, to be compared by a criterion.

    Shapes: no input; N×shape comes out. The empty shape gives N: class numbers where a criterion takes them.
    Source: the argument target of a loss in PyTorch and of a criterion in Torch7.
    """

    category, role, formula = "Inputs", "target", "t"
    aliases = ("t", "y", "label", "labels", "truth", "desired output")
    size: tuple[int, ...] = setting(
        (1,), "The shape of one sample's target, without the batch; empty for class numbers.",
        kind="shape", low=1, high=LARGEST_AXIS, name="shape",
    )  # fmt: skip

    def shape(shape):
        return ("N", *shape)


class Constant(Module):
    """Numbers that are written into the graph and that no training changes, the same for every sample.

    Shapes: no input; the shape comes out without a batch axis, so that it is repeated for every sample.
    Source: torch.nn.Module.register_buffer; Torch7 nn.Constant.
    """

    category, role, formula = "Inputs", "constant", "c"
    aliases = ("number", "literal", "buffer", "fixed")
    size: tuple[int, ...] = setting(
        (), "The shape; empty for a single number.", kind="shape", low=1, high=LARGEST_AXIS, name="shape"
    )
    value: tuple[float, ...] = setting(
        (1.0,), "The numbers, row by row; a single one fills the whole shape.", kind="numbers"
    )

    def shape(shape, value):
        check_listed(shape, value)
        return shape

    def output(value, shape):
        return np.resize(value, shape)


class Parameter(Module):
    """A learned array by itself: what the optimizer changes, wherever the graph needs it.

    Shapes: no input; the shape comes out without a batch axis. Its array is called `value`.
    Source: torch.nn.Parameter; the weight of Torch7's nn.Add.
    """

    category, role, formula = "Inputs", "parameter", "θ"
    aliases = ("weight", "theta", "variable", "learnable", "trainable")
    size: tuple[int, ...] = setting(
        (), "The shape; empty for a single number.", kind="shape", low=1, high=LARGEST_AXIS, name="shape"
    )
    start: tuple[float, ...] = setting(
        (0.0,), "The numbers at the start, row by row; a single one fills the whole shape.",
        kind="numbers", name="value",
    )  # fmt: skip

    def shape(shape, value):
        check_listed(shape, value)
        return shape

    def parameters(shape, value):
        return {"value": LearnedArray(shape, listed(value))}

    def output(value):
        return value

    def grad_value(grad_output):
        return grad_output


class Output(Module):
    """Marks a prediction of the network, or what a group gives to the outside; the value passes unchanged.

    Shapes: any shape, unchanged.
    Source: torch.nn.Identity; Torch7 nn.Identity.
    """

    category, role, formula = "Inputs", "output", "y = x"
    aliases = ("identity", "result", "prediction", "return")

    def shape(input):
        return input

    def output(input):
        return input

    def grad_input(grad_output):
        return grad_output

    torch, onnx, torch7 = "nn.Identity()", "Identity", "nn.Identity()"


def check_listed(shape, value):
    """The listed values must be as many as the shape holds, or a single one."""
    if len(value) not in (1, count(shape)):
        raise BadShape(
            f"lists {len(value):,} values, but its shape holds {count(shape):,}: list as many, or one",
            fix={"shape": (len(value),)} if value else {"value": (0.0,)},
        )
