"""The chain rule with letters: a path as a product of derivatives, a gradient as the sum over its paths."""

from __future__ import annotations

from itertools import pairwise

from nnstudio.explain.chain import Path, Paths, by_key
from nnstudio.explain.formula import Formula
from nnstudio.explain.letters import Letter, Letters, derivative
from nnstudio.explain.local import anatomy
from nnstudio.program.program import Program

MOST_FACTORS = 7
"""A longer chain is written with its first and last factors."""
MOST_TERMS = 4
"""So many paths are written with letters in the sum."""


def path_formula(program: Program, letters: Letters, path: Path) -> Formula:
    """∂L/∂v · ∂v/∂u · ∂u/∂b for the nodes of a path, one factor for each edge."""
    factors = _factors(program, letters, path)
    if not factors:
        return Formula(derivative(letters.loss, letters.loss).latex, "the derivative of the loss by itself")
    if len(factors) > MOST_FACTORS:
        dots = Letter(r"\cdots", "and so on until")
        factors = [*factors[: MOST_FACTORS // 2 + 1], dots, *factors[-(MOST_FACTORS // 2) :]]
    return Formula(
        r"\,".join(each.latex for each in factors), " times ".join(each.spoken for each in factors)
    )


def _factors(program: Program, letters: Letters, path: Path) -> list[Letter]:
    nodes = anatomy(program).nodes
    keys = program.listing.keys
    chain = [letters.loss]
    for position, name in enumerate(path.nodes):
        if letters[keys[f"{name}.output"]] != chain[-1]:
            chain.append(letters[keys[f"{name}.output"]])
        if position == len(path.nodes) - 1 and len(path.ports) == len(path.nodes):
            last = letters[keys[by_key(nodes[name], path.ports[position])]]
            if last != chain[-1]:
                chain.append(last)
    return [derivative(of, by) for of, by in pairwise(chain)]


def total_formula(program: Program, letters: Letters, found: Paths, identifier: str) -> Formula:
    """A gradient as the sum over its paths."""
    whole = letters[identifier]
    terms = [path_formula(program, letters, path) for path in list(found)[:MOST_TERMS]]
    if len(terms) == 1 and terms[0].latex == whole.latex:
        return Formula(whole.latex, whole.spoken)
    latex = " + ".join(term.latex for term in terms)
    spoken = " plus ".join(term.spoken for term in terms)
    if found.count > MOST_TERMS:
        latex += r" + \cdots"
        spoken += f" plus {found.count - MOST_TERMS:,} paths more"
    return Formula(f"{whole.latex} = {latex}", f"{whole.spoken} equals {spoken}")
