# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Activations: the bends between the layers."""

import numpy as np

from nnstudio.modules.module import Activation


class Tanh(Activation):
    """Squashes every number into (-1, 1), zero staying zero.

    y = tanh x, and dy/dx = 1 - y².
    Shapes: any shape, unchanged.
    Source: torch.nn.Tanh; Torch7 nn.Tanh.
    """

    formula = "tanh x"
    aliases = ("hyperbolic tangent", "squash")

    def output(input):
        return np.tanh(input)

    def grad_input(grad_output, output):
        return grad_output * (1 - output * output)

    torch, onnx, torch7 = "nn.Tanh()", "Tanh", "nn.Tanh()"


class ReLU(Activation):
    """Lets positive numbers through and cuts negative ones to zero.

    y = max(x, 0); the gradient passes where y > 0, and is zero at the kink.
    Shapes: any shape, unchanged.
    Source: torch.nn.ReLU; Torch7 nn.ReLU.
    """

    formula = "max(x, 0)"
    aliases = ("rectifier", "rectified linear unit", "ramp")

    def output(input):
        return np.maximum(input, 0)

    def grad_input(grad_output, output):
        return grad_output * (output > 0)

    torch, onnx, torch7 = "nn.ReLU()", "Relu", "nn.ReLU()"
