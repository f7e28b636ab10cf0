# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Criteria: how far the prediction is from the target, as one number."""

import numpy as np

from nnstudio.modules.equations import setting
from nnstudio.modules.module import Criterion
from nnstudio.modules.shapes import BadShape, WrongSize


class MSE(Criterion):
    """Squared distance between prediction and target.

    mean: (1/n) Σ (x - t)² over all n numbers; sum: Σ (x - t)²; half-sum: ½ Σ (x - t)².
    Shapes: input and target of one shape; a scalar comes out.
    Source: torch.nn.MSELoss; Torch7 nn.MSECriterion. The half-sum is the textbooks' own.
    """

    formula = "mean (x − t)²"
    aliases = ("mean squared error", "quadratic loss", "l2 loss", "least squares", "regression loss")
    reduction: str = setting("mean", "How the squares become one loss.", choices=("mean", "sum", "half-sum"))

    def difference(input, target):
        return input - target

    def output(difference, reduction):
        if reduction == "mean":
            return (difference * difference).mean()
        if reduction == "sum":
            return (difference * difference).sum()
        return 0.5 * (difference * difference).sum()

    def grad_input(grad_output, difference, reduction):
        if reduction == "mean":
            return difference * (grad_output * (2 / difference.size))
        if reduction == "sum":
            return difference * (grad_output * 2)
        return difference * grad_output

    def grad_target(grad_output, difference, reduction):
        if reduction == "mean":
            return difference * (grad_output * (-2 / difference.size))
        if reduction == "sum":
            return difference * (grad_output * -2)
        return difference * -grad_output

    def torch_values(reduction):
        return {"half": "0.5 * " if reduction == "half-sum" else "", "kind": reduction.removeprefix("half-")}

    torch = "{half}F.mse_loss({input}, {target}, reduction='{kind}')"
    torch7 = "nn.MSECriterion()"


class CrossEntropy(Criterion):
    """How surprised the softmax of the inputs is by the true class.

    -Σ p(class) · log softmax(x)[class], averaged (mean) or added up (sum) over the samples.
    Shapes: input N×classes, before any softmax; target N class numbers from 0, or N×classes probabilities.
    Source: torch.nn.CrossEntropyLoss; Torch7 nn.CrossEntropyCriterion (whose class numbers start at 1).
    """

    formula = "−log softmax(x)[t]"
    aliases = ("softmax loss", "log loss", "classification", "categorical cross-entropy")
    class_ports = ("target",)

    def shape(input, target):
        if len(input) != 2 or input[0] != "N":
            raise BadShape("needs one row of class scores per sample, N×classes", port="input")
        if target != ("N",) and target != input:
            raise WrongSize("target", ("N",), target)
        return ()

    def shifted(input):
        return input - input.max(axis=-1, keepdims=True)

    def log_probabilities(shifted):
        return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))

    def one_hot(input, target):
        if target.ndim == 1:
            return np.eye(input.shape[-1], dtype=input.dtype)[target]
        return target

    def output(log_probabilities, one_hot, reduction):
        if reduction == "mean":
            return (log_probabilities * one_hot).sum() * (-1 / log_probabilities.shape[0])
        return -(log_probabilities * one_hot).sum()

    def grad_input(grad_output, log_probabilities, one_hot, target, reduction):
        if target.ndim == 1:
            slope = np.exp(log_probabilities) - one_hot
        else:
            slope = np.exp(log_probabilities) * one_hot.sum(axis=-1, keepdims=True) - one_hot
        if reduction == "mean":
            return slope * (grad_output * (1 / log_probabilities.shape[0]))
        return slope * grad_output

    torch = "nn.CrossEntropyLoss(reduction='{reduction}')"
    torch7 = "nn.CrossEntropyCriterion()"
