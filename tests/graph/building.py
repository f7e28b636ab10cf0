"""What the tests of the graph share: small graphs, and a graph's bytes."""

import json
from typing import Any

from nnstudio.graph import Graph, Level, Problem


def bytes_of(graph: Graph) -> str:
    return json.dumps(graph.to_dict(), sort_keys=True)


def bytes_of_level(level: Level) -> str:
    return bytes_of(Graph(level))


def perceptron() -> Graph:
    """x(2) -> fc1(8) -> act1 -> fc2(1) -> loss <- t(1)."""
    graph = Graph()
    x = graph.add("Input", name="x", shape=(2,))
    fc1 = graph.add("Linear", name="fc1", out_features=8)
    act = graph.add("Tanh", name="act1")
    fc2 = graph.add("Linear", name="fc2", out_features=1)
    t = graph.add("Target", name="t", shape=(1,))
    loss = graph.add("MSE", name="loss")
    graph.connect(x, fc1)
    graph.connect(fc1, act)
    graph.connect(act, fc2)
    graph.connect(fc2, loss, "input")
    graph.connect(t, loss, "target")
    return graph


def node_entry(node_id: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": node_id, "name": name, "type": kind, "settings": {}, "position": [0.0, 0.0], **more}


def edge_entry(source: str, target: str, port: str = "input", **more: Any) -> dict[str, Any]:
    return {"source": source, "source_port": "output", "target": target, "port": port, **more}


def only(problems: list[Problem], kind: str) -> Problem:
    """The one problem of this kind."""
    found = [problem for problem in problems if problem.kind == kind]
    assert len(found) == 1, [problem.sentence for problem in problems]
    return found[0]


def apply_fix(graph: Graph, problem: Problem) -> Graph:
    """A copy of the graph with the problem's fix applied."""
    assert problem.fix is not None, problem.sentence
    fixed = graph.copy()
    fixed.apply(problem.fix)
    return fixed
