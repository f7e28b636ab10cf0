# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Modules of two inputs, combined number by number (Torch7 calls a list of inputs a table).

The two shapes are equal, or one is repeated along axes that it lacks or has once: a Constant or Parameter
without a batch axis beside N×…. Its gradient is then added up along these axes.
"""

import numpy as np

from nnstudio.modules.module import Module
from nnstudio.modules.numeric import sum_to
from nnstudio.modules.shapes import broadcast


class CAddTable(Module):
    """Adds two arrays number by number.

    y = a + b.
    Shapes: a and b of one shape, which comes out; or one repeated over the other.
    Source: Torch7 nn.CAddTable; torch.add.
    """

    category, formula = "Tables", "a + b"
    aliases = ("plus", "sum", "residual", "skip connection", "add two")

    def shape(a, b):
        return broadcast(a, b)

    def output(a, b):
        return a + b

    def grad_a(grad_output, a):
        if a.shape == grad_output.shape:
            return grad_output
        return sum_to(grad_output, a)

    def grad_b(grad_output, b):
        if b.shape == grad_output.shape:
            return grad_output
        return sum_to(grad_output, b)

    torch, onnx, torch7 = "{a} + {b}", "Add", "nn.CAddTable()"


class CSubTable(Module):
    """Subtracts the second array from the first, number by number.

    y = a - b.
    Shapes: a and b of one shape, which comes out; or one repeated over the other.
    Source: Torch7 nn.CSubTable; torch.sub.
    """

    category, formula = "Tables", "a − b"
    aliases = ("minus", "difference", "subtract")

    def shape(a, b):
        return broadcast(a, b)

    def output(a, b):
        return a - b

    def grad_a(grad_output, a):
        if a.shape == grad_output.shape:
            return grad_output
        return sum_to(grad_output, a)

    def grad_b(grad_output, b):
        if b.shape == grad_output.shape:
            return -grad_output
        return -sum_to(grad_output, b)

    torch, onnx, torch7 = "{a} - {b}", "Sub", "nn.CSubTable()"


class CMulTable(Module):
    """Multiplies two arrays number by number.

    y = a b; ∂y/∂a = b, and ∂y/∂b = a.
    Shapes: a and b of one shape, which comes out; or one repeated over the other.
    Source: Torch7 nn.CMulTable; torch.mul.
    """

    category, formula = "Tables", "a b"
    aliases = ("multiply", "times", "product", "hadamard", "gate")

    def shape(a, b):
        return broadcast(a, b)

    def output(a, b):
        return a * b

    def grad_a(grad_output, a, b):
        if a.shape == grad_output.shape:
            return grad_output * b
        return sum_to(grad_output * b, a)

    def grad_b(grad_output, a, b):
        if b.shape == grad_output.shape:
            return grad_output * a
        return sum_to(grad_output * a, b)

    torch, onnx, torch7 = "{a} * {b}", "Mul", "nn.CMulTable()"


class CDivTable(Module):
    """Divides the first array by the second, number by number.

    y = a / b; ∂y/∂a = 1/b, and ∂y/∂b = -y/b.
    Shapes: a and b of one shape, which comes out; or one repeated over the other.
    Source: Torch7 nn.CDivTable; torch.div.
    """

    category, formula = "Tables", "a / b"
    aliases = ("divide", "quotient", "ratio")

    def shape(a, b):
        return broadcast(a, b)

    def output(a, b):
        return a / b

    def grad_a(grad_output, a, b):
        if a.shape == grad_output.shape:
            return grad_output / b
        return sum_to(grad_output / b, a)

    def grad_b(grad_output, output, b):
        if b.shape == grad_output.shape:
            return -grad_output * output / b
        return sum_to(-grad_output * output / b, b)

    torch, onnx, torch7 = "{a} / {b}", "Div", "nn.CDivTable()"


class CMaxTable(Module):
    """The larger of two arrays, number by number.

    y = max(a, b); the gradient goes to the larger one, and half to each where they are equal.
    Shapes: a and b of one shape, which comes out; or one repeated over the other.
    Source: Torch7 nn.CMaxTable; torch.maximum.
    """

    category, formula = "Tables", "max(a, b)"
    aliases = ("maximum", "larger", "maxout")

    def shape(a, b):
        return broadcast(a, b)

    def share_of_a(a, b):
        return 0.5 + 0.5 * np.sign(a - b)

    def output(a, b):
        return np.maximum(a, b)

    def grad_a(grad_output, share_of_a, a):
        if a.shape == grad_output.shape:
            return grad_output * share_of_a
        return sum_to(grad_output * share_of_a, a)

    def grad_b(grad_output, share_of_a, b):
        if b.shape == grad_output.shape:
            return grad_output * (1 - share_of_a)
        return sum_to(grad_output * (1 - share_of_a), b)

    torch, onnx, torch7 = "torch.maximum({a}, {b})", "Max", "nn.CMaxTable()"


class CMinTable(Module):
    """The smaller of two arrays, number by number.

    y = min(a, b); the gradient goes to the smaller one, and half to each where they are equal.
    Shapes: a and b of one shape, which comes out; or one repeated over the other.
    Source: Torch7 nn.CMinTable; torch.minimum.
    """

    category, formula = "Tables", "min(a, b)"
    aliases = ("minimum", "smaller")

    def shape(a, b):
        return broadcast(a, b)

    def share_of_a(a, b):
        return 0.5 + 0.5 * np.sign(b - a)

    def output(a, b):
        return np.minimum(a, b)

    def grad_a(grad_output, share_of_a, a):
        if a.shape == grad_output.shape:
            return grad_output * share_of_a
        return sum_to(grad_output * share_of_a, a)

    def grad_b(grad_output, share_of_a, b):
        if b.shape == grad_output.shape:
            return grad_output * (1 - share_of_a)
        return sum_to(grad_output * (1 - share_of_a), b)

    torch, onnx, torch7 = "torch.minimum({a}, {b})", "Min", "nn.CMinTable()"
