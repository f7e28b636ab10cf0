"""The flat form: order, dotted names, sources, and only what is valid."""

from hypothesis import given
from hypothesis import strategies as st

from nnstudio.errors import GraphError
from nnstudio.graph import FlatGraph, Graph, RemoveEdge, SetSetting
from tests.graph.building import edge_entry, node_entry, perceptron


def wiring(flat: FlatGraph) -> dict[str, dict[str, str]]:
    return {node.name: dict(node.sources) for node in flat}


def test_a_flat_node_tells_all_that_the_compiler_needs():
    graph = perceptron()
    fc1 = graph.flatten()["fc1"]
    assert fc1.path == ("n2",)
    assert fc1.definition.name == "Linear"
    assert fc1.settings["out_features"] == 8
    assert fc1.sources == {"input": "x"}
    assert fc1.shape == ("N", 8)
    assert fc1.input_shapes == {"input": ("N", 2)}
    assert {name: found.shape for name, found in fc1.parameters.items()} == {"weight": (8, 2), "bias": (8,)}


def test_sources_come_first_and_the_document_order_breaks_ties():
    graph = Graph.from_dict(
        {
            "nodes": [
                node_entry("n1", "sum", "CAddTable"),
                node_entry("n2", "act2", "Tanh"),
                node_entry("n3", "act1", "Tanh"),
                node_entry("n4", "x", "Input"),
                node_entry("n5", "y", "Input"),
            ],
            "edges": [
                edge_entry("n2", "n1", "a"),
                edge_entry("n3", "n1", "b"),
                edge_entry("n4", "n2"),
                edge_entry("n5", "n3"),
            ],
        }
    )
    assert [node.name for node in graph.flatten()] == ["x", "act2", "y", "act1", "sum"]


def test_groups_dissolve_into_dotted_names():
    graph = perceptron()
    inner = graph.group(["act1"], "squash")
    outer = graph.group(["fc1", inner], "encoder")
    assert wiring(graph.flatten()) == {
        "x": {},
        "t": {},
        "encoder.fc1": {"input": "x"},
        "encoder.squash.act1": {"input": "encoder.fc1"},
        "fc2": {"input": "encoder.squash.act1"},
        "loss": {"input": "fc2", "target": "t"},
    }
    assert graph.flatten()["encoder.squash.act1"].path == (outer.id, inner.id, "n3")


def test_outputs_at_the_top_stay():
    graph = perceptron()
    out = graph.add("Output", name="prediction")
    graph.connect("fc2", out)
    assert graph.flatten()["prediction"].sources == {"input": "fc2"}


def test_only_the_valid_part_is_there():
    graph = perceptron()
    graph.apply(SetSetting("n4", "in_features", 5))
    assert [node.name for node in graph.flatten()] == ["x", "fc1", "act1", "t"]
    graph.apply(RemoveEdge(graph.edges[0]))
    assert [node.name for node in graph.flatten()] == ["x", "t"]


def test_the_part_of_a_group_that_is_fed_is_valid():
    graph = Graph()
    a, b = graph.add("Input", name="a"), graph.add("Input", name="b")
    first, second = graph.add("Tanh", name="first"), graph.add("Tanh", name="second")
    graph.connect(a, first)
    graph.connect(b, second)
    reader = graph.add("ReLU", name="reader")
    graph.connect(first, reader)
    group = graph.group([first, second], "g")
    graph.disconnect(next(edge for edge in graph.edges if edge.source == b.id))
    assert wiring(graph.flatten()) == {
        "a": {},
        "b": {},
        "g.first": {"input": "a"},
        "reader": {"input": "g.first"},
    }
    assert graph.flatten().feeders[(group.id, "n4")] == {}


def test_a_group_in_a_cycle_is_left_out():
    inside = {
        "nodes": [
            node_entry("n1", "x", "Input"),
            node_entry("n2", "y", "Output"),
            node_entry("n3", "a", "Tanh"),
        ],
        "edges": [edge_entry("n1", "n3"), edge_entry("n3", "n2")],
    }
    graph = Graph.from_dict(
        {
            "nodes": [node_entry("n1", "x", "Input"), node_entry("n2", "g", "Group", inside=inside)],
            "edges": [edge_entry("n2", "n2", "x", source_port="y")],
        }
    )
    assert wiring(graph.flatten()) == {"x": {}}
    assert graph.shapes() == {"n1": ("N", 2), "n2": None}
    assert graph.shapes(("n2",)) == {"n1": None, "n2": None, "n3": None}


def test_a_missing_name_is_an_error_in_words():
    try:
        perceptron().flatten()["fc9"]
    except GraphError as error:
        assert str(error) == "There is no valid node called fc9 in the graph."
    else:
        raise AssertionError("found fc9")


@given(st.data())
def test_grouping_any_part_leaves_the_computation_as_it_was(data: st.DataObject):
    """A random graph, a random selection: beyond the dotted names nothing is different in the flat form."""
    graph = Graph()
    for index in range(data.draw(st.integers(1, 3), "inputs")):
        graph.add("Input", name=f"in{index}", shape=(3,))
    for _ in range(data.draw(st.integers(1, 8), "nodes")):
        kind = data.draw(st.sampled_from(["Tanh", "CAddTable", "CMulTable"]), "kind")
        before = list(graph.nodes.values())
        node = graph.add(kind)
        for port in graph.input_ports(node):
            graph.connect(data.draw(st.sampled_from(before), "source"), node, port)
    flat = wiring(graph.flatten())
    shapes = {node.name: node.shape for node in graph.flatten()}
    for _ in range(data.draw(st.integers(1, 3), "groups")):
        able = [node for node in graph.nodes.values() if node.type != "Input"]
        chosen = data.draw(
            st.lists(st.sampled_from(able), min_size=1, unique_by=lambda node: node.id), "chosen"
        )
        try:
            graph.group(chosen)
        except GraphError:
            continue  # between the chosen ones there is another
    short = {name: name.split(".")[-1] for name in wiring(graph.flatten())}
    found = {
        short[name]: {port: short[source] for port, source in sources.items()}
        for name, sources in wiring(graph.flatten()).items()
    }
    assert found == flat
    assert {short[node.name]: node.shape for node in graph.flatten()} == shapes
    seen: set[str] = set()
    for node in graph.flatten():
        assert set(node.sources.values()) <= seen
        seen.add(node.name)
    while groups := [node for node in graph.nodes.values() if node.is_group]:
        graph.ungroup(groups[0])
    assert wiring(graph.flatten()) == flat
