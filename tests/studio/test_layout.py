"""The layout: columns from left to right, nothing overlaps, few crossings, and the same every time."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnstudio.graph import Graph
from nnstudio.graph.node import Edge
from nnstudio.studio.canvas.layout import Card, arranged_level, arrangement, cards
from nnstudio.studio.canvas.layout.ordering import inversions
from tests.studio import crossings

ROOT = Path(__file__).resolve().parents[2]


def card(inputs=1, width=152.0, height=112.0):
    height = max(height, 16.0 + 24 * inputs)
    first = height / 2 - (inputs - 1) * 12
    return Card(width, height, {f"p{i}": first + 24 * i for i in range(inputs)}, {"output": height / 2})


def graph(feeds, **size):
    """The k-th card is fed, port by port, by the cards whose numbers stand at k."""
    made = {f"n{k}": card(max(1, len(sources)), **size) for k, sources in enumerate(feeds)}
    edges = [
        Edge(f"n{s}", f"n{k}", f"p{i}") for k, sources in enumerate(feeds) for i, s in enumerate(sources)
    ]
    return made, edges


@st.composite
def drawings(draw, most=40):
    """Any graph without cycles, with cards of any size; two edges may join the same two cards."""
    count = draw(st.integers(1, most))
    chance = random.Random(draw(st.integers(0, 2**32)))
    density = draw(st.sampled_from([0.5, 1.0, 1.5, 3.0]))
    feeds = [[] for _ in range(count)]
    for _ in range(int(density * count) if count > 1 else 0):
        source, target = sorted(chance.sample(range(count), 2))
        feeds[target].append(source)
    made, edges = graph(feeds)
    for key, each in made.items():
        if chance.random() < 0.3:
            width, height = each.width + chance.randrange(200), each.height + chance.randrange(150)
            made[key] = Card(width, height, each.inputs, each.outputs)
    chance.shuffle(edges)
    order = list(made)
    chance.shuffle(order)
    return {key: made[key] for key in order}, edges


def overlapping(made, places, apart=0.0):
    """Pairs of cards nearer than `apart`."""
    boxes = [(key, *places[key], made[key].width, made[key].height) for key in places]
    return [
        (a[0], b[0])
        for i, a in enumerate(boxes)
        for b in boxes[:i]
        if a[1] < b[1] + b[3] + apart
        and b[1] < a[1] + a[3] + apart
        and a[2] < b[2] + b[4] + apart
        and b[2] < a[2] + a[4] + apart
    ]


def behind(made, edges, drawing):
    """Edges that run behind a card, as the canvas draws them."""
    found = []
    for edge in edges:
        points = crossings.route(edge, made, drawing)
        for key, (x, y) in drawing.positions.items():
            inside = (points > (x, y)) & (points < (x + made[key].width, y + made[key].height))
            if inside.all(axis=1).any():
                found.append((edge, key))
    return found


@given(drawings())
@settings(max_examples=30, deadline=None)
def test_cards_stand_apart_on_the_grid_and_every_edge_points_right(drawing):
    made, edges = drawing
    result = arrangement(made, edges)
    assert list(result.positions) == list(made) and set(result.bends) == set(edges)
    assert overlapping(made, result.positions, apart=32.0) == []
    for edge in edges:
        source, target = result.positions[edge.source], result.positions[edge.target]
        assert source[0] + made[edge.source].width + 64 <= target[0]
        xs = [source[0] + made[edge.source].width, *(x for x, _ in result.bends[edge]), target[0]]
        assert xs == sorted(xs)
    for x, y in result.positions.values():
        assert x % 8 == 0 and y % 8 == 0
    assert min(y for _, y in result.positions.values()) >= 0


@given(drawings())
@settings(max_examples=30, deadline=None)
def test_no_edge_runs_behind_a_card(drawing):
    made, edges = drawing
    assert behind(made, edges, arrangement(made, edges)) == []


@given(drawings())
@settings(max_examples=20, deadline=None)
def test_twice_gives_the_same(drawing):
    assert arrangement(*drawing) == arrangement(*drawing)


def test_other_hash_seeds_give_the_same():
    code = (
        "from tests.bench.layout import arrangement, graph, random_graph;"
        "made = arrangement(*graph(random_graph(80)));"
        "print(list(made.positions.items()), list(made.bends.items()))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }  # fmt: skip
    assert len(printed) == 1 and len(printed.pop()) > 1000


@pytest.mark.parametrize("length", [2, 7, 60])
def test_a_chain_is_straight(length):
    made, edges = graph([[k - 1] if k else [] for k in range(length)])
    result = arrangement(made, edges)
    assert {y for _, y in result.positions.values()} == {0.0}
    assert not any(result.bends.values())


def test_a_residual_block_keeps_its_trunk_straight_and_crosses_nothing():
    made, edges = graph([[], [0], [1], [2, 0], [3], [4], [5, 3], [6]])
    result = arrangement(made, edges)
    assert crossings.drawn(edges, made, result) == 0
    assert len({y for _, y in result.positions.values()}) == 1
    skips = [edge for edge in edges if edge.port == "p1"]
    assert [len(result.bends[edge]) for edge in skips] == [2, 2]  # round the cards they pass
    assert not any(result.bends[edge] for edge in edges if edge not in skips)


@pytest.mark.parametrize("swapped", [False, True])
def test_what_feeds_the_upper_port_stands_above(swapped):
    sources = [1, 0, 3, 2] if swapped else [0, 1, 2, 3]
    made, edges = graph([[], [], [], [], sources])
    result = arrangement(made, edges)
    heights = [result.positions[f"n{k}"][1] for k in sources]
    assert heights == sorted(heights) and crossings.drawn(edges, made, result) == 0


def test_a_target_stands_beside_the_criterion():
    made, edges = graph([[], [0], [1], [2], [], [3, 4]])
    result = arrangement(made, edges)
    assert result.positions["n4"][0] == result.positions["n3"][0]
    assert result.positions["n4"][1] > result.positions["n3"][1]


def test_unjoined_parts_are_stacked_and_single_cards_stand_in_rows():
    made, edges = graph([[], [0], [], [2], *([] for _ in range(12))])
    places = arrangement(made, edges).positions
    assert places["n2"][1] >= places["n1"][1] + made["n1"].height
    singles = [places[f"n{k}"] for k in range(4, 16)]
    assert min(y for _, y in singles) > places["n3"][1] and 1 < len({y for _, y in singles}) < 12


def test_a_selection_moves_and_nothing_else():
    made, edges = graph([[], [0], [1], [2], [3]])
    places = {
        "n0": (0.0, 0.0),
        "n1": (800.0, 300.0),
        "n2": (304.0, 96.0),
        "n3": (500.0, 900.0),
        "n4": (2000.0, 0.0),
    }
    result = arrangement(made, edges, places, only={"n1", "n2", "n3"})
    assert list(result.positions) == ["n1", "n2", "n3"]
    assert min(x for x, _ in result.positions.values()) == 304.0
    assert min(y for _, y in result.positions.values()) == 96.0
    assert set(result.bends) == {edge for edge in edges if edge.source != "n0" and edge.target != "n4"}


@given(drawings(most=14), st.data())
@settings(max_examples=50, deadline=None)
def test_an_arranged_selection_lies_on_no_other_card(drawing, data):
    made, edges = drawing
    place = st.tuples(st.integers(0, 100), st.integers(0, 100))
    places = {key: tuple(8.0 * v for v in data.draw(place)) for key in made}
    only = data.draw(st.sets(st.sampled_from(list(made))))
    result = arrangement(made, edges, places, only)
    assert set(result.positions) == only
    after = {**places, **result.positions}
    assert [pair for pair in overlapping(made, after) if only & set(pair)] == []


def test_arranging_nothing_gives_nothing():
    assert arrangement({}, []).positions == {}
    assert arrangement(*graph([[], [0]]), only=()).positions == {}


@given(st.integers(1, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40))
@settings(max_examples=30, deadline=None)
def test_cycles_and_edges_to_themselves_do_not_hang(count, pairs):
    made = {f"n{k}": card(2) for k in range(count)}
    edges = [Edge(f"n{a % count}", f"n{b % count}", f"p{a % 2}") for a, b in pairs]
    result = arrangement(made, edges)
    assert overlapping(made, result.positions) == [] and len(result.positions) == count


def test_an_edge_far_longer_than_there_is_room_for_goes_over_everything():
    """Of 400 chained cards each feeds one 200 further on: more passages than are kept."""
    made, edges = graph([[k - 1] if k else [] for k in range(400)])
    made = {key: card(2) for key in made}
    long = [Edge(f"n{k}", f"n{k + 200}", "p1") for k in range(200)]
    result = arrangement(made, [*edges, *long])
    top = min(y for _, y in result.positions.values())
    over = [edge for edge in long if any(y < top for _, y in result.bends[edge])]
    assert over and min(y for edge in over for _, y in result.bends[edge]) >= 0
    assert overlapping(made, result.positions) == []


def test_a_level_is_arranged_with_the_cards_the_canvas_draws():
    model = Graph()
    x, fc, t = model.add("Input"), model.add("Linear"), model.add("Target")
    loss = model.add("MSE")
    model.connect(x, fc)
    model.connect(fc, loss, "input")
    model.connect(t, loss, "target")
    result = arranged_level(model.level)
    assert list(result.positions) == [x.id, fc.id, t.id, loss.id]
    ports = cards(model.level)[loss.id]
    assert ports.inputs["target"] - ports.inputs["input"] == 24.0 and ports.height == 112.0
    assert result.positions[t.id][1] > result.positions[fc.id][1]


@given(st.permutations(range(30)))
@settings(max_examples=50, deadline=None)
def test_inversions_are_counted_as_by_hand(order):
    plain = sum(a > b for i, a in enumerate(order) for b in order[i + 1 :])
    assert inversions(np.array(order)) == plain


def test_the_counter_counts():
    flat = [(("a", "o"), ("b", "i")), (("c", "o"), ("d", "i"))]
    cross = [np.array([[0.0, 0], [10, 10]]), np.array([[0.0, 10], [10, 0.5]])]
    assert crossings.count(list(zip(flat, cross, strict=True))) == 1
    apart = [cross[0], cross[0] + 1]
    assert crossings.count(list(zip(flat, apart, strict=True))) == 0
