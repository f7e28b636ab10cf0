"""What runs, shown on the canvas: the lit node and edges, their numbers, and live outputs on the cards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from nnstudio.errors import Error
from nnstudio.graph import Edge
from nnstudio.modules.shapes import count, per_sample
from nnstudio.studio.canvas.edge_words import EdgeWord
from nnstudio.studio.canvas.pulses import PASS
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from nnstudio.studio.lighting.short import forms, magnitude, seen
from nnstudio.studio.lighting.tracing import Trace
from nnstudio.studio.lighting.ways import Carried, Ways
from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping.stepper import Stepper

if TYPE_CHECKING:
    from nnstudio.program import Program, Statement

MOST_PUBLISHED = 4096
"""Numbers of one sample that training publishes; of more no card shows a picture then."""
MOST_FLOWING = 200
"""Edges; on more of them training sends no pulses."""
MOST_SHOWN = 1 << 18
"""Numbers of one sample of what is stepped."""
_LEAST_PASS = 0.25  # seconds that a pulse takes, however fast one plays


class Sets(NamedTuple):
    """Quantities of a program as sets of bits: all cards and edges are asked at each step."""

    cards: dict[str, int]
    edges: dict[Edge, int]


class Lights(QObject):
    """Carries the stepper's and the training run's values to the canvas.

    While `live`, cards show what the training run publishes; otherwise what the stepper has computed.
    """

    def __init__(
        self,
        document: Document,
        samples: Samples,
        stepper: Stepper,
        canvas: Canvas,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._samples = document, samples
        self._stepper, self._canvas, self._sheet = stepper, canvas, canvas.sheet
        self._running = False
        self._trace = Trace(stepper)
        self._known_ways: Ways | None = None
        self._shown: dict[str, NDArray[Any]] = {}
        self._said: dict[tuple[Edge, str], EdgeWord] = {}
        self._live: Mapping[str, NDArray[Any]] = {}
        self._next_wave, self._onward = 0.0, False
        self._true = 0  # what of the program was true when the edges were told last
        self._sets: tuple[Program, Ways, Sets] | None = None
        canvas.graph_scene.words_of = self.words_of
        stepper.recompiled.connect(self.show_stepper)
        stepper.moved.connect(self.show_stepper)
        stepper.sample_changed.connect(self.show_stepper)
        canvas.sheet.graph_changed.connect(self._dim)
        canvas.sheet.replaced.connect(self._show_elsewhere)

    @property
    def live(self) -> bool:
        """Whether what is shown comes from a run that goes on, and is not stepped."""
        return self._running

    @live.setter
    def live(self, running: bool) -> None:
        self._running = running
        self._canvas.pulses.set_calm(running)

    @property
    def ways(self) -> Ways:
        """Which quantities travel along the edges of what the canvas shows."""
        if self._known_ways is None:
            self._known_ways = Ways(self._sheet)
        return self._known_ways

    # -- what the stepper does

    def show_stepper(self) -> None:
        """Light what ran last, send its pulses, and put the stepper's numbers on cards and edges."""
        if self.live:
            return
        if self._live:
            self._live = {}
            self._canvas.pulses.stop()
            self._canvas.graph_scene.say()
        ran = self._trace.follow()
        self._light(ran)
        changed = self._trace.changed
        self._show_outputs(changed)
        self._say_edges(changed)
        self._pin()

    def _pin(self) -> None:
        """Where the program of a broken graph has come to its end."""
        program = self._stepper.program
        ended = program is not None and program.position == len(program.statements)
        obstacle = self._stepper.obstacle if ended else None
        node = None if obstacle is None else self._sheet.here(obstacle.path)
        self._canvas.graph_scene.pin(node)
        if node is not None:
            self._canvas.reveal(node)

    def _light(self, ran: tuple[Statement, ...]) -> None:
        statement, canvas = self._stepper.statement, self._canvas
        node = None if statement is None else self._sheet.here(statement.path)
        if statement is None or node is None:
            canvas.light(None, travels=statement is None)  # else pulses are still under way
            return
        value = None if self._stepper.undone else self._stepper.value_of(statement)
        edges = self.ways.along(statement)
        text = "" if value is None or not edges else self._text(edges[0], value)
        canvas.light(node, edges, statement.phase, text, magnitude(value), travels=False)
        sizes = {
            edge: magnitude(self._stepper.value_of(each))
            for each in ran
            if each.phase == statement.phase
            for edge in self.ways.along(each)
        }
        if sizes:
            pace = self._stepper.speed if self._stepper.playing else 0.0
            seconds = max(_LEAST_PASS, min(PASS, 0.9 / pace)) if pace else PASS
            canvas.pulses.travel(sizes, statement.phase, sizes, seconds)

    def _text(self, edge: Edge, value: NDArray[Any]) -> str:
        carried = self.ways.values[edge]
        found = self._forms(carried, value)
        return found[0] if found else ""

    def _forms(self, carried: Carried, array: NDArray[Any]) -> tuple[str, ...]:
        try:
            return forms(self._seen(carried, array))
        except (Error, TypeError, ValueError):
            return ()

    def _seen(self, carried: Carried, array: NDArray[Any]) -> NDArray[Any]:
        """What the chosen sample has of a quantity."""
        sample, classes = self._stepper.sample, 0
        if sample is None and carried.classes:
            program, dataset = self._stepper.program, self._samples.dataset
            feed = None if program is None else program.listing.feeds.get(carried.key.removesuffix(".output"))
            classes = feed.classes if feed is not None else 0
            classes = classes or (0 if dataset is None else dataset.classes)
        return seen(array, carried.batched, sample, classes)

    def _show_outputs(self, changed: Collection[str] | None) -> None:
        """On the cards of what has `changed`, by identifier; None is all."""
        stepper, program, canvas = self._stepper, self._stepper.program, self._canvas
        if program is None:
            if self._shown:
                canvas.clear_thumbnails()
                self._shown = {}
            canvas.set_fresh(())
            return
        sets = self._sets_of(program)
        true = 0 if stepper.busy else program.true_bits()
        written = -1 if changed is None else program.bits_of(changed)
        fresh = [key for key, own in sets.cards.items() if own & true]
        for key, own in sets.cards.items():
            if not own & written:
                continue
            carried = self.ways.cards[key]
            array = stepper.value(carried.key)
            former = self._shown.get(key)
            if array is None:
                continue
            array = self._as_picture(key, self._seen(carried, array))
            if array is not None and (former is None or not _same(former, array)):
                self._shown[key] = array = array.copy()
                canvas.set_thumbnail(key, array)
        canvas.set_fresh(fresh)

    def _as_picture(self, key: str, sample: NDArray[Any], most: int = MOST_SHOWN) -> NDArray[Any] | None:
        """What a card shows of a sample: a picture where the data are pictures; of too many numbers none."""
        if sample.size > most:
            return None
        dataset, node = self._samples.dataset, self._sheet.level.nodes[key]
        picture = dataset.image_shape if dataset is not None else None
        if picture and node.type == "Input" and not self._sheet.path and sample.size == int(np.prod(picture)):
            return sample.reshape(picture)
        return sample

    # -- what edges say

    def words_of(self, edge: Edge) -> tuple[EdgeWord, ...]:
        """The value that goes along an edge and the gradient that comes back, of the chosen sample. What was
        computed in an earlier pass is said to be stale.
        """
        found = (
            self._word(edge, "forward", self.ways.values.get(edge)),
            self._word(edge, "backward", self.ways.gradients.get(edge)),
        )
        return tuple(word for word in found if word is not None and word.forms)

    def _word(self, edge: Edge, phase: str, carried: Carried | None) -> EdgeWord | None:
        former = self._said.get((edge, phase))
        if carried is None:
            return None
        if self.live:  # what the run does not tell is not known, and what was before is long gone
            array = self._live.get(carried.key)
            return None if array is None else EdgeWord(phase, self._forms(carried, array), True)
        array = self._stepper.value(carried.key)
        if array is None:
            return None if former is None else former._replace(true=False)
        word = EdgeWord(phase, self._forms(carried, array), self._stepper.is_true(carried.key))
        self._said[edge, phase] = word
        return word

    def _say_edges(self, changed: Collection[str] | None) -> None:
        """The words of what has `changed`, or is no longer true, are worked out anew when somebody looks."""
        program, scene = self._stepper.program, self._canvas.graph_scene
        if program is None:
            self._said = {}
            scene.say()
            return
        former, self._true = self._true, 0 if self._stepper.busy else program.true_bits()
        if changed is None:
            scene.say()
            return
        others = program.bits_of(changed) | (former ^ self._true)
        scene.say([edge for edge, own in self._sets_of(program).edges.items() if own & others])

    def _sets_of(self, program: Program) -> Sets:
        """What of a program each card and each edge shows."""
        if self._sets is None or self._sets[0] is not program or self._sets[1] is not self.ways:
            ways = self.ways

            def bits(*carried: Carried | None) -> int:
                keys = (each.key for each in carried if each is not None and each.key in program)
                return program.bits_of(program.identifier(key) for key in keys)

            cards = {key: bits(each) for key, each in ways.cards.items()}
            edges = {edge: bits(each, ways.gradients.get(edge)) for edge, each in ways.values.items()}
            self._sets = (program, ways, Sets(cards, edges))
        return self._sets[2]

    # -- when the sheet is another

    def _dim(self) -> None:
        """Another graph: nothing that is shown is known to hold for it."""
        present = self._sheet.level.nodes
        self._shown = {key: array for key, array in self._shown.items() if key in present}
        self._known_ways = None
        self._said = {key: word._replace(true=False) for key, word in self._said.items()}
        self._trace.lose()
        self._canvas.set_fresh(())
        self._canvas.graph_scene.pin(None)
        self._canvas.graph_scene.say()

    def _show_elsewhere(self) -> None:
        """Other nodes are on the canvas now."""
        self._shown, self._said, self._known_ways = {}, {}, None
        self._trace.lose()
        self.show_stepper()

    # -- what training does

    def watched(self) -> list[str]:
        """The outputs worth publishing while training: those a card can show."""
        shapes, prefix = self._sheet.shapes(), self._sheet.prefix
        found: list[str] = []
        for key, node in self._sheet.level.nodes.items():
            shape = shapes.get(key)
            if shape is not None and count(per_sample(shape)) <= MOST_PUBLISHED:
                found.append(f"{prefix}{node.name}.output")
        return found

    def show_run(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Put the outputs of the batch trained last on the cards and their edges."""
        if not self._live:
            self._canvas.light(None)
            self._trace.lose()
        self._live = arrays
        fresh: list[str] = []
        for key, carried in self.ways.cards.items():
            array = arrays.get(carried.key)
            if array is not None:
                sample = self._as_picture(key, self._seen(carried, array), MOST_PUBLISHED)
                if sample is not None:
                    self._shown[key] = sample
                    self._canvas.set_thumbnail(key, sample)
                    fresh.append(key)
        self._canvas.set_fresh(fresh)
        scene = self._canvas.graph_scene
        scene.say(edge for edge, carried in self.ways.values.items() if carried.key in arrays)
        self._flow(arrays)

    def _flow(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Now and then a wave of values goes forward, and one of gradients comes back."""
        pulses, now = self._canvas.pulses, monotonic()
        if pulses.reduced or now < self._next_wave:
            return
        self._next_wave = now + PASS
        self._onward = not self._onward
        phase, edges = ("forward", self.ways.values) if self._onward else ("backward", self.ways.gradients)
        if len(edges) <= MOST_FLOWING:
            sizes = {edge: magnitude(arrays.get(self.ways.values[edge].key)) for edge in edges}
            pulses.travel(sizes, phase, sizes)


def _same(former: NDArray[Any], array: NDArray[Any]) -> bool:
    return former.shape == array.shape and np.array_equal(former, array, equal_nan=True)


def value_text(value: NDArray[Any], batch: int) -> str:
    """A quantity of the first sample in few characters."""
    found = forms(seen(np.asarray(value), batch > 1 and np.shape(value)[:1] == (batch,), 0))
    return found[0] if found else ""
