"""Every kind of problem: its sentence with both numbers, where it is, and that its fix mends it."""

from typing import Any

import pytest

from nnstudio.graph import EditInside, Graph, Problem, RemoveEdge, SetSetting
from nnstudio.modules.catalogue import definitions
from tests.graph.building import apply_fix, bytes_of, edge_entry, node_entry, only, perceptron


def classifier(classes: int = 3, shape: tuple[int, ...] = ()) -> Graph:
    """x(2) -> fc1 -> act1 -> fc2(classes) -> loss (cross-entropy) <- t."""
    graph = Graph()
    x, t = graph.add("Input", shape=(2,)), graph.add("Target", shape=shape)
    fc1, act = graph.add("Linear", out_features=8), graph.add("Tanh")
    fc2, loss = graph.add("Linear", out_features=classes), graph.add("CrossEntropy")
    for a, b in ((x, fc1), (fc1, act), (act, fc2), (fc2, loss), (t, loss)):
        graph.connect(a, b)
    return graph


def mended(graph: Graph, problem: Problem, **known: Any) -> Graph:
    """The graph after the fix: the problem is gone, no error came in its place, undo gives the bytes back.

    (Where an edge was taken away, an input is free, and is told to be.)
    """
    fixed = apply_fix(graph, problem)
    left = fixed.problems(**known)
    assert not [
        each
        for each in left
        if (each.kind, each.path, each.port) == (problem.kind, problem.path, problem.port)
    ]
    before = {each.sentence for each in graph.problems(**known)}
    new = [each for each in left if each.severity == "error" and each.sentence not in before]
    freed = problem.kind in ("cycle", "no-port")
    assert not [each.sentence for each in new if not (freed and each.kind == "missing-input")]
    assert problem.fix is not None
    again = graph.copy()
    again.apply(again.apply(problem.fix))
    assert bytes_of(again) == bytes_of(graph)
    return fixed


def test_a_graph_that_can_run_has_none():
    assert perceptron().problems() == []
    assert classifier().problems(data_widths={"x": (2,), "t": ()}, class_counts={"t": 3}) == []


def test_an_empty_graph():
    problem = only(Graph().problems(), "empty")
    assert problem.severity == "warning"
    assert problem.sentence.startswith("The graph is empty")
    assert (problem.node, problem.node_id, problem.path) == ("", None, ())


# -- sizes


def test_wrong_size():
    graph = perceptron()
    graph.set("fc2", in_features=5)
    problem = only(graph.problems(), "wrong-size")
    assert problem.sentence == "fc2 expects 5 features, but act1 gives 8."
    assert problem.severity == "error"
    assert (problem.node, problem.node_id, problem.port) == ("fc2", "n4", "input")
    assert problem.fix_label == "Set in_features of fc2 to 8"
    assert mended(graph, problem).problems() == []


def test_wrong_size_inside_a_group():
    graph = perceptron()
    group = graph.group(["fc1", "act1", "fc2"], "encoder")
    graph.apply(EditInside((group.id,), SetSetting("n4", "in_features", 5)))
    problem = only(graph.problems(), "wrong-size")
    assert problem.sentence == "encoder.fc2 expects 5 features, but encoder.act1 gives 8."
    assert problem.path == (group.id, "n4")
    assert problem.node_id == group.id, "on the top level the group is what shows it"
    assert problem.id_on((group.id,)) == "n4"
    assert problem.id_on(("n1",)) is None
    assert mended(graph, problem).problems() == []


def test_wrong_size_across_the_border_of_a_group():
    graph = perceptron()
    group = graph.group(["fc1"], "encoder")
    graph.apply(EditInside((group.id,), SetSetting("n2", "in_features", 64)))
    problem = only(graph.problems(), "wrong-size")
    assert problem.sentence == "encoder.fc1 expects 64 features, but x gives 2."
    assert mended(graph, problem).problems() == []


def test_only_the_first_of_many_wrong_nodes_is_told():
    graph = perceptron()
    graph.set("fc1", in_features=3)
    assert [problem.node for problem in graph.problems()] == ["fc1"], (
        "what is behind it is not known to be wrong"
    )


def test_a_prediction_of_another_size_than_the_target():
    graph = perceptron()
    graph.set("t", shape=(3,))
    problem = only(graph.problems(), "wrong-size")
    assert problem.sentence == "loss expects N×1 at target, but t gives N×3."
    assert problem.fix_label == "Set out_features of fc2 to 3"
    assert mended(graph, problem).problems() == []


def test_the_width_is_mended_through_activations_and_groups():
    graph = perceptron()
    graph.set("t", shape=(3,))
    graph.disconnect(graph.edges[3])
    soft = graph.add("SoftMax")
    graph.connect("fc2", soft)
    graph.connect(soft, "loss", "input")
    group = graph.group(["fc1", "act1", "fc2"], "net")
    problem = only(graph.problems(), "wrong-size")
    assert isinstance(problem.fix, EditInside)
    assert problem.fix.path == (group.id,)
    assert mended(graph, problem).problems() == []


def test_a_target_is_mended_where_no_layer_can_be():
    graph = Graph()
    x, t, loss = graph.add("Input", shape=(4,)), graph.add("Target", shape=(3,)), graph.add("MSE")
    graph.connect(x, loss)
    graph.connect(t, loss)
    problem = only(graph.problems(), "wrong-size")
    assert problem.fix_label == "Set shape of t to 4"
    assert mended(graph, problem).problems() == []


def test_two_inputs_of_different_sizes():
    graph = Graph()
    x = graph.add("Input", shape=(2,))
    a, b, total = (
        graph.add("Linear", out_features=5),
        graph.add("Linear", out_features=7),
        graph.add("CAddTable"),
    )
    for source, target in ((x, a), (x, b), (a, total), (b, total)):
        graph.connect(source, target)
    problem = only(graph.problems(), "wrong-size")
    assert problem.sentence == "caddtable1 expects N×5 at b, but fc2 gives N×7."
    assert problem.fix_label == "Set out_features of fc2 to 5"
    mended(graph, problem)


def test_a_shape_that_no_node_can_work_with():
    graph = Graph()
    x, fc = graph.add("Input", shape=()), graph.add("Linear")
    graph.connect(x, fc)
    problem = only(graph.problems(), "bad-shape")
    assert problem.sentence.startswith("fc1 needs ")
    assert problem.fix is None


def test_settings_that_contradict_each_other():
    graph = Graph()
    x, act = graph.add("Input", shape=()), graph.add("PReLU", per_feature=True)
    graph.connect(x, act)
    problem = only(graph.problems(), "bad-shape")
    assert problem.fix_label == "Set per_feature of act1 to False"
    mended(graph, problem)


def test_a_giant_layer_is_refused_without_being_made():
    graph = perceptron()
    graph.set("fc1", out_features=1_000_000)
    graph.set("fc2", out_features=1_000_000)
    problem = only(graph.problems(), "too-large")
    assert problem.sentence == (
        "fc2 would hold 1,000,000,000,000 numbers in its weight, but an array may hold 100,000,000."
    )
    assert "fc2" not in [node.name for node in graph.flatten()]


def test_a_giant_output_is_refused_too():
    graph = Graph()
    x = graph.add("Input", shape=(10_000_000, 10_000_000))
    problem = only(graph.problems(), "too-large")
    assert "100,000,000,000,000 numbers" in problem.sentence
    assert graph.shapes()[x.id] is None


# -- classes


def test_class_numbers_where_the_target_has_another_form():
    graph = classifier(3, (1,))
    problem = only(graph.problems(), "wrong-size")
    assert problem.sentence == "loss expects N at target, but t gives N×1."
    assert problem.fix_label == "Set shape of t to ()"
    assert mended(graph, problem).problems() == []


def test_scores_for_another_number_of_classes_than_the_target_has():
    graph = classifier(10, (3,))
    problem = only(graph.problems(), "class-count")
    assert problem.sentence == "loss gets scores for 10 classes from fc2, but t gives 3."
    assert problem.fix_label == "Set out_features of fc2 to 3"
    assert mended(graph, problem).problems() == []


def test_scores_for_fewer_classes_than_the_data_has():
    graph = classifier(3)
    known = {"class_counts": {"t": 10}}
    problem = only(graph.problems(**known), "class-count")
    assert problem.sentence == "loss gets scores for 3 classes from fc2, but the dataset gives t 10 classes."
    assert problem.fix_label == "Set out_features of fc2 to 10"
    assert mended(graph, problem, **known).problems(**known) == []
    assert classifier(12).problems(**known) == []


# -- data


@pytest.mark.parametrize(
    ("name", "given", "sentence", "label"),
    [
        ("x", (30,), "x expects 2 numbers, but the dataset gives 30.", "Set shape of x to 30"),
        ("x", (28, 28), "x expects N×2, but the dataset gives N×28×28.", "Set shape of x to 28×28"),
        ("t", (3,), "t expects 1 number, but the dataset gives 3.", "Set shape of t to 3"),
        ("t", (), "t expects N×1, but the dataset gives N.", "Set shape of t to ()"),
    ],
)
def test_a_dataset_of_another_width(name: str, given: tuple[int, ...], sentence: str, label: str):
    graph = perceptron()
    widths = {"x": (2,), "t": (1,), name: given, "nobody": (9,), "fc1": (9,)}
    problem = only(graph.problems(widths), "data-width")
    assert (problem.sentence, problem.fix_label, problem.node) == (sentence, label, name)
    fixed = apply_fix(graph, problem)
    assert not [each for each in fixed.problems(widths) if each.kind == "data-width"]
    for _ in range(3):  # the new width may not fit the next node, which then has a fix of its own
        for each in fixed.problems(widths):
            if each.fix is not None:
                fixed.apply(each.fix)
                break
    assert not [each for each in fixed.problems(widths) if each.kind == "data-width"]


# -- edges


def test_missing_inputs():
    graph = Graph()
    graph.add("Linear")
    graph.add("CAddTable")
    graph.add("Group", inside=perceptron())
    sentences = [problem.sentence for problem in graph.problems() if problem.kind == "missing-input"]
    assert sentences == [
        "fc1 has nothing connected to its input.",
        "caddtable1 has nothing connected to its a.",
        "caddtable1 has nothing connected to its b.",
        "group1 has nothing connected to its x.",
    ]


def test_a_missing_target_is_mended_with_the_one_that_is_free():
    graph = perceptron()
    graph.disconnect(graph.edges[4])
    problem = only(graph.problems(), "missing-input")
    assert problem.sentence == "loss has nothing connected to its target."
    assert problem.fix_label == "Connect t to loss"
    assert mended(graph, problem).problems() == []
    graph.add("Target")
    assert only(graph.problems(), "missing-input").fix is None, "which of the two is not ours to say"


def test_an_unconnected_target():
    graph = perceptron()
    graph.disconnect(graph.edges[4])
    problem = only(graph.problems(), "unconnected-target")
    assert problem.severity == "warning"
    assert problem.sentence == "t is a target that nothing reads: connect it to the target of a criterion."
    assert mended(graph, problem).problems() == []


def test_no_criterion():
    graph = Graph()
    graph.add("Input")
    problem = only(graph.problems(), "no-criterion")
    assert (problem.severity, problem.node) == ("warning", "")
    assert graph.problems() == [problem]
    inner = Graph()
    inner.add("MSE")
    graph.add("Group", inside=inner)
    assert not [each for each in graph.problems() if each.kind == "no-criterion"]


def test_two_edges_into_one_port():
    entry = perceptron().to_dict()
    entry["edges"] += [edge_entry("n1", "n4"), edge_entry("n1", "n4")]
    graph = Graph.from_dict(entry)
    problem = only(graph.problems(), "two-edges")
    assert problem.sentence == "fc2 has 3 edges into its input, from act1, x and x, but an input takes one."
    assert problem.edge is not None
    assert problem.edge.source == "n1"
    assert "fc2" not in [node.name for node in graph.flatten()]
    assert mended(graph, problem).problems() == []


def test_a_cycle():
    entry = perceptron().to_dict()
    entry["edges"][0]["source"] = "n3"
    graph = Graph.from_dict(entry)
    problem = only(graph.problems(), "cycle")
    assert problem.sentence == "fc1 is one of 2 nodes in a cycle, fc1 → act1 → fc1: remove one of its edges."
    assert problem.fix_label == "Disconnect act1 from fc1"
    assert problem.edge == graph.edges[0]
    mended(graph, problem)


def test_a_node_that_feeds_itself():
    graph = Graph.from_dict({"nodes": [node_entry("n1", "a", "Tanh")], "edges": [edge_entry("n1", "n1")]})
    problem = only(graph.problems(), "cycle")
    assert problem.sentence == "a feeds itself: remove that edge."
    mended(graph, problem)


def test_knots_of_cycles_are_told_apart_and_untied():
    kinds = [node_entry(f"n{k}", name, "CAddTable") for k, name in enumerate("abcdef", 1)]
    pairs = ["ab", "ba", "bc", "cb", "ca", "cd", "de", "ef", "fd", "fe"]
    ids = {name: f"n{k}" for k, name in enumerate("abcdef", 1)}
    ports = iter("abababababab")
    edges = [edge_entry(ids[p], ids[q], next(ports)) for p, q in pairs]
    graph = Graph.from_dict({"nodes": kinds, "edges": edges})
    found = [problem for problem in graph.problems() if problem.kind == "cycle"]
    assert [problem.node for problem in found] == ["a", "d"]
    for problem in found:
        mended(graph, problem)


def test_a_long_cycle_names_some_of_its_nodes():
    names = [f"a{k}" for k in range(1, 41)]
    nodes = [node_entry(f"n{k}", name, "Tanh") for k, name in enumerate(names, 1)]
    edges = [edge_entry(f"n{k}", f"n{k % 40 + 1}") for k in range(1, 41)]
    problem = only(Graph.from_dict({"nodes": nodes, "edges": edges}).problems(), "cycle")
    assert "one of 40 nodes in a cycle, a1 → a2 → a3 → a4 → a5 → a6 → a7 → … → a40 → a1:" in problem.sentence


def test_edges_at_ports_that_are_not_there():
    entry = perceptron().to_dict()
    entry["edges"] += [edge_entry("n1", "n2", "extra"), edge_entry("n2", "n1", "in")]
    entry["edges"][3]["source_port"] = "second"
    graph = Graph.from_dict(entry)
    found = [problem for problem in graph.problems() if problem.kind == "no-port"]
    assert [problem.sentence for problem in found] == [
        "x has no input called in, but fc1 is connected to it; it has none.",
        "fc1 has no input called extra, but x is connected to it; its inputs are input.",
        "fc2 has no output called second, but loss reads it; its outputs are output.",
    ]
    for problem in found[:2]:
        mended(graph, problem)
    assert isinstance(found[2].fix, RemoveEdge)
    fixed = apply_fix(graph, found[2])
    assert not [each for each in fixed.problems() if each.kind == "no-port" and each.node == "fc2"]


# -- other versions


def test_an_unknown_type():
    entry = perceptron().to_dict()
    entry["nodes"][1]["type"] = "Liner"
    graph = Graph.from_dict(entry)
    problem = only(graph.problems(), "unknown-type")
    assert (
        problem.sentence
        == "fc1 is a Liner, a type this version does not know; the nearest it knows is Linear."
    )
    assert problem.fix_label == "Change fc1 to Linear"
    fixed = mended(graph, problem)
    assert fixed.problems() == []
    assert fixed.node("fc1").settings["out_features"] == 8, "the settings it has in common are kept"
    assert [node.name for node in graph.flatten()] == ["x", "t"]


def test_an_unknown_type_that_is_like_no_other():
    graph = Graph.from_dict({"nodes": [node_entry("n1", "a", "Zzyzx")], "edges": []})
    problem = only(graph.problems(), "unknown-type")
    assert problem.fix is None
    assert "open it with a newer version" in problem.sentence


def test_what_another_version_wrote_is_a_warning():
    entry = perceptron().to_dict()
    entry["nodes"][1]["settings"]["sparsity"] = 0.5
    entry["nodes"][2]["colour"] = "red"
    entry["edges"][0]["weight"] = 3
    entry["camera"] = [1, 2]
    graph = Graph.from_dict(entry)
    assert {(problem.kind, problem.severity, problem.node) for problem in graph.problems()} == {
        ("unknown-setting", "warning", "fc1"),
        ("unknown-field", "warning", "act1"),
        ("unknown-field", "warning", "fc1"),
        ("unknown-field", "warning", ""),
    }
    assert len(graph.flatten()) == 6, "it runs all the same"


# -- all


def test_problems_are_values():
    graph = perceptron()
    graph.set("fc2", in_features=5)
    assert graph.problems() == graph.problems()
    assert len(set(graph.problems())) == 1


@pytest.mark.parametrize("kind", definitions())
def test_every_node_type_alone_has_only_problems_in_words(kind: str):
    graph = Graph()
    graph.add(kind)
    for problem in graph.problems():
        assert problem.sentence.endswith(".")
        assert problem.sentence.count("\n") == 0


def test_an_edge_inside_a_group_is_not_taken_for_its_equal_outside():
    inside = {"nodes": [node_entry("n1", "x", "Input"), node_entry("n2", "a", "Tanh")], "edges": []}
    inside["edges"] = [edge_entry("n1", "n2"), edge_entry("n1", "n2")]
    entry = perceptron().to_dict()
    entry["nodes"].append(node_entry("n7", "g", "Group", inside=inside))
    entry["edges"].append(edge_entry("n1", "n7", "x"))
    graph = Graph.from_dict(entry)
    problem = only(graph.problems(), "two-edges")
    assert problem.own_edge == graph.edges[0]
    assert problem.edge is None
    assert problem.edge_on(("n7",)) == problem.own_edge
    assert problem.node_id == "n7"
    mended(graph, problem)
