# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Layers with learned weights."""

from nnstudio.modules.equations import setting
from nnstudio.modules.module import Module, Parameter, constant, normal, uniform
from nnstudio.modules.shapes import WrongSize, check_features, count, per_sample

MOST_FEATURES = 1_000_000


class Linear(Module):
    """Affine map of the last axis: every output is a weighted sum of all inputs, plus a bias.

    y = x Wᵀ + b, with W of out_features × in_features.
    Shapes: N×…×in_features becomes N×…×out_features.
    Source: torch.nn.Linear; Torch7 nn.Linear. The start is theirs too: uniform within 1/√in_features.
    """

    category, formula = "Layers", "x Wᵀ + b"
    aliases = ("dense", "fully connected", "fc", "affine", "perceptron", "gemm")
    out_features: int = setting(4, "How many numbers come out.", low=1, high=MOST_FEATURES)
    in_features: int = setting(
        0, "How many must come in; 0 takes what comes.", low=0, high=MOST_FEATURES, zero="from the input"
    )
    use_bias: bool = setting(True, "Add a learnable bias.")
    init: str = setting(
        "uniform",
        "How the weights start: as in PyTorch, after Xavier (tanh), after He (ReLU), or at zero.",
        choices=("uniform", "xavier", "he", "zeros"),
    )

    def shape(input, out_features, in_features):
        check_features(input)
        if in_features and input[-1] != in_features:
            raise WrongSize("input", in_features, input[-1], fix={"in_features": input[-1]})
        return (*input[:-1], out_features)

    def parameters(input, out_features, use_bias, init):
        size = input[-1]
        weight = {
            "uniform": uniform(size**-0.5),
            "xavier": uniform((6 / (size + out_features)) ** 0.5),
            "he": normal((2 / size) ** 0.5),
            "zeros": constant(0.0),
        }[init]
        bias = uniform(size**-0.5) if init == "uniform" else constant(0.0)
        arrays = {"weight": Parameter((out_features, size), weight)}
        return {**arrays, "bias": Parameter((out_features,), bias)} if use_bias else arrays

    def output(input, weight, bias, use_bias):
        if use_bias:
            return input @ weight.T + bias
        return input @ weight.T

    def grad_input(grad_output, weight):
        return grad_output @ weight

    def grad_weight(grad_output, input):
        if input.ndim == 2:
            return grad_output.T @ input
        return grad_output.reshape((-1, grad_output.shape[-1])).T @ input.reshape((-1, input.shape[-1]))

    def grad_bias(grad_output):
        if grad_output.ndim == 2:
            return grad_output.sum(axis=0)
        return grad_output.reshape((-1, grad_output.shape[-1])).sum(axis=0)

    def torch_values(input):
        return {"in_features": input[-1]}

    torch = "nn.Linear({in_features}, {out_features}, bias={use_bias})"
    onnx = "Add(MatMul({input}, Transpose({weight})), {bias})"
    torch7 = "nn.Linear({in_features}, {out_features}, {use_bias})"


class Add(Module):
    """Adds a learnable bias, one for every number of a sample.

    y = x + b. The start is uniform within 1/√size.
    Shapes: N×… unchanged; the bias has the shape of one sample.
    Source: Torch7 nn.Add; in PyTorch an nn.Parameter that is added.
    """

    category, formula = "Layers", "x + b"
    aliases = ("bias", "shift", "offset", "learned constant")

    def shape(input):
        return input

    def parameters(input):
        return {"bias": Parameter(per_sample(input), uniform(count(input) ** -0.5))}

    def output(input, bias):
        return input + bias

    def grad_input(grad_output):
        return grad_output

    def grad_bias(grad_output, bias):
        if bias.shape == grad_output.shape:
            return grad_output
        return grad_output.sum(axis=0)

    def torch_values(input):
        return {"size": count(input)}

    torch, onnx, torch7 = "{input} + {bias}", "Add({input}, {bias})", "nn.Add({size})"


class CMul(Module):
    """Multiplies every number of a sample by a learnable weight of its own.

    y = x ⊙ w. The start is uniform within 1/√size.
    Shapes: N×… unchanged; the weight has the shape of one sample.
    Source: Torch7 nn.CMul; in PyTorch an nn.Parameter that is multiplied.
    """

    category, formula = "Layers", "x ⊙ w"
    aliases = ("learned scale", "gain", "componentwise multiply", "diagonal")

    def shape(input):
        return input

    def parameters(input):
        return {"weight": Parameter(per_sample(input), uniform(count(input) ** -0.5))}

    def output(input, weight):
        return input * weight

    def grad_input(grad_output, weight):
        return grad_output * weight

    def grad_weight(grad_output, input, weight):
        if weight.shape == grad_output.shape:
            return grad_output * input
        return (grad_output * input).sum(axis=0)

    def torch_values(input):
        return {"sizes": ", ".join(map(str, per_sample(input))) or "1"}

    torch, onnx, torch7 = "{input} * {weight}", "Mul({input}, {weight})", "nn.CMul({sizes})"
