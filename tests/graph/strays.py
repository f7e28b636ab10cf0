"""Nodes beside a graph that its loss does not depend on, drawn at random: most of them broken."""

import numpy as np

from nnstudio.graph import GROUP, Graph
from nnstudio.modules.catalogue import definitions
from tests.graph.building import edge_entry, node_entry

WAYS = ("lone", "reader", "misfit", "cycle", "unknown", "two-edges", "no-port", "group")


def with_strays(graph: Graph, seed: int) -> Graph:
    """A copy of the graph with some more nodes, anywhere in the document."""
    rng = np.random.default_rng([seed, 7])
    document = graph.to_dict()
    nodes, edges = document["nodes"], document["edges"]
    own = [(node.id, port) for node in graph.nodes.values() for port in graph.output_ports(node)]
    given = list(own)
    count = 0

    def put(type_name: str, **settings: object) -> str:
        nonlocal count
        count += 1
        key = f"stray{count}"
        entry = node_entry(key, key, type_name)
        nodes.insert(int(rng.integers(len(nodes) + 1)), entry | {"settings": settings})
        return key

    def read(target: str, port: str, sources: list[tuple[str, str]] = given) -> None:
        source, source_port = sources[int(rng.integers(len(sources)))]
        edges.insert(
            int(rng.integers(len(edges) + 1)), edge_entry(source, target, port, source_port=source_port)
        )

    for _ in range(int(rng.integers(1, 7))):
        way = str(rng.choice(WAYS))
        if way == "lone":
            names = [name for name in definitions() if name not in ("Input", "Target")]
            kind = str(rng.choice([*names, "Input", "Target", "MSE", "CrossEntropy"]))
            odd = {"shape": [int(rng.integers(1, 9))]} if kind in ("Input", "Target") else {}
            key = put(kind, **odd)
            if kind in ("Input", "Target"):
                given.append((key, "output"))
        elif way == "reader":
            key = put(str(rng.choice(["Tanh", "Linear", "ReLU", "Flatten"])))
            read(key, "input")
            given.append((key, "output"))
        elif way == "misfit":
            key = put("Linear", in_features=97)
            read(key, "input")
            given.append((key, "output"))
        elif way == "cycle":
            a, b = put("CAddTable"), put("Tanh")
            read(a, "b")
            edges += [edge_entry(a, b), edge_entry(b, a, "a")]
        elif way == "unknown":
            key = put("Quantum")
            read(key, "input")
            given.append((key, "output"))
        elif way == "two-edges":
            key = put("Tanh")
            read(key, "input")
            read(key, "input")
        elif way == "no-port":
            key = put("Tanh")
            edges.append(edge_entry(own[0][0], key, "input", source_port="nowhere"))
        else:
            key = put("Group")
            entry = next(each for each in nodes if each["id"] == key)
            entry["type"] = GROUP
            entry["inside"] = {
                "nodes": [
                    node_entry("a", "in", "Input"),
                    node_entry("b", "dead", "Linear"),
                    node_entry("c", "lost", "Tanh"),
                ],
                "edges": [edge_entry("a", "b")],
            }
            if rng.random() < 0.5:
                read(key, "in")
    return Graph.from_dict(document)
