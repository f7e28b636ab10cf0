"""Node types that no one needs, written to use every corner of the equations' language."""

from __future__ import annotations

import numpy as np

from nnstudio.modules.equations import setting
from nnstudio.modules.module import Activation, Module, Parameter, uniform


def horner(x, coefficients):
    total = coefficients[0] * x
    for coefficient in coefficients[1:]:
        total = (total + coefficient) * x
    return total


def halves(x):
    middle = x.shape[1] // 2
    left = x[:, :middle]
    right = x[:, middle:]
    return np.concatenate((right, left), axis=1)


def spread(x, times):
    count = x.shape[-1]
    if count == 1:
        return x * times
    total = x * 0.5
    for round in range(times):
        total = total + x * (round + 1)
    return total


def nested(x):
    return spread(spread(x, 2), 3) - horner(x, (0.25, -0.5, 0.125))


class TwoProducts(Module):
    """Each of its gradients is a sum of two products, both with something to compute."""

    def shape(input):
        return input

    def parameters(input):
        size = input[1:]
        return {"weight": Parameter(size, uniform(1.0)), "other": Parameter(size, uniform(1.0))}

    def output(input, weight, other):
        return (input * weight + 1) * (input * other - 2)

    def grad_input(grad_output, input, weight, other):
        return grad_output * weight * (input * other - 2) + grad_output * other * (input * weight + 1)

    def grad_weight(grad_output, input, other):
        return (grad_output * input * (input * other)).sum(axis=0) - (grad_output * input * 2).sum(axis=0)

    def grad_other(grad_output, input, weight):
        return (grad_output * input * (input * weight)).sum(axis=0) + (grad_output * input).sum(axis=0)


class SameShape(Module):
    """Has a parameter of the shape of one sample without a batch axis, as its input has."""

    def shape(input):
        return input

    def parameters(input):
        return {"weight": Parameter(input, uniform(1.0))}

    def output(input, weight):
        return (input + weight) * (input - weight)

    def grad_input(grad_output, input):
        return grad_output * (2 * input)

    def grad_weight(grad_output, input, weight):
        return (grad_output * (input - weight)) - (grad_output * (input + weight))


class Transposed(Module):
    """Strided views reshaped, reduced, multiplied and added to themselves."""

    def shape(input):
        return input

    def flipped(input):
        return input.T.reshape((input.shape[1], input.shape[0]))

    def output(input, flipped):
        return input + flipped.T * np.exp(-np.abs(input.T)).T.reshape(input.shape)

    def grad_input(grad_output, input):
        e = np.exp(-np.abs(input))
        return grad_output * (1 + e - input * np.sign(input) * e)


class Chosen(Activation):
    """np.where with numbers and arrays, comparisons as factors, clip, minimum of numbers, powers."""

    edge: float = setting(0.3, "Where.", low=-1, high=1)

    def output(input, edge):
        inner = np.where(input > edge, input * 2, -0.25)
        outer = np.clip(inner, -1, 1.5) * (input < 2) + (0 * input + 1.5) * (input >= 2)
        return outer + input**3 + (input * input) ** 0.5 + (2 + input * input) ** -1

    def grad_input(grad_output, input, edge):
        inner = np.where(input > edge, input * 2, -0.25)
        bent = (2 + 0 * input) * (input > edge) * (inner < 1.5) * (input < 2)
        return grad_output * (bent + 3 * input**2 + np.sign(input) - 2 * input * (2 + input * input) ** -2)


class Helped(Module):
    """Calls small functions with loops, branches on shapes, slices and names that are given anew."""

    def shape(input):
        return input

    def output(input):
        return halves(nested(input)) + horner(input, (-0.0, 1, 0.5))

    def grad_input(grad_output, input):
        many = 2.5 if input.shape[1] == 1 else 3.5
        if input.shape[1] == 1:
            slope = 6 + 0 * input
        else:
            slope = 3.5 * 6.5 + 0 * input
        inner = slope - (((0.25 * 3) * input - 0.5 * 2) * input + 0.125) + 0 * many
        swapped = halves_back(grad_output)
        return swapped * inner + grad_output * ((2 * 1) * input + 0.5)


def halves_back(x):
    middle = x.shape[1] - x.shape[1] // 2
    return np.concatenate((x[:, middle:], x[:, :middle]), axis=1)


class Reduced(Module):
    """Every kind of sum, mean, largest and smallest, over one axis, several and all."""

    def shape(input):
        return input

    def centre(input):
        return input.mean(axis=-1, keepdims=True)

    def output(input, centre):
        top = input.max(axis=0) - input.min(axis=(0,))
        return (
            (input - centre) * (1 / input.shape[-1])
            + 0 * top
            + input.sum(axis=(0, 1), keepdims=True)
            + input.mean()
        )

    def grad_input(grad_output, input):
        size = input.shape[-1]
        own = (grad_output - grad_output.mean(axis=-1, keepdims=True)) * (1 / size)
        return own + grad_output.sum() + np.sum(grad_output) * (1 / input.size)


def weighed(pair, times):
    """Not to be taken apart: a loop that only Python can run."""
    first, second = pair
    total = first * times
    while times > 1:
        total = total + second * np.log(np.abs(first) + 1)
        times = times - 1
    return np.cumsum(total, axis=-1)


class Whole(Module):
    """Calls a function that the compiler must leave whole; its gradient comes from the same function."""

    def shape(input):
        return input

    def output(input):
        return weighed((input * 0.5, input), 1) + weighed((input, input * 2), 1)

    def grad_input(grad_output):
        turned = grad_output[:, ::-1]
        return 1.5 * weighed((turned, turned), 1)[:, ::-1]


class Shifted(Activation):
    """A fixed number that may be zero from below."""

    by: float = setting(-0.0, "How far.", low=-1, high=1)

    def output(input, by):
        return input * by + (0.0 - input) * 0.0

    def grad_input(grad_output, by):
        return grad_output * by - grad_output * 0.0


MODULES = (TwoProducts, SameShape, Transposed, Chosen, Helped, Reduced, Whole, Shifted)
