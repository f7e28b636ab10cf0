# pyright: basic, reportSelfClsParameterName=false
# basic, because the functions of a class of equations have no self and take arrays by name.
"""Optimizers: how the parameters move, given their gradient.

Each is a class of equations over all parameters at once, laid end to end as one vector. Its functions are
named after what they compute and run in order; they read `param` and `grad`, `lr`, `step` (which update
this is, from 1), settings and each other. A quantity that reads itself is kept from one update to the
next, and starts at zero. `param` is the new parameter, and comes last. Everything is elementwise.

`torch` is PyTorch's constructor over the settings in braces, without the parameters and lr that every one
takes first; an optimizer without its own cannot leave for PyTorch. `torch_state` holds PyTorch's names for
what is kept, and for `step` where PyTorch counts the updates.
"""

import sys
from collections.abc import Mapping
from functools import cache
from typing import ClassVar

import numpy as np

from nnstudio.errors import TrainingError
from nnstudio.modules.equations import Description, Equations, members, setting
from nnstudio.wording import did_you_mean, short


class Optimizer(Equations):
    """What all optimizers have: two ways of keeping the parameters small."""

    torch: ClassVar[str | None] = None
    torch_state: ClassVar[Mapping[str, str]] = {}

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
    torch = "torch.optim.SGD(weight_decay={weight_decay})"

    def param(param, descent, lr):
        return param - lr * descent


class Momentum(Optimizer):
    """Gathers speed where the gradient keeps its direction, like a ball rolling down.

    Source: torch.optim.SGD(momentum=…); Polyak 1964.
    """

    formula = "v ← μ·v + g;  θ ← θ − lr·v"
    aliases = ("heavy ball", "sgd with momentum")
    torch = "torch.optim.SGD(momentum={momentum}, weight_decay={weight_decay})"
    torch_state = {"velocity": "momentum_buffer"}
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
    torch = "torch.optim.SGD(momentum={momentum}, nesterov=True, weight_decay={weight_decay})"

    def param(param, descent, velocity, lr, momentum):
        return param - lr * (descent + momentum * velocity)


class AdaGrad(Optimizer):
    """A rate for each parameter, which shrinks with all the gradients it has seen.

    Source: torch.optim.Adagrad; Duchi et al. 2011.
    """

    formula = "s ← s + g²;  θ ← θ − lr·g / (√s + ε)"
    aliases = ("adaptive gradient",)
    torch = "torch.optim.Adagrad(eps={eps}, weight_decay={weight_decay})"
    torch_state = {"step": "step", "squares": "sum"}
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
    torch = "torch.optim.RMSprop(alpha={alpha}, eps={eps}, weight_decay={weight_decay})"
    torch_state = {"step": "step", "mean_square": "square_avg"}
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
    torch = "torch.optim.Adam(betas=({beta1}, {beta2}), eps={eps}, weight_decay={weight_decay})"
    torch_state = {"step": "step", "first_moment": "exp_avg", "second_moment": "exp_avg_sq"}
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
    torch = "torch.optim.AdamW(betas=({beta1}, {beta2}), eps={eps}, weight_decay={weight_decay})"
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

    @property
    def torch(self) -> str | None:
        """PyTorch's constructor; not that of the class it is built on, which computes something else."""
        return vars(self.cls).get("torch")

    @property
    def torch_state(self) -> Mapping[str, str]:
        """PyTorch's names for what is kept from one update to the next."""
        return self.cls.torch_state


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
        hint = did_you_mean(name, definitions(), f"there are {', '.join(definitions())}")
        raise TrainingError(f"There is no optimizer {short(str(name))}; {hint}")
    return definitions()[found]
