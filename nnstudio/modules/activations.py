# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Activations: the bends between the layers. All but the softmax family work on each number by itself."""

import numpy as np

from nnstudio.modules.equations import setting
from nnstudio.modules.module import Activation, Parameter, constant
from nnstudio.modules.numeric import normal_cdf
from nnstudio.modules.shapes import BadShape, check_features


class Sigmoid(Activation):
    """Squashes every number into (0, 1): the logistic function.

    y = 1 / (1 + e⁻ˣ), and dy/dx = y (1 - y). Below x = -87 it stays at 1e-38, so that nothing overflows.
    Shapes: any shape, unchanged.
    Source: torch.nn.Sigmoid; Torch7 nn.Sigmoid.
    """

    formula = "1 / (1 + e⁻ˣ)"
    aliases = ("logistic", "logit inverse", "σ", "squash")

    def output(input):
        return 1 / (1 + np.exp(np.minimum(-input, 87)))

    def grad_input(grad_output, output):
        return grad_output * output * (1 - output)

    torch, onnx, torch7 = "nn.Sigmoid()", "Sigmoid", "nn.Sigmoid()"


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


class LeakyReLU(Activation):
    """A ReLU that lets a little of the negative side through, so that no unit dies.

    y = max(x, a x) with a small slope a.
    Shapes: any shape, unchanged.
    Source: torch.nn.LeakyReLU; Torch7 nn.LeakyReLU.
    """

    formula = "max(x, 0.01 x)"
    aliases = ("leaky rectifier",)
    negative_slope: float = setting(0.01, "The slope on the negative side.", low=0.0, high=1.0)

    def output(input, negative_slope):
        return np.maximum(input, negative_slope * input)

    def grad_input(grad_output, input, negative_slope):
        return np.where(input > 0, grad_output, negative_slope * grad_output)

    torch = "nn.LeakyReLU({negative_slope})"
    onnx, torch7 = "LeakyRelu({input}, alpha={negative_slope})", "nn.LeakyReLU({negative_slope})"


class PReLU(Activation):
    """A leaky ReLU that learns its slope on the negative side.

    y = max(x, 0) + w min(x, 0), with one learned w, or one for each feature.
    Shapes: any shape but a scalar, unchanged; N×features where each feature has a slope of its own.
    Source: torch.nn.PReLU; Torch7 nn.PReLU.
    """

    formula = "max(x, 0) + w min(x, 0)"
    aliases = ("parametric relu", "learned slope")
    per_feature: bool = setting(False, "A slope for each feature instead of one for all.")
    init: float = setting(0.25, "The slope at the start.", low=-10.0, high=10.0)

    def shape(input, per_feature):
        if not input:
            raise BadShape("needs an axis to work along, but a scalar arrives", "input")
        if per_feature and len(input) != 2:
            raise BadShape("with a slope for each feature needs N×features", "input", {"per_feature": False})
        return input

    def parameters(input, per_feature, init):
        return {"weight": Parameter((input[1],) if per_feature else (1,), constant(init))}

    def output(input, weight):
        return np.maximum(input, 0) + weight * np.minimum(input, 0)

    def grad_input(grad_output, input, weight):
        return np.where(input > 0, grad_output, weight * grad_output)

    def grad_weight(grad_output, input, per_feature):
        if per_feature:
            return (grad_output * np.minimum(input, 0)).sum(axis=0)
        return (grad_output * np.minimum(input, 0)).reshape((-1, 1)).sum(axis=0)

    def torch_values(input, per_feature):
        return {"num_parameters": input[1] if per_feature else 1}

    torch = "nn.PReLU({num_parameters}, init={init})"
    onnx, torch7 = "PRelu({input}, {weight})", "nn.PReLU({num_parameters})"


class ELU(Activation):
    """A ReLU whose negative side levels off smoothly at -α.

    y = x for x > 0, and α (eˣ - 1) for the rest, where dy/dx = y + α.
    Shapes: any shape, unchanged.
    Source: torch.nn.ELU; Torch7 nn.ELU.
    """

    formula = "x, or α (eˣ − 1)"
    aliases = ("exponential linear unit",)
    alpha: float = setting(1.0, "Where the negative side levels off.", low=0.0, high=100.0)

    def output(input, alpha):
        return np.maximum(input, 0) + alpha * np.expm1(np.minimum(input, 0))

    def grad_input(grad_output, input, output, alpha):
        return np.where(input > 0, grad_output, grad_output * (output + alpha))

    torch, onnx, torch7 = "nn.ELU({alpha})", "Elu({input}, alpha={alpha})", "nn.ELU({alpha})"


class SoftPlus(Activation):
    """A ReLU with a round corner; its slope is the sigmoid.

    y = log(1 + e^(βx)) / β, computed without overflow, and dy/dx = 1 / (1 + e^(-βx)).
    Shapes: any shape, unchanged.
    Source: torch.nn.Softplus; Torch7 nn.SoftPlus. Both take y = x above βx = 20; here the formula holds.
    """

    formula = "log(1 + eˣ)"
    aliases = ("smooth relu", "softplus")
    beta: float = setting(1.0, "How sharp the corner is.", low=0.001, high=1000.0)

    def output(input, beta):
        if beta == 1:
            return np.maximum(input, 0) + np.log1p(np.exp(-np.abs(input)))
        return np.maximum(input, 0) + np.log1p(np.exp(-beta * np.abs(input))) * (1 / beta)

    def grad_input(grad_output, input, beta):
        return grad_output / (1 + np.exp(np.minimum(-beta * input, 87)))

    torch = "nn.Softplus({beta}, threshold=50)"
    onnx, torch7 = "Div(Softplus(Mul({input}, {beta})), {beta})", "nn.SoftPlus({beta})"


class SoftSign(Activation):
    """Squashes every number into (-1, 1), more slowly than tanh.

    y = x / (1 + |x|), and dy/dx = 1 / (1 + |x|)².
    Shapes: any shape, unchanged.
    Source: torch.nn.Softsign; Torch7 nn.SoftSign.
    """

    formula = "x / (1 + |x|)"
    aliases = ("squash", "softsign")

    def denominator(input):
        return 1 + np.abs(input)

    def output(input, denominator):
        return input / denominator

    def grad_input(grad_output, denominator):
        return grad_output / (denominator * denominator)

    torch, onnx, torch7 = "nn.Softsign()", "Softsign", "nn.SoftSign()"


class SoftShrink(Activation):
    """Moves every number towards zero by λ, and to zero where it is nearer than that.

    y = x - λ above λ, x + λ below -λ, else 0.
    Shapes: any shape, unchanged.
    Source: torch.nn.Softshrink; Torch7 nn.SoftShrink.
    """

    formula = "x ∓ λ, or 0"
    aliases = ("soft threshold", "shrinkage", "softshrink")
    lambd: float = setting(0.5, "How far towards zero: λ.", low=0.0, high=1e6)

    def output(input, lambd):
        return input - np.minimum(np.maximum(input, -lambd), lambd)

    def grad_input(grad_output, input, lambd):
        return grad_output * (np.abs(input) > lambd)

    torch = "nn.Softshrink({lambd})"
    onnx = "Shrink({input}, bias={lambd}, lambd={lambd})"
    torch7 = "nn.SoftShrink({lambd})"


class HardTanh(Activation):
    """Straight between two limits, flat outside them.

    y = min(max(x, min_value), max_value); the gradient passes strictly between the limits.
    Shapes: any shape, unchanged.
    Source: torch.nn.Hardtanh; Torch7 nn.HardTanh.
    """

    formula = "min(max(x, −1), 1)"
    aliases = ("clip", "clamp", "saturate", "hardtanh")
    min_value: float = setting(-1.0, "The lower limit.", low=-1e6, high=1e6)
    max_value: float = setting(1.0, "The upper limit.", low=-1e6, high=1e6)

    def shape(input, min_value, max_value):
        if min_value >= max_value:
            raise BadShape(f"needs min_value below max_value, but they are {min_value:g} and {max_value:g}")
        return input

    def output(input, min_value, max_value):
        return np.minimum(np.maximum(input, min_value), max_value)

    def grad_input(grad_output, input, min_value, max_value):
        return grad_output * (input > min_value) * (input < max_value)

    torch = "nn.Hardtanh({min_value}, {max_value})"
    onnx, torch7 = "Clip({input}, {min_value}, {max_value})", "nn.HardTanh({min_value}, {max_value})"


class GELU(Activation):
    """Each number times the chance that a normal random number is below it.

    y = x Φ(x), Φ being the normal distribution function, or ½ (1 + tanh(√(2/π) (x + 0.044715 x³))) for it.
    Shapes: any shape, unchanged.
    Source: torch.nn.GELU; there is none in Torch7.
    """

    formula = "x Φ(x)"
    aliases = ("gaussian error linear unit", "transformer activation")
    approximate: str = setting("none", "The exact Φ, or its tanh approximation.", choices=("none", "tanh"))

    def chance(input, approximate):
        if approximate == "tanh":
            return 0.5 + 0.5 * np.tanh(0.7978845608028654 * (input + 0.044715 * (input * input * input)))
        return normal_cdf(input)

    def output(input, chance):
        return input * chance

    def grad_input(grad_output, input, chance, approximate):
        if approximate == "tanh":
            slope = 1.5957691216057308 * chance * (1 - chance) * (1 + 0.134145 * (input * input))
        else:
            slope = 0.3989422804014327 * np.exp(-0.5 * (input * input))
        return grad_output * (chance + input * slope)

    torch, onnx = "nn.GELU(approximate='{approximate}')", "Gelu({input}, approximate='{approximate}')"


class SiLU(Activation):
    """Each number times its own sigmoid, also called swish.

    y = x σ(x), and dy/dx = σ + y (1 - σ).
    Shapes: any shape, unchanged.
    Source: torch.nn.SiLU; there is none in Torch7.
    """

    formula = "x σ(x)"
    aliases = ("swish", "sigmoid linear unit")

    def sigmoid(input):
        return 1 / (1 + np.exp(np.minimum(-input, 87)))

    def output(input, sigmoid):
        return input * sigmoid

    def grad_input(grad_output, output, sigmoid):
        return grad_output * (sigmoid + output * (1 - sigmoid))

    torch, onnx = "nn.SiLU()", "Mul({input}, Sigmoid({input}))"


class SoftMax(Activation):
    """Turns the scores along the last axis into probabilities that add up to one.

    yᵢ = e^(xᵢ) / Σⱼ e^(xⱼ), and ∂L/∂x = y (g - Σ g y) for the gradient g at y.
    Shapes: N×…×classes, unchanged.
    Source: torch.nn.Softmax(dim=-1); Torch7 nn.SoftMax.
    """

    formula = "eˣⁱ / Σ eˣʲ"
    aliases = ("probabilities", "normalised exponential", "softargmax")
    elementwise = False

    def shape(input):
        return check_features(input)

    def exponentials(input):
        return np.exp(input - input.max(axis=-1, keepdims=True))

    def output(exponentials):
        return exponentials / exponentials.sum(axis=-1, keepdims=True)

    def grad_input(grad_output, output):
        return output * (grad_output - (grad_output * output).sum(axis=-1, keepdims=True))

    torch, onnx, torch7 = "nn.Softmax(dim=-1)", "Softmax({input}, axis=-1)", "nn.SoftMax()"


class SoftMin(Activation):
    """Like SoftMax, but the smallest score gets the largest probability.

    yᵢ = e^(-xᵢ) / Σⱼ e^(-xⱼ), and ∂L/∂x = y (Σ g y - g) for the gradient g at y.
    Shapes: N×…×classes, unchanged.
    Source: torch.nn.Softmin(dim=-1); Torch7 nn.SoftMin.
    """

    formula = "e⁻ˣⁱ / Σ e⁻ˣʲ"
    aliases = ("probabilities", "smallest")
    elementwise = False

    def shape(input):
        return check_features(input)

    def exponentials(input):
        return np.exp(input.min(axis=-1, keepdims=True) - input)

    def output(exponentials):
        return exponentials / exponentials.sum(axis=-1, keepdims=True)

    def grad_input(grad_output, output):
        return output * ((grad_output * output).sum(axis=-1, keepdims=True) - grad_output)

    torch, onnx, torch7 = "nn.Softmin(dim=-1)", "Softmax(Neg({input}), axis=-1)", "nn.SoftMin()"


class LogSoftMax(Activation):
    """The logarithm of SoftMax, computed without taking the logarithm of a rounded zero.

    yᵢ = xᵢ - log Σⱼ e^(xⱼ), and ∂L/∂x = g - eʸ Σ g for the gradient g at y.
    Shapes: N×…×classes, unchanged.
    Source: torch.nn.LogSoftmax(dim=-1); Torch7 nn.LogSoftMax.
    """

    formula = "x − log Σ eˣʲ"
    aliases = ("log probabilities", "logsumexp")
    elementwise = False

    def shape(input):
        return check_features(input)

    def shifted(input):
        return input - input.max(axis=-1, keepdims=True)

    def output(shifted):
        return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))

    def grad_input(grad_output, output):
        return grad_output - np.exp(output) * grad_output.sum(axis=-1, keepdims=True)

    torch, onnx, torch7 = "nn.LogSoftmax(dim=-1)", "LogSoftmax({input}, axis=-1)", "nn.LogSoftMax()"
