# pyright: basic, reportSelfClsParameterName=false
# basic, because the functions of a class of equations have no self and take arrays by name.
"""Optimizers: how the parameters move, given their gradient.

Each is a class of equations over all parameters at once, laid end to end as one vector. Its functions are
named after what they compute and run in order; they read `param` and `grad`, `lr`, `step` (which update
this is, from 1), settings and each other. A quantity that reads itself is kept from one update to the
next, and starts at zero. `param` is the new parameter, and comes last. Everything is elementwise.
"""

import difflib
import sys
from functools import cache

import numpy as np

from nnstudio.errors import TrainingError
from nnstudio.modules.equations import Description, Equations, members, setting


class Optimizer(Equations):
    """What all optimizers have: two ways of keeping the parameters small."""

    weight_decay: float = setting(0.0, "Pulls every parameter towards zero (L2).", low=0, high=100)
    l1: float = setting(0.0, "Pushes every parameter to zero by the same amount (L1).", low=0, high=100)

    def descent(grad, param, weight_decay, l1):
        if weight_decay:
            if l1:
                return grad + weight_decay * param + l1 * np.sign(param)
            return grad + weight_decay * param
        if l1:
            return grad + l1 * np.sign(param)
        return grad


class SGD(Optimizer):
    """Steps straight down the gradient.

    Source: torch.optim.SGD; Torch7 optim.sgd and nn.StochasticGradient.
    """

    formula = "θ ← θ − lr·g"
    aliases = ("gradient descent", "stochastic gradient descent", "vanilla")

    def param(param, descent, lr):
        return param - lr * descent


class Momentum(Optimizer):
    """Gathers speed where the gradient keeps its direction, like a ball rolling down.

    Source: torch.optim.SGD(momentum=…); Polyak 1964.
    """

    formula = "v ← μ·v + g;  θ ← θ − lr·v"
    aliases = ("heavy ball", "sgd with momentum")
    momentum: float = setting(
        0.9, "How much of the speed is kept from one update to the next.", low=0, high=1
    )

    def velocity(velocity, descent, momentum):
        return momentum * velocity + descent

    def param(param, velocity, lr):
        return param - lr * velocity


class Nesterov(Momentum):
    """Momentum that looks ahead to where its speed will carry it.

    Source: torch.optim.SGD(momentum=…, nesterov=True); Sutskever et al. 2013.
    """

    formula = "v ← μ·v + g;  θ ← θ − lr·(g + μ·v)"
    aliases = ("nag", "accelerated gradient")

    def param(param, descent, velocity, lr, momentum):
        return param - lr * (descent + momentum * velocity)


class AdaGrad(Optimizer):
    """A rate for each parameter, which shrinks with all the gradients it has seen.

    Source: torch.optim.Adagrad; Duchi et al. 2011.
    """

    formula = "s ← s + g²;  θ ← θ − lr·g / (√s + ε)"
    aliases = ("adaptive gradient",)
    eps: float = setting(1e-10, "Keeps the division away from zero.", low=1e-20, high=1)

    def squares(squares, descent):
        return squares + descent * descent

    def param(param, descent, squares, lr, eps):
        return param - lr * descent / (np.sqrt(squares) + eps)


class RMSProp(Optimizer):
    """A rate for each parameter, which shrinks with the size of its recent gradients.

    Source: torch.optim.RMSprop; Tieleman and Hinton 2012.
    """

    formula = "s ← α·s + (1−α)·g²;  θ ← θ − lr·g / (√s + ε)"
    aliases = ("root mean square propagation",)
    alpha: float = setting(0.99, "How slowly old gradients are forgotten.", low=0, high=1)
    eps: float = setting(1e-8, "Keeps the division away from zero.", low=1e-20, high=1)

    def mean_square(mean_square, descent, alpha):
        return alpha * mean_square + (1 - alpha) * (descent * descent)

    def param(param, descent, mean_square, lr, eps):
        return param - lr * descent / (np.sqrt(mean_square) + eps)


class Adam(Optimizer):
    """Momentum with a rate for each parameter; both averages are corrected for having started at zero.

    Source: torch.optim.Adam; Kingma and Ba 2015.
    """

    formula = "m ← β₁·m + (1−β₁)·g;  v ← β₂·v + (1−β₂)·g²;  θ ← θ − lr·m̂ / (√v̂ + ε)"
    aliases = ("adaptive moments",)
    beta1: float = setting(0.9, "How slowly old gradients are forgotten.", low=0, high=0.999999)
    beta2: float = setting(0.999, "How slowly old squares of gradients are forgotten.", low=0, high=0.999999)
    eps: float = setting(1e-8, "Keeps the division away from zero.", low=1e-20, high=1)

    def first_moment(first_moment, descent, beta1):
        return beta1 * first_moment + (1 - beta1) * descent

    def second_moment(second_moment, descent, beta2):
        return beta2 * second_moment + (1 - beta2) * (descent * descent)

    def change(first_moment, second_moment, lr, step, beta1, beta2, eps):
        rate = lr / (1 - beta1**step)
        correction = 1 / (1 - beta2**step)
        return rate * first_moment / (np.sqrt(correction * second_moment) + eps)

    def param(param, change):
        return param - change


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameters themselves instead of joining the gradient.

    Source: torch.optim.AdamW; Loshchilov and Hutter 2019.
    """

    formula = "Adam, with θ ← (1 − lr·λ)·θ first"
    aliases = ("decoupled weight decay",)
    weight_decay: float = setting(
        0.01, "The share of every parameter, times lr, that an update takes away.", low=0, high=100
    )

    def descent(grad, param, l1):
        if l1:
            return grad + l1 * np.sign(param)
        return grad

    def param(param, change, lr, weight_decay):
        if weight_decay:
            return (1 - lr * weight_decay) * param - change
        return param - change


class OptimizerDefinition(Description):
    """Everything there is to know about one optimizer, read from its class."""

    cls: type[Optimizer]

    @property
    def state(self) -> tuple[str, ...]:
        """The quantities that are kept from one update to the next: those that read themselves."""
        return tuple(name for name in self.functions if name != "param" and name in self.reads(name))


@cache
def definitions() -> dict[str, OptimizerDefinition]:
    """Every optimizer by its name, in the order of this file."""
    return {
        cls.__name__: OptimizerDefinition(cls)
        for cls in members(sys.modules[__name__], Optimizer)
        if hasattr(cls, "param")
    }


def definition(name: str) -> OptimizerDefinition:
    """The optimizer of that name, in any case of letters. TrainingError names the nearest one there is."""
    names = {known.casefold(): known for known in definitions()}
    found = names.get(str(name).casefold())
    if found is None:
        near = difflib.get_close_matches(str(name)[:60].casefold(), names, n=1)
        hint = f"did you mean {names[near[0]]}" if near else f"there are {', '.join(definitions())}"
        raise TrainingError(f"There is no optimizer {str(name)[:60]!r}; {hint}.")
    return definitions()[found]
