"""Which quantities hold numbers of now: computed in this pass, and from nothing that has changed since.

A set of identifiers is one whole number with a bit for each: sets of thousands are joined, cut and kept for
a thousand moments at next to no cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nnstudio.program.statement import Listing, Statement
from nnstudio.program.update import STEP

Bits = int


@dataclass(slots=True)
class Standing:
    """How the quantities of a program stand at one moment; never changed, but replaced."""

    current: Bits
    """Written in this pass, or always there (parameters, constants)."""
    stale: Bits
    """Computed from what has changed since: a parameter that was updated, an input that was typed."""
    empty: Bits
    """Gradients of parameters to which nothing was added since they were zeroed: computed from nothing."""
    typed: Bits
    """Written by hand since they were computed."""
    updated: Bits
    """Parameters that were updated since the optimizer counted its last step."""

    @property
    def bytes(self) -> int:
        """Memory that its numbers take."""
        numbers = (self.current, self.stale, self.empty, self.typed, self.updated)
        return sum(number.__sizeof__() for number in numbers)


class Dependence:
    """What follows from what in a listing, and so how each act changes a standing."""

    def __init__(self, listing: Listing, always: Iterable[str]) -> None:
        statements = listing.statements
        names = dict.fromkeys((*always, *(feed.identifier for feed in listing.feeds.values())))
        names.update(dict.fromkeys((*(line.target for line in statements), *listing.keys.values())))
        self.bit: Mapping[str, Bits] = {name: 1 << place for place, name in enumerate(names)}
        self.reads: list[Bits] = [
            0 if line.phase == "zero_grad" else self.bits(name for name in line.reads if name in self.bit)
            for line in statements
        ]
        """What each statement computes with, by index; of zeros only the shape comes from elsewhere."""
        self.below: dict[str, Bits] = dict.fromkeys(names, 0)
        """What is computed from each quantity in a pass, at once or by way of others."""
        for line in reversed(statements):
            if line.phase in ("forward", "backward"):
                found = self.bit[line.target] | self.below[line.target]
                for name in line.reads:
                    if name in self.below:
                        self.below[name] |= found
        self.gradients = self.bits(parameter.gradient for parameter in listing.parameters)
        trained = [parameter.identifier for parameter in listing.parameters if parameter.trained]
        self.parameters = self.bits(trained)
        self.below_parameters = self.all_below(trained)

    def bits(self, names: Iterable[str]) -> Bits:
        """The set of some identifiers."""
        found = 0
        for name in names:
            found |= self.bit[name]
        return found

    def all_below(self, names: Iterable[str]) -> Bits:
        """What is computed from any of some identifiers."""
        found = 0
        for name in names:
            found |= self.below[name]
        return found

    # -- acts ----------------------------------------------------------------------------------------

    def first(self, given: Bits) -> Standing:
        """Before anything has run: the gradients are zero, and no update has been counted."""
        return Standing(given, 0, self.gradients, 0, self.parameters)

    def begun(self, standing: Standing, given: Bits) -> Standing:
        """A new pass: nothing is computed yet."""
        return Standing(
            given, standing.stale & given, standing.empty, standing.typed & given, standing.updated
        )

    def fed(self, standing: Standing, given: Bits, names: Iterable[str]) -> Standing:
        """Other samples: a new pass, and what was added to gradients belongs to the former ones."""
        stale = standing.stale | self.all_below(names) & self.gradients & ~standing.empty
        return Standing(given, stale & given, standing.empty, standing.typed & given, standing.updated)

    def written(self, standing: Standing, names: Iterable[str]) -> Standing:
        """Quantities were written by hand: they hold, and what was computed from them does not."""
        written = list(names)
        own = self.bits(written)
        empty = standing.empty & ~own
        stale = (standing.stale | self.all_below(written) & ~empty) & ~own
        return Standing(standing.current | own, stale, empty, standing.typed | own, standing.updated)

    def after(self, standing: Standing, lines: Iterable[Statement]) -> Standing:
        """Statements were executed, one after the other.

        What one computes is of now if all that it reads is; computing the same thing again changes nothing
        below it. A gradient that is added to is judged by what was added last.
        """
        bits, below = self.bit, self.below
        current, stale, empty = standing.current, standing.stale, standing.empty
        typed, updated = standing.typed, standing.updated
        for line in lines:
            own = bits[line.target]
            if line.phase == "zero_grad":
                stale, empty, typed = stale & ~own, empty | own, typed & ~own
            elif line.phase == "update":
                updated = 0 if line.target == STEP else updated | own & self.parameters
                stale, typed = (stale | below[line.target] & ~empty) & ~own, typed & ~own
            else:
                if typed & own and not line.accumulates:
                    if not stale & own:  # else what is below was stale already, or typed since
                        stale |= below[line.target] & ~empty
                    typed &= ~own
                late = self.reads[line.index] & (stale | ~current)
                stale, empty = stale | own if late else stale & ~own, empty & ~own
            current |= own
        return Standing(current, stale, empty, typed, updated)

    def trained(self, current: Bits, updated: bool = True) -> Standing:
        """After a whole training step: what was computed belongs to the parameters before the update."""
        return Standing(current, self.below_parameters if updated else 0, 0, 0, self.parameters)

    def changed_elsewhere(self, standing: Standing) -> Standing:
        """Parameters and their gradients were changed by the program of another batch size."""
        stale = standing.stale | self.below_parameters | self.gradients
        return Standing(standing.current, stale, 0, standing.typed, standing.updated)
