# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Shaping: the same numbers in another arrangement."""

import numpy as np

from nnstudio.modules.equations import setting
from nnstudio.modules.module import Module
from nnstudio.modules.shapes import BadShape, WrongSize, check_batch, check_features, count, per_sample


class Flatten(Module):
    """Lays all numbers of a sample in one row, as a Linear layer wants them.

    Shapes: N×… becomes N×features, features being the product of the other axes.
    Source: torch.nn.Flatten; Torch7 nn.View(-1).
    """

    category, formula = "Shaping", "N×… → N×F"
    aliases = ("ravel", "view", "vectorise", "unroll")

    def shape(input):
        check_features(check_batch(input))
        return ("N", count(input))

    def output(input):
        return input.reshape((input.shape[0], -1))

    def grad_input(grad_output, input):
        return grad_output.reshape(input.shape)

    torch, onnx, torch7 = "nn.Flatten()", "Flatten({input}, axis=1)", "nn.View(-1)"


class Reshape(Module):
    """Arranges the numbers of each sample in another shape, row by row.

    Shapes: N×… becomes N×shape, which must hold as many numbers.
    Source: torch.reshape; Torch7 nn.Reshape.
    """

    category, formula = "Shaping", "N×… → N×shape"
    aliases = ("view", "unflatten", "rearrange", "squeeze", "unsqueeze")
    size: tuple[int, ...] = setting(
        (1,),
        "The shape of one sample; empty for one number.",
        kind="shape",
        low=1,
        high=1_000_000,
        name="shape",
    )

    def shape(input, shape):
        check_batch(input)
        if count(shape) != count(input):
            raise WrongSize(
                "input", count(shape), count(input), "numbers a sample", {"shape": per_sample(input)}
            )
        return ("N", *shape)

    def output(input, shape):
        return input.reshape(input.shape[:1] + shape)

    def grad_input(grad_output, input):
        return grad_output.reshape(input.shape)

    def torch_values(shape):
        return {"sizes": ", ".join(map(str, shape)) or "1"}

    torch = "{input}.reshape(-1, *{shape})"
    onnx, torch7 = "Reshape({input}, (-1, *{shape}))", "nn.Reshape({sizes})"


class Concat(Module):
    """Joins two arrays, the second after the first, along one axis; axis 1 is the features.

    Shapes: a and b alike but for that axis, whose sizes add up: N×3 and N×5 become N×8.
    Source: torch.cat; Torch7 nn.JoinTable (whose axes start at 1).
    """

    category, formula = "Shaping", "[a, b]"
    aliases = ("JoinTable", "join", "cat", "stack", "append")
    axis: int = setting(1, "The axis along which they are joined; axis 0 is the batch.", low=1, high=3)

    def shape(a, b, axis):
        check_batch(a, "a")
        if len(a) <= axis:
            raise BadShape(f"joins along axis {axis}, but a has only {len(a)} with the batch", "a")
        if len(a) != len(b) or a[:axis] + a[axis + 1 :] != b[:axis] + b[axis + 1 :]:
            raise WrongSize("b", (*a[:axis], "…", *a[axis + 1 :]), b)
        return (*a[:axis], a[axis] + b[axis], *a[axis + 1 :])

    def output(a, b, axis):
        return np.concatenate((a, b), axis=axis)

    def grad_a(grad_output, a, axis):
        if axis == 1:
            return grad_output[:, : a.shape[1]]
        if axis == 2:
            return grad_output[:, :, : a.shape[2]]
        return grad_output[:, :, :, : a.shape[3]]

    def grad_b(grad_output, a, axis):
        if axis == 1:
            return grad_output[:, a.shape[1] :]
        if axis == 2:
            return grad_output[:, :, a.shape[2] :]
        return grad_output[:, :, :, a.shape[3] :]

    def torch_values(axis):
        return {"lua_axis": axis + 1}

    torch = "torch.cat(({a}, {b}), dim={axis})"
    onnx, torch7 = "Concat({a}, {b}, axis={axis})", "nn.JoinTable({lua_axis})"
