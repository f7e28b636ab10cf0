"""What a script says of the numbers that go into the network and come out of it: scale() and unscale()."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from nnstudio.data.fitted import Fitted
from nnstudio.data.scaling import Scaling
from nnstudio.exchange.content import Array, Content
from nnstudio.exchange.layout import WIDTH, bracketed, in_docstring, quoted
from nnstudio.modules.shapes import format_shape

Lines = list[str]

MOST_WRITTEN = 64
"""Numbers of a scaling that stand in the script itself; more lie in its data file."""
_MOST_NAMED = 24
_STORED = "scaling"


def reading_text(content: Content, stem: str) -> Lines:
    """For the head of the script: what it is fed, and what its answers stand for, unless all is plain."""
    fitted = content.fitted
    if fitted is None:
        return []
    told: Lines = []
    if not fitted.scaling.is_none:
        already = f"; those in {stem}_data.npz are so already" if content.has("train") else ""
        told.append(
            f"The network takes inputs as scale() makes them of the data's own{_named(' columns ', fitted)}"
            f"{already}."
        )
    if not fitted.target_scaling.is_none:
        names = ", ".join(fitted.target_names[:_MOST_NAMED])
        told.append(f"unscale() gives its answers{f' ({names})' if names else ''} in the data's own unit.")
    if content.classified is not None and len(fitted.class_names) <= _MOST_NAMED:
        told.append(f"Its answers are scores of the classes {', '.join(fitted.class_names)}, in this order.")
    return textwrap.wrap(in_docstring(" ".join(told)), WIDTH, break_on_hyphens=False) if told else []


def constants_text(content: Content) -> Lines:
    """What was fitted on the training part, as far as it is written into the script."""
    lines: Lines = []
    for name, scaling in _scalings(content.fitted).items():
        if scaling.offset.size <= MOST_WRITTEN:
            for what, values in (("OFFSET", scaling.offset), ("FACTOR", scaling.factor)):
                lines += _constant(f"{name}_{what}", values)
    return ["# fitted on the training part of the data in nnstudio", *lines] if lines else []


def stored_scalings(content: Content) -> dict[str, Array]:
    """What is too much to be read, for the data file."""
    return {
        f"{_STORED}.{name.lower()}_{what}": values
        for name, scaling in _scalings(content.fitted).items()
        if scaling.offset.size > MOST_WRITTEN
        for what, values in (("offset", scaling.offset), ("factor", scaling.factor))
    }


def functions_text(content: Content, *, torch: bool) -> Lines:
    """scale() and unscale(), each where there is something to scale."""
    fitted = content.fitted
    scalings = _scalings(fitted)
    if fitted is None or not scalings:
        return []
    dtype = content.settings.dtype
    lines: Lines = []
    if "INPUT" in scalings:
        offset, factor = "INPUT_OFFSET", "INPUT_FACTOR"
        lines += [
            f"def scale(x: np.ndarray) -> {'Tensor' if torch else 'np.ndarray'}:",
            f'    """Inputs of the data ({_shape(fitted.input_shape)}) as the network takes them."""',
            *_taken("INPUT", scalings["INPUT"]),
        ]
        value = f"(np.asarray(x, np.float64) - {offset}) * {factor}"
        lines.append(
            f"    return torch.from_numpy({value}).to(DTYPE)"
            if torch
            else f"    return ({value}).astype(np.{dtype})"
        )
    if "TARGET" in scalings:
        given = "y.detach().double().numpy()" if torch else "np.asarray(y, np.float64)"
        lines += ["", ""] if lines else []
        lines += [
            f"def unscale(y: {'Tensor' if torch else 'np.ndarray'}) -> np.ndarray:",
            f'    """Answers of the network ({_shape(fitted.target_shape)}) in the unit of the data."""',
            *_taken("TARGET", scalings["TARGET"]),
            f"    return {given} / TARGET_FACTOR + TARGET_OFFSET",
        ]
    return lines


def _scalings(fitted: Fitted | None) -> Mapping[str, Scaling]:
    if fitted is None:
        return {}
    both = {"INPUT": fitted.scaling, "TARGET": fitted.target_scaling}
    return {name: scaling for name, scaling in both.items() if not scaling.is_none}


def _taken(name: str, scaling: Scaling) -> Lines:
    """Out of the data file, where they do not stand in the script."""
    if scaling.offset.size <= MOST_WRITTEN:
        return []
    entries = [f"file[{quoted(f'{_STORED}.{name.lower()}_{what}')}]" for what in ("offset", "factor")]
    return [
        "    with np.load(DATA) as file:",
        f"        {name}_OFFSET, {name}_FACTOR = {', '.join(entries)}",
    ]


def _shape(sample: tuple[int, ...]) -> str:
    return format_shape(("N", *sample))


def _constant(name: str, values: Array) -> Lines:
    if values.ndim == 0:
        return [f"{name} = {float(values)!r}"]
    flat = [repr(value) for value in np.asarray(values, np.float64).reshape(-1).tolist()]
    if values.ndim == 1:
        return bracketed(f"{name} = np.array([", flat, "])", display=True)
    return bracketed(f"{name} = np.array([", flat, f"]).reshape({', '.join(map(str, values.shape))})")


def _named(lead: str, fitted: Fitted) -> str:
    names: Sequence[str] = [feature for column in fitted.columns for feature in column.features]
    return f"{lead}{', '.join(names)}" if 0 < len(names) <= _MOST_NAMED else " samples"
