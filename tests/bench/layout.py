"""The layout's time and crossings: `python tests/bench/layout.py [--json]`.

Times are of graphs with about 1.5 edges a node: deep chains, wide branches, a random graph without cycles,
and one third of each. The best of several runs counts, so that a busy machine does not decide. Where the
package graphlay (PyPI) can be imported, its crossings on three graphs are counted beside ours by the same
counter: with every edge drawn as the straight line between its ports, and as each of the two routes it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from nnstudio.graph.node import Edge, Position
from nnstudio.studio.canvas.layout import Card, arrangement
from tests.studio import crossings

RUNS = 5
PORTS = {1: {"input": 56.0}, 2: {"a": 44.0, "b": 68.0}}
Drawing = tuple[dict[str, Card], list[Edge]]


def graph(feeds: Sequence[Sequence[int]]) -> Drawing:
    """Cards as the canvas draws them, the k-th fed by the nodes whose numbers stand at k."""
    cards: dict[str, Card] = {}
    edges: list[Edge] = []
    for index, sources in enumerate(feeds):
        ports = PORTS.get(max(1, len(sources))) or {f"p{i}": 20.0 + 24 * i for i in range(len(sources))}
        height = max(112.0, 16.0 + 24 * len(ports))
        cards[f"n{index}"] = Card(152.0, height, ports, {"output": height / 2})
        edges += [Edge(f"n{source}", f"n{index}", port) for source, port in zip(sources, ports, strict=False)]
    return cards, edges


def chains(count: int, first: int = 0, length: int = 100) -> list[list[int]]:
    """Chains of residual blocks: every second node also takes what the one three before it gave."""
    feeds: list[list[int]] = []
    for index in range(count):
        step = index % length
        before = [first + index - 1] if step else []
        if step >= 4 and step % 2 == 0:
            before.append(first + index - 3)
        feeds.append(before)
    return feeds


def branches(count: int, first: int = 0, width: int = 50) -> list[list[int]]:
    """One node feeds `width` branches of three, which pairs join, until one is left; and again from there."""
    feeds: list[list[int]] = [[]]
    root = 0
    while len(feeds) < count:
        tips: list[int] = []
        for _ in range(width):
            feeds.append([root])
            for _ in range(2):
                feeds.append([len(feeds) - 1])
            feeds.append([len(feeds) - 1, len(feeds) - 3])
            tips.append(len(feeds) - 1)
        while len(tips) > 1:
            joined: list[int] = []
            for k in range(0, len(tips) - 1, 2):
                feeds.append([tips[k], tips[k + 1]])
                joined.append(len(feeds) - 1)
            tips = joined + tips[len(tips) // 2 * 2 :]
        root = tips[0]
    return [[first + each for each in sources] for sources in feeds[:count]]


def random_graph(count: int, first: int = 0, seed: int = 1) -> list[list[int]]:
    """1.5 edges a node between any two, from the lower number to the higher."""
    chance = random.Random(seed)
    feeds: list[list[int]] = [[] for _ in range(count)]
    for _ in range(count * 3 // 2):
        source, target = sorted(chance.sample(range(count), 2))
        feeds[target].append(first + source)
    return feeds


def mix(count: int) -> list[list[int]]:
    third = count // 3
    return [*chains(third), *branches(third, third), *random_graph(count - 2 * third, 2 * third)]


def residual_network(blocks: int = 12) -> list[list[int]]:
    """x, then blocks of linear, activation, linear and add, which a skip goes round; a loss with a target."""
    feeds: list[list[int]] = [[]]
    for _ in range(blocks):
        start = len(feeds) - 1
        feeds += [[start], [start + 1], [start + 2], [start + 3, start]]
    feeds += [[len(feeds) - 1], [], [len(feeds), len(feeds) + 1]]
    return feeds


def two_branches(depth: int = 8) -> list[list[int]]:
    """Two inputs, a chain from each, with an exchange halfway, joined for a loss with a target."""
    feeds: list[list[int]] = [[], []]
    left, right = 0, 1
    for step in range(depth):
        feeds.append([left, right] if step == depth // 2 else [left])
        feeds.append([right, left] if step == depth // 2 else [right])
        left, right = len(feeds) - 2, len(feeds) - 1
    feeds += [[left, right], [len(feeds)], [], [len(feeds) + 1, len(feeds) + 2]]
    return feeds


TIMED: dict[str, Callable[[int], list[list[int]]]] = {
    "chains": chains,
    "branches": branches,
    "random": random_graph,
    "mix": mix,
}
COMPARED = {
    "residual network": residual_network(),
    "two branches": two_branches(),
    "random, 60 nodes": random_graph(60),
}


def with_one_port(drawing: Drawing) -> Drawing:
    """With every edge into the middle of its target: graphlay chooses where an edge arrives, and so does not
    cross those that come in the order of the ports.
    """
    cards, edges = drawing
    return (
        {key: Card(152.0, 112.0, {}, {"output": 56.0}) for key in cards},
        [Edge(edge.source, edge.target, "input") for edge in edges],
    )


def seconds(drawing: Drawing) -> float:
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        arrangement(*drawing)
        best = min(best, time.perf_counter() - start)
    return best


def ours(drawing: Drawing) -> dict[str, int | float]:
    cards, edges = drawing
    start = time.perf_counter()
    made = arrangement(cards, edges)
    took = time.perf_counter() - start
    return {
        "straight": crossings.straight(edges, cards, made.positions),
        "routed": crossings.drawn(edges, cards, made),
        "seconds": took,
    }


def graphlay_s(drawing: Drawing) -> dict[str, int | float]:
    import graphlay  # type: ignore[import-not-found]

    cards, edges = drawing
    start = time.perf_counter()
    net = graphlay.Graph()
    for key, card in cards.items():
        net.node(key, width=card.width, height=card.height)
    for edge in edges:
        net.edge(edge.source, edge.target)
    made = graphlay.layout(net, preset="layered")
    took = time.perf_counter() - start
    places: dict[str, Position] = {
        key: (x - cards[key].width / 2, y - cards[key].height / 2) for key, (x, y) in made.positions().items()
    }
    routes = [
        (crossings.ends(edge), np.array([(point["x"], point["y"]) for point in line["points"]]))
        for edge, line in zip(edges, made.edges, strict=True)
    ]
    return {
        "straight": crossings.straight(edges, cards, places),
        "routed": crossings.count(routes),
        "seconds": took,
    }


def measured() -> dict[str, object]:
    times = {
        str(count): {name: round(seconds(graph(make(count))), 4) for name, make in TIMED.items()}
        for count in (1000, 2000)
    }
    compared: dict[str, object] = {}
    drawings = {name: graph(feeds) for name, feeds in COMPARED.items()}
    drawings["the same, one port"] = with_one_port(drawings["random, 60 nodes"])
    for name, drawing in drawings.items():
        compared[name] = {"nnstudio": ours(drawing)} | (
            {"graphlay": graphlay_s(drawing)} if find_spec("graphlay") else {}
        )
    return {"seconds": times, "crossings": compared}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    result = measured()
    if parser.parse_args().json:
        print(json.dumps(result))
        return
    times: dict[str, dict[str, float]] = result["seconds"]  # type: ignore[assignment]
    print(f"{'seconds':<20}" + "".join(f"{name:>12}" for name in TIMED))
    for count, row in times.items():
        print(f"{count + ' nodes':<20}" + "".join(f"{row[name]:>12.3f}" for name in TIMED))
    print()
    print(f"{'crossings':<20}{'':<10}{'straight':>12}{'routed':>12}{'seconds':>12}")
    for name, row in result["crossings"].items():  # type: ignore[attr-defined]
        for who, found in row.items():
            print(f"{name:<20}{who:<10}{found['straight']:>12}{found['routed']:>12}{found['seconds']:>12.3f}")
    if not find_spec("graphlay"):
        print("graphlay is not installed here, so there is nothing beside ours.")


if __name__ == "__main__":
    main()
