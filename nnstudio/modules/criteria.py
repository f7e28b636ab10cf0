# pyright: basic, reportSelfClsParameterName=false, reportIndexIssue=false, reportAttributeAccessIssue=false
# pyright: reportGeneralTypeIssues=false, reportOperatorIssue=false, reportCallIssue=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self: they take shapes and arrays by name.
"""Criteria: how far the prediction is from what it should be, as one number.

Where number is compared with number, `losses` are what each costs and `slope` is the derivative; Criterion
averages them over all numbers ("mean") or adds them up ("sum").
"""

import numpy as np

from nnstudio.modules.equations import setting
from nnstudio.modules.module import Criterion
from nnstudio.modules.shapes import WrongSize, check_scores


class MSE(Criterion):
    """The squared distance between prediction and target.

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


class L1(Criterion):
    """The absolute distance between prediction and target.

    |x - t| for each number; the gradient is zero where they are equal.
    Shapes: input and target of one shape; a scalar comes out.
    Source: torch.nn.L1Loss; Torch7 nn.AbsCriterion.
    """

    formula = "mean |x − t|"
    aliases = ("mean absolute error", "mae", "absolute loss", "AbsCriterion")

    def difference(input, target):
        return input - target

    def losses(difference):
        return np.abs(difference)

    def slope(difference):
        return np.sign(difference)

    def grad_target(grad_output, slope, reduction):
        if reduction == "mean":
            return slope * (grad_output * (-1 / slope.size))
        return slope * -grad_output

    torch, torch7 = "nn.L1Loss(reduction='{reduction}')", "nn.AbsCriterion()"


class SmoothL1(Criterion):
    """Squared where prediction and target are near, absolute where they are far, so that outliers pull less.

    (x - t)² / 2β within β, |x - t| - β/2 outside: c (d - c/2) / β, with d = x - t and c its part within ±β.
    Shapes: input and target of one shape; a scalar comes out.
    Source: torch.nn.SmoothL1Loss; Torch7 nn.SmoothL1Criterion.
    """

    formula = "mean huber(x − t)"
    aliases = ("huber", "robust regression")
    beta: float = setting(1.0, "Where the parabola ends and the straight line begins.", low=1e-6, high=1e6)

    def difference(input, target):
        return input - target

    def near(difference, beta):
        return np.minimum(np.maximum(difference, -beta), beta)

    def losses(difference, near, beta):
        return near * (difference - 0.5 * near) * (1 / beta)

    def slope(near, beta):
        return near * (1 / beta)

    def grad_target(grad_output, slope, reduction):
        if reduction == "mean":
            return slope * (grad_output * (-1 / slope.size))
        return slope * -grad_output

    torch = "nn.SmoothL1Loss(reduction='{reduction}', beta={beta})"
    torch7 = "nn.SmoothL1Criterion()"


class BCE(Criterion):
    """How surprised probabilities are by yes-or-no truths: the cross-entropy of two classes.

    -t log x - (1 - t) log(1 - x), for x in [0, 1], as after a Sigmoid. As in PyTorch, logarithms stay above
    -100, and the denominator x (1 - x) of the gradient above 1e-12.
    Shapes: input and target of one shape; a scalar comes out.
    Source: torch.nn.BCELoss; Torch7 nn.BCECriterion.
    """

    formula = "−t log x − (1−t) log(1−x)"
    aliases = ("binary cross-entropy", "log loss", "logistic loss", "bernoulli")

    def log_yes(input):
        return np.maximum(np.log(np.maximum(input, 1e-44)), -100)

    def log_no(input):
        return np.maximum(np.log(np.maximum(1 - input, 1e-44)), -100)

    def losses(log_yes, log_no, target):
        return (target - 1) * log_no - target * log_yes

    def slope(input, target):
        return (input - target) / np.maximum(input * (1 - input), 1e-12)

    torch, torch7 = "nn.BCELoss(reduction='{reduction}')", "nn.BCECriterion()"


class BCEWithLogits(Criterion):
    """A sigmoid and the two-class cross-entropy in one, which loses no digits for large scores.

    max(x, 0) - x t + log(1 + e^(-|x|)), and its derivative is σ(x) - t.
    Shapes: input and target of one shape; a scalar comes out.
    Source: torch.nn.BCEWithLogitsLoss; in Torch7 nn.Sigmoid and nn.BCECriterion.
    """

    formula = "BCE(σ(x), t)"
    aliases = ("binary cross-entropy with logits", "sigmoid loss", "logistic regression")
    halfway = 0.0

    def losses(input, target):
        return np.maximum(input, 0) - input * target + np.log1p(np.exp(-np.abs(input)))

    def slope(input, target):
        return 1 / (1 + np.exp(np.minimum(-input, 87))) - target

    def grad_target(grad_output, input, reduction):
        if reduction == "mean":
            return input * (grad_output * (-1 / input.size))
        return input * -grad_output

    torch = "nn.BCEWithLogitsLoss(reduction='{reduction}')"


class CrossEntropy(Criterion):
    """How surprised the softmax of the scores is by the true class.

    -Σ p(class) log softmax(x)[class], averaged (mean) or added up (sum) over the samples.
    Shapes: input N×classes, before any softmax; target N class numbers from 0, or N×classes probabilities.
    Source: torch.nn.CrossEntropyLoss; Torch7 nn.CrossEntropyCriterion (whose class numbers start at 1).
    """

    formula = "−log softmax(x)[t]"
    aliases = ("softmax loss", "log loss", "classification", "categorical cross-entropy")
    class_ports = ("target",)

    def shape(input, target):
        check_scores(input)
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

    def slope(log_probabilities, one_hot, target):
        if target.ndim == 1:
            return np.exp(log_probabilities) - one_hot
        return np.exp(log_probabilities) * one_hot.sum(axis=-1, keepdims=True) - one_hot

    def grad_input(grad_output, slope, reduction):
        if reduction == "mean":
            return slope * (grad_output * (1 / slope.shape[0]))
        return slope * grad_output

    torch = "nn.CrossEntropyLoss(reduction='{reduction}')"
    torch7 = "nn.CrossEntropyCriterion()"


class ClassNLL(Criterion):
    """The negative log-likelihood of the true class, for scores that are log-probabilities already.

    -x[class], averaged (mean) or added up (sum) over the samples.
    Shapes: input N×classes, as after a LogSoftMax; target N class numbers from 0.
    Source: torch.nn.NLLLoss; Torch7 nn.ClassNLLCriterion (whose class numbers start at 1).
    """

    formula = "−x[t]"
    aliases = ("negative log likelihood", "nll", "classification")
    class_ports = ("target",)

    def shape(input, target):
        check_scores(input)
        if target != ("N",):
            raise WrongSize("target", ("N",), target)
        return ()

    def one_hot(input, target):
        return np.eye(input.shape[-1], dtype=input.dtype)[target]

    def output(input, one_hot, reduction):
        if reduction == "mean":
            return (input * one_hot).sum() * (-1 / input.shape[0])
        return -(input * one_hot).sum()

    def grad_input(grad_output, one_hot, reduction):
        if reduction == "mean":
            return one_hot * (grad_output * (-1 / one_hot.shape[0]))
        return one_hot * -grad_output

    torch, torch7 = "nn.NLLLoss(reduction='{reduction}')", "nn.ClassNLLCriterion()"


class SoftMargin(Criterion):
    """A smooth margin for targets that are -1 or 1: the logistic loss of x t.

    log(1 + e^(-x t)), computed without overflow, and its derivative is -t / (1 + e^(x t)).
    Shapes: input and target of one shape; a scalar comes out.
    Source: torch.nn.SoftMarginLoss; Torch7 nn.SoftMarginCriterion.
    """

    formula = "log(1 + e⁻ˣᵗ)"
    aliases = ("logistic loss", "two-class logistic", "smooth hinge")

    def agreement(input, target):
        return input * target

    def losses(agreement):
        return np.log1p(np.exp(-np.abs(agreement))) - np.minimum(agreement, 0)

    def slope(agreement, target):
        return -target / (1 + np.exp(np.minimum(agreement, 87)))

    torch, torch7 = "nn.SoftMarginLoss(reduction='{reduction}')", "nn.SoftMarginCriterion()"


class Margin(Criterion):
    """The hinge: nothing to pay once x t is past the margin, for targets that are -1 or 1.

    max(0, margin - x t).
    Shapes: input and target of one shape; a scalar comes out.
    Source: Torch7 nn.MarginCriterion; in PyTorch relu(margin - x t).
    """

    formula = "max(0, 1 − x t)"
    aliases = ("hinge", "svm", "support vector", "MarginCriterion")
    margin: float = setting(1.0, "How far on the right side is far enough.", low=-1e6, high=1e6)

    def losses(input, target, margin):
        return np.maximum(margin - input * target, 0)

    def slope(losses, target):
        return -target * (losses > 0)

    torch = "torch.{reduction}(F.relu({margin} - {input} * {target}))"
    torch7 = "nn.MarginCriterion({margin})"


class KLDiv(Criterion):
    """How far the predicted distribution is from the target distribution, in nats.

    t (log t - x), with x the logarithms of the predicted probabilities; nothing where t = 0.
    mean is over all numbers; batchmean adds up within each sample and averages over samples, as in the maths.
    Shapes: input and target of one shape; a scalar comes out.
    Source: torch.nn.KLDivLoss; Torch7 nn.DistKLDivCriterion.
    """

    formula = "t (log t − x)"
    aliases = ("kullback-leibler", "relative entropy", "divergence", "distillation")
    reduction: str = setting("mean", "How the numbers become one loss.", choices=("mean", "sum", "batchmean"))

    def losses(input, target):
        return target * (np.log(np.maximum(target, 1e-44)) - input)

    def output(losses, reduction):
        if reduction == "mean":
            return losses.mean()
        if reduction == "sum":
            return losses.sum()
        return losses.sum() * (1 / losses.shape[0])

    def grad_input(grad_output, target, reduction):
        if reduction == "mean":
            return target * (grad_output * (-1 / target.size))
        if reduction == "sum":
            return target * -grad_output
        return target * (grad_output * (-1 / target.shape[0]))

    def torch_values(reduction):
        return {
            "kind": "none" if reduction == "mean" else reduction,
            "then": ".mean()" * (reduction == "mean"),
        }

    torch = (
        "F.kl_div({input}, {target}, reduction='{kind}'){then}"  # which warns when it takes the mean itself
    )
    torch7 = "nn.DistKLDivCriterion()"


class Objective(Criterion):
    """Takes the value itself as what is to become small, so that any expression can be differentiated.

    mean: (1/n) Σ x over all n numbers; sum: Σ x.
    Shapes: any shape; a scalar comes out.
    Source: y.mean().backward() or y.sum().backward() in PyTorch; there is none in Torch7.
    """

    formula = "mean x"
    aliases = ("minimise", "loss", "value", "differentiate", "cost")

    def shape(input):
        return ()

    def output(input, reduction):
        if reduction == "mean":
            return input.mean()
        return input.sum()

    def grad_input(grad_output, input, reduction):
        if reduction == "mean":
            return np.full_like(input, grad_output * (1 / input.size))
        return np.full_like(input, grad_output)

    torch = "torch.{reduction}({input})"
