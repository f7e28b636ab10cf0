# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Arithmetic on each number by itself: with a constant, or by one of the functions of school."""

import numpy as np

from nnstudio.modules.equations import setting
from nnstudio.modules.module import Activation


class AddConstant(Activation):
    """Adds a fixed number.

    y = x + c.
    Shapes: any shape, unchanged.
    Source: Torch7 nn.AddConstant; in PyTorch x + c.
    """

    category, formula = "Arithmetic", "x + c"
    aliases = ("plus", "offset", "shift")
    constant: float = setting(1.0, "The number that is added.", low=-1e30, high=1e30)

    def output(input, constant):
        return input + constant

    def grad_input(grad_output):
        return grad_output

    torch, onnx, torch7 = "{input} + {constant}", "Add({input}, {constant})", "nn.AddConstant({constant})"


class MulConstant(Activation):
    """Multiplies by a fixed number.

    y = c x, and dy/dx = c.
    Shapes: any shape, unchanged.
    Source: Torch7 nn.MulConstant; in PyTorch x * c.
    """

    category, formula = "Arithmetic", "c x"
    aliases = ("scale", "times", "factor", "negate")
    constant: float = setting(2.0, "The factor.", low=-1e30, high=1e30)

    def output(input, constant):
        return input * constant

    def grad_input(grad_output, constant):
        return grad_output * constant

    torch, onnx, torch7 = "{input} * {constant}", "Mul({input}, {constant})", "nn.MulConstant({constant})"


class Exp(Activation):
    """The exponential function.

    y = eˣ, and dy/dx = y. Overflows to infinity above x = 88 in float32, and above 709 in float64.
    Shapes: any shape, unchanged.
    Source: torch.exp; Torch7 nn.Exp.
    """

    category, formula, aliases = "Arithmetic", "eˣ", ("exponential",)

    def output(input):
        return np.exp(input)

    def grad_input(grad_output, output):
        return grad_output * output

    torch, onnx, torch7 = "torch.exp({input})", "Exp", "nn.Exp()"


class Log(Activation):
    """The natural logarithm, of positive numbers.

    y = log x, and dy/dx = 1/x.
    Shapes: any shape, unchanged.
    Source: torch.log; Torch7 nn.Log.
    """

    category, formula, aliases = "Arithmetic", "log x", ("logarithm", "ln")

    def output(input):
        return np.log(input)

    def grad_input(grad_output, input):
        return grad_output / input

    torch, onnx, torch7 = "torch.log({input})", "Log", "nn.Log()"


class Power(Activation):
    """A fixed power; for one that is no whole number, of positive numbers only.

    y = xᵖ, and dy/dx = p xᵖ⁻¹.
    Shapes: any shape, unchanged.
    Source: torch.pow; Torch7 nn.Power.
    """

    category, formula, aliases = "Arithmetic", "xᵖ", ("exponent", "cube", "polynomial")
    exponent: float = setting(3.0, "The power p.", low=-100.0, high=100.0)

    def output(input, exponent):
        return input**exponent

    def grad_input(grad_output, input, exponent):
        return grad_output * (exponent * input ** (exponent - 1))

    torch, onnx, torch7 = "torch.pow({input}, {exponent})", "Pow({input}, {exponent})", "nn.Power({exponent})"


class Square(Activation):
    """The square: each number times itself.

    y = x², and dy/dx = 2x.
    Shapes: any shape, unchanged.
    Source: torch.square; Torch7 nn.Square.
    """

    category, formula, aliases = "Arithmetic", "x²", ("quadratic", "parabola")

    def output(input):
        return input * input

    def grad_input(grad_output, input):
        return grad_output * (2 * input)

    torch, onnx, torch7 = "torch.square({input})", "Mul({input}, {input})", "nn.Square()"


class Sqrt(Activation):
    """The square root, of positive numbers: at zero its slope is infinite.

    y = √x, and dy/dx = 1 / (2y).
    Shapes: any shape, unchanged.
    Source: torch.sqrt; Torch7 nn.Sqrt.
    """

    category, formula, aliases = "Arithmetic", "√x", ("square root", "root")

    def output(input):
        return np.sqrt(input)

    def grad_input(grad_output, output):
        return grad_output * 0.5 / output

    torch, onnx, torch7 = "torch.sqrt({input})", "Sqrt", "nn.Sqrt()"


class Abs(Activation):
    """The absolute value; at zero the gradient is zero.

    y = |x|, and dy/dx = sign x.
    Shapes: any shape, unchanged.
    Source: torch.abs; Torch7 nn.Abs.
    """

    category, formula, aliases = "Arithmetic", "|x|", ("absolute value", "modulus", "magnitude")

    def output(input):
        return np.abs(input)

    def grad_input(grad_output, input):
        return grad_output * np.sign(input)

    torch, onnx, torch7 = "torch.abs({input})", "Abs", "nn.Abs()"
