"""A part with its weights: as text and back, pasted with its names, and every wrong text in one sentence."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from nnstudio.errors import GraphError, ProjectError
from nnstudio.graph import AddFrame, Frame, GroupNodes, Remove, Rename, SetBypassed
from nnstudio.project import PastePart, Project, Together, from_text, part_of, part_to_text, to_text
from nnstudio.project.files import to_bytes
from tests.graph.building import node_entry


def bytes_of(project: Project) -> bytes:
    return to_bytes(project, "p.nns")


def ids(project: Project, *names: str) -> list[str]:
    return [project.graph.node(name).id for name in names]


def there_and_back(project: Project, edit: Any) -> None:
    start = bytes_of(project)
    inverse = project.apply(edit)
    end = bytes_of(project)
    assert end != start
    again = project.apply(inverse)
    assert bytes_of(project) == start
    project.apply(again)
    assert bytes_of(project) == end


def test_as_text_and_back(project: Project):
    project.graph.apply(AddFrame(Frame("", "Körper", (0, 0), (9, 9))))
    project.graph.apply(SetBypassed(("n3",)))
    text = to_text(project, (), ids(project, "fc1", "act1"), ["f1"])
    part = from_text(text)
    assert part.level == part_of(project, (), ids(project, "fc1", "act1"), ["f1"]).level
    assert set(part.weights) == {"fc1.weight", "fc1.bias"}
    for name, array in part.weights.items():
        np.testing.assert_array_equal(array, project.weights[name])
        assert array.dtype == project.weights[name].dtype
        array[...] = 0  # it is its own
    assert part_to_text(from_text(text)) == text
    assert list(json.loads(text))[:2] == ["format", "version"]


def test_pasting_brings_the_weights_under_the_new_names(project: Project):
    part = from_text(to_text(project, (), ids(project, "fc1", "fc2")))
    there_and_back(project, PastePart(part, (0, 300)))
    np.testing.assert_array_equal(project.weights["fc3.weight"], project.weights["fc1.weight"])
    np.testing.assert_array_equal(project.weights["fc4.bias"], project.weights["fc2.bias"])
    assert PastePart(part).label == "Paste 2 nodes"
    assert PastePart(part, text="Duplicate 2 nodes").label == "Duplicate 2 nodes"


def test_cut_and_paste_gives_the_same_weights_to_the_same_names(project: Project):
    weights = dict(project.weights)
    text = to_text(project, (), ids(project, "fc1"))
    there_and_back(project, Remove(("n2",)))
    assert "fc1.weight" not in project.weights
    there_and_back(project, PastePart(from_text(text)))
    np.testing.assert_array_equal(project.weights["fc1.weight"], weights["fc1.weight"])


def test_groups_and_levels_inside(project: Project):
    project.apply(GroupNodes(("n2", "n3"), "encoder"))
    group = project.graph.node("encoder").id
    weight = project.weights["encoder.fc1.weight"]
    part = part_of(project, (), [group])
    assert set(part.weights) == {"encoder.fc1.weight", "encoder.fc1.bias"}
    there_and_back(project, PastePart(part))
    assert project.weights["encoder2.fc1.weight"] is weight
    inner = part_of(project, (group,), ["n2"])
    assert set(inner.weights) == {"fc1.weight", "fc1.bias"}
    there_and_back(project, PastePart(inner, None, (group,)))
    assert project.weights["encoder.fc2.weight"] is weight
    with pytest.raises(GraphError):
        project.apply(PastePart(inner, None, ("n4",)))


def test_copies_that_share_everything_keep_their_own_weights(project: Project):
    """What is pasted shares settings, and what is inside groups, with what was copied."""
    project.apply(GroupNodes(("n2", "n3"), "encoder"))
    first = project.graph.node("encoder").id
    project.apply(PastePart(part_of(project, (), [first, "n4"])))
    second = project.graph.node("encoder2").id
    for number, name in enumerate(sorted(project.weights)):
        project.weights[name] = np.full_like(project.weights[name], number)
    there_and_back(project, Rename(first, "body"))
    there_and_back(project, GroupNodes((second, first), "both"))
    assert {name.rpartition(".")[0] for name in project.weights} == {
        "both.body.fc1",
        "both.encoder2.fc1",
        "fc2",
        project.graph.nodes[ids(project, "fc3")[0]].name,
    }
    assert len({float(array.flat[0]) for array in project.weights.values()}) == 8
    there_and_back(project, Remove(tuple(ids(project, "fc3"))))
    assert "fc2.weight" in project.weights
    assert len({float(array.flat[0]) for array in project.weights.values()}) == 6


def test_together_with_other_edits(project: Project):
    part = part_of(project, (), ids(project, "fc1"))
    there_and_back(project, Together((PastePart(part), PastePart(part)), "Paste twice"))
    assert {"fc3.weight", "fc4.weight"} <= set(project.weights)


def test_an_array_that_no_file_could_hold_is_refused(project: Project):
    project.weights["fc1.weight"] = np.zeros((8, 2), dtype=complex)
    with pytest.raises(ProjectError, match=r"fc1\.weight is an array of complex128"):
        to_text(project, (), ids(project, "fc1"))


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", ">f4", "i8", "?"])
def test_every_dtype_and_shape_goes_there_and_back(project: Project, dtype: str):
    for shape in ((), (0,), (3,), (2, 3)):
        project.weights["fc1.weight"] = np.arange(6)[: int(np.prod(shape))].reshape(shape).astype(dtype)
        found = from_text(to_text(project, (), ids(project, "fc1"))).weights["fc1.weight"]
        np.testing.assert_array_equal(found, project.weights["fc1.weight"])
        assert found.shape == shape
        assert found.dtype == np.dtype(dtype).newbyteorder("<")


GRAPH = {"nodes": [node_entry("n1", "fc1", "Linear")], "edges": []}
FOUR = base64.b64encode(np.zeros(4, "<f4").tobytes()).decode()


def document(**fields: Any) -> str:
    return json.dumps({"format": "nnstudio-part", "version": 1, "graph": GRAPH, "weights": {}, **fields})


def weight(name: str = "fc1.weight", **fields: Any) -> str:
    return document(weights={name: {"dtype": "F32", "shape": [4], "data": FOUR, **fields}})


WRONG = [
    ("", "The text is not valid JSON"),
    ("hello", "The text is not valid JSON"),
    ("[1]", "The text is not a copied part of a graph."),
    ('{"format": "other"}', "The text is not a copied part of a graph."),
    ("\ud800", "The text holds half a character"),
    (document(version=None), "The text has no version"),
    (document(version=True), "The text has no version"),
    (document(version=2), "comes from a newer version of nnstudio: its form is 2."),
    (document(graph=[]), "The text: The graph must be an object, not a list."),
    (document(weights=[]), 'its "weights" are not an object.'),
    (weight("fc2.weight"), 'has weights "fc2.weight", but no such node.'),
    (weight("fc1"), 'has weights "fc1", but no such node.'),
    (document(weights={"fc1.weight": 3}), '"fc1.weight" has no dtype, shape and data.'),
    (weight(dtype="F31"), '"fc1.weight" has the dtype "F31"; those that are read are F64'),
    (weight(dtype=["F32"]), "has the dtype"),
    (weight(shape=[-4]), 'the shape of "fc1.weight" is not a list of at most 16 sizes.'),
    (weight(shape=[1] * 17), 'the shape of "fc1.weight" is not a list of at most 16 sizes.'),
    (weight(shape=[5]), 'the bytes of "fc1.weight" do not fit its shape.'),
    (weight(shape=[2**40, 2**40]), 'the bytes of "fc1.weight" do not fit its shape.'),
    (weight(shape=[2**47, 2**47, 0], data=""), 'the bytes of "fc1.weight" do not fit its shape.'),
    (weight(data=7), 'the bytes of "fc1.weight" do not fit its shape.'),
    (weight(data="é" * 24), 'the bytes of "fc1.weight" are not base64.'),
    (weight(data="!" + FOUR[1:]), 'the bytes of "fc1.weight" are not base64.'),
    (weight(data=FOUR[:-2] + "AA"), 'the bytes of "fc1.weight" do not fit its shape.'),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG, ids=range(len(WRONG)))
def test_every_wrong_text_is_one_sentence(text: str, sentence: str):
    with pytest.raises(ProjectError) as error:
        from_text(text)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
