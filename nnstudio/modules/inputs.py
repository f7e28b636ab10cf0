# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Where values enter a graph and where they leave it."""

from nnstudio.modules.equations import setting
from nnstudio.modules.module import Module

LARGEST_AXIS = 10_000_000


class Input(Module):
    """A feature array that comes from the data, sample by sample.

    Shapes: no input; N×shape comes out, or N for the empty shape.
    Source: a network's argument x in PyTorch and in Torch7.
    """

    category, role, formula = "Inputs", "input", "x"
    aliases = ("x", "data", "features", "placeholder")
    size: tuple[int, ...] = setting(
        (2,),
        "The shape of one sample, without the batch.",
        kind="shape",
        low=1,
        high=LARGEST_AXIS,
        name="shape",
    )

    def shape(shape):
        return ("N", *shape)


class Target(Module):
    """What the network should give for each sample, to be compared by a criterion.

    Shapes: no input; N×shape comes out. The empty shape gives N: class numbers where a criterion takes them.
    Source: a criterion's target argument in PyTorch and in Torch7.
    """

    category, role, formula = "Inputs", "target", "t"
    aliases = ("t", "y", "label", "labels", "truth")
    size: tuple[int, ...] = setting(
        (1,),
        "The shape of one sample's target, without the batch; empty for class numbers.",
        kind="shape",
        low=1,
        high=LARGEST_AXIS,
        name="shape",
    )

    def shape(shape):
        return ("N", *shape)


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
