import json
import math
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnstudio.errors import ProjectError
from nnstudio.graph import Graph
from nnstudio.project import Project, load, save
from nnstudio.project.container import pack
from nnstudio.project.document import to_history


def refusal(path: Path) -> str:
    with pytest.raises(ProjectError) as caught:
        load(path)
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith((".", "?"))
    return sentence


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, **changes: bytes) -> Path:
    """The same zip with some members changed; an underscore in a name stands for the dot."""
    members = members_of(path)
    members.update({name.replace("_", "."): data for name, data in changes.items()})
    path.write_bytes(pack(members, stored=frozenset()))
    return path


def document_of(path: Path) -> dict[str, Any]:
    return json.loads(members_of(path)["graph.json"])


def same(a: Project, b: Project) -> None:
    assert a.graph.to_dict() == b.graph.to_dict()
    assert (a.data, a.training) == (b.data, b.training)
    for ours, theirs in ((a.weights, b.weights), (a.optimizer_state, b.optimizer_state)):
        assert ours.keys() == theirs.keys()
        for name, array in ours.items():
            assert array.dtype == theirs[name].dtype
            np.testing.assert_array_equal(array, theirs[name])
    assert to_history(a) == to_history(b)
    assert a.thumbnail == b.thumbnail
    assert (a.extra, a.extra_members, a.extra_history) == (b.extra, b.extra_members, b.extra_history)
    assert a.extra_arrays.keys() == b.extra_arrays.keys()


def test_everything_comes_back(tmp_path: Path, project: Project):
    save(project, tmp_path / "a.nns")
    found = load(tmp_path / "a.nns")
    same(project, found)
    assert found.path == tmp_path / "a.nns"
    assert math.isnan(found.run_state["best"]) and math.isinf(found.history[1]["loss"])
    assert np.random.PCG64().state.keys() == found.run_state["rng"].keys()


def test_the_same_project_gives_the_same_bytes(tmp_path: Path, make: Callable[[], Project]):
    for name in ("a.nns", "b.nns"):
        save(make(), tmp_path / name)
    save(load(tmp_path / "a.nns"), tmp_path / "c.nns")
    first = (tmp_path / "a.nns").read_bytes()
    assert first == (tmp_path / "b.nns").read_bytes() == (tmp_path / "c.nns").read_bytes()


def test_the_layout_of_the_zip(saved: Path):
    data = saved.read_bytes()
    assert data[30:38] == b"mimetype"
    assert data[38:].startswith(b"application/vnd.nnstudio.project+zip")
    with zipfile.ZipFile(saved) as archive:
        entries = archive.infolist()
        graph = archive.read("graph.json").decode()
    names = ["mimetype", "graph.json", "weights.safetensors", "history.json", "thumbnail.png"]
    assert [entry.filename for entry in entries] == names
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert graph.startswith('{\n  "format": "nnstudio project",\n  "version": 1,\n  "data": ')


def test_the_plain_text_is_the_graph_and_its_settings(tmp_path: Path, project: Project):
    save(project, tmp_path / "a.nns.json")
    text = (tmp_path / "a.nns.json").read_text()
    assert text.endswith("}\n") and max(map(len, text.splitlines())) <= 120
    edge = '{"port": "input", "source": "n1", "source_port": "output", "target": "n2"}'
    assert f"      {edge},\n" in text
    found = load(tmp_path / "a.nns.json")
    assert found.graph.to_dict() == project.graph.to_dict()
    assert (found.data, found.training) == (project.data, project.training)
    assert not found.weights and not found.history
    save(found, tmp_path / "b.nns.json")
    assert (tmp_path / "b.nns.json").read_text() == text


def test_an_empty_project_comes_back(tmp_path: Path):
    save(Project(), tmp_path / "a.nns")
    same(Project(), load(tmp_path / "a.nns"))


def test_a_thumbnail_is_kept_until_there_is_another(tmp_path: Path, project: Project):
    picture = b"\x89PNG\r\n\x1a\nother"
    save(project, tmp_path / "a.nns", thumbnail=picture)
    assert load(tmp_path / "a.nns").thumbnail == picture
    with pytest.raises(ProjectError, match="The thumbnail is no PNG"):
        save(project, tmp_path / "a.nns", thumbnail=b"GIF89a")


def test_only_the_two_endings_are_written(tmp_path: Path, project: Project):
    with pytest.raises(ProjectError, match=r"a\.json must end in \.nns \(everything\) or \.nns\.json"):
        save(project, tmp_path / "a.json")


def test_what_this_version_does_not_know_is_written_back(saved: Path, tmp_path: Path):
    document = document_of(saved)
    document["colour"] = {"of": ["the", "future", 1.5, None]}
    document["training"]["warmup"] = 3
    document["data"]["cache"] = True
    document["graph"]["nodes"][1]["note"] = "hello"
    document["graph"]["nodes"].append(
        {"id": "n99", "name": "mystery", "type": "Quantum", "position": [0, 0], "settings": {"q": 1}}
    )
    history = json.loads(members_of(saved)["history.json"]) | {"wall_clock": [1, 2]}
    members = members_of(saved)
    members["graph.json"] = json.dumps(document).encode()
    members["history.json"] = json.dumps(history).encode()
    members["notes/readme.txt"] = b"hello"
    members["weights.safetensors"] = _with_arrays(
        members["weights.safetensors"], {"mystery.phase": np.ones(3), "buffers/bn.mean": np.zeros(2)}
    )
    saved.write_bytes(pack(members, stored=frozenset({"mimetype"})))

    found = load(saved)
    save(found, tmp_path / "again.nns")
    back = members_of(tmp_path / "again.nns")
    again = json.loads(back["graph.json"])
    assert again["colour"] == document["colour"]
    assert again["training"]["warmup"] == 3 and again["data"]["cache"] is True
    nodes = {node["name"]: node for node in again["graph"]["nodes"]}
    assert nodes["fc1"]["note"] == "hello"
    assert nodes["mystery"]["type"] == "Quantum" and nodes["mystery"]["settings"] == {"q": 1}
    assert back["notes/readme.txt"] == b"hello"
    assert json.loads(back["history.json"])["wall_clock"] == [1, 2]
    arrays = load(tmp_path / "again.nns")
    np.testing.assert_array_equal(arrays.weights["mystery.phase"], np.ones(3))
    np.testing.assert_array_equal(arrays.extra_arrays["buffers/bn.mean"], np.zeros(2))


def _with_arrays(data: bytes, more: dict[str, np.ndarray]) -> bytes:
    from nnstudio.project.arrays import pack_arrays, unpack_arrays

    return pack_arrays({**unpack_arrays(data, "w"), **more}, "w")


def test_an_unknown_type_does_not_hide_the_weights_beside_it(saved: Path):
    document = document_of(saved)
    for node in document["graph"]["nodes"]:
        if node["name"] == "act1":
            node["type"] = "Quantum"
    found = load(rewritten(saved, graph_json=json.dumps(document).encode()))
    assert set(found.weights) == {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}


def test_weights_of_another_shape_are_refused_with_both_shapes(saved: Path):
    document = document_of(saved)
    for node in document["graph"]["nodes"]:
        if node["name"] == "fc1":
            node["settings"]["out_features"] = 5
    sentence = refusal(rewritten(saved, graph_json=json.dumps(document).encode()))
    assert "the graph needs fc1.bias as 5, but the file holds it as 8" in sentence


def test_optimizer_state_of_another_shape_is_refused(saved: Path, project: Project):
    arrays = {**project.weights, "optimizer/fc1.weight.velocity": np.zeros((3, 3))}
    sentence = refusal(
        rewritten(saved, weights_safetensors=_with_arrays(members_of(saved)["weights.safetensors"], arrays))
    )
    assert "needs optimizer/fc1.weight.velocity as 8×2, but the file holds it as 3×3" in sentence


def test_weights_of_whole_numbers_are_refused(saved: Path):
    from nnstudio.project.arrays import pack_arrays

    data = pack_arrays({"fc1.bias": np.zeros(8, np.int64)}, "w")
    assert "fc1.bias holds int64 instead of" in refusal(rewritten(saved, weights_safetensors=data))


def test_an_array_too_large_for_the_graph_is_refused_before_it_is_made(saved: Path):
    header = json.dumps(
        {"fc1.bias": {"dtype": "F64", "shape": [10**11], "data_offsets": [0, 8 * 10**11]}}
    ).encode()
    data = struct.pack("<Q", len(header)) + header
    assert "its arrays take 800,000,000,000 bytes, and there are 0" in refusal(
        rewritten(saved, weights_safetensors=data)
    )


def test_weights_of_an_earlier_drawing_are_not_written(tmp_path: Path, project: Project):
    project.weights["fc1.bias"] = np.zeros(5)
    project.optimizer_state["fc1.bias.velocity"] = np.zeros(5)
    save(project, tmp_path / "a.nns")
    found = load(tmp_path / "a.nns")
    assert set(found.weights) == {"fc1.weight", "fc2.weight", "fc2.bias"}
    assert "fc1.bias.velocity" not in found.optimizer_state
    assert set(project.fitting_weights()) == set(found.weights)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[]", "a.nns.json is not an object with fields."),
        ("{}", 'a.nns.json is not a project: its "format" is None instead of "nnstudio project".'),
        (
            '{"format": "nnstudio project", "version": 2}',
            "has format version 2, and this nnstudio reads up to version 1",
        ),
        (
            '{"format": "nnstudio project", "version": "1"}',
            "has the format version '1', which is no version number.",
        ),
        (
            '{"format": "nnstudio project", "version": true}',
            "has the format version True, which is no version number.",
        ),
        ('{"format": "nnstudio project", "version": 1}', "The graph of"),
        ('{"format": "nnstudio project", "version": 1, "graph": 3}', "is not an object with fields."),
        ('{"format": "nnstudio project", "version": 0}', "is not laid out as that version is"),
        ("not JSON", "is not valid JSON at line 1, column 1: expecting value."),
    ],
)
def test_a_document_that_is_none_is_refused(tmp_path: Path, text: str, sentence: str):
    path = tmp_path / "a.nns.json"
    path.write_text(text)
    assert sentence in refusal(path)


@pytest.mark.parametrize(
    "change",
    [
        {"data": []},
        {"data": {"validation": 7}},
        {"data": {"source": 3}},
        {"training": "fast"},
        {"training": {"lr": -1}},
        {"training": {"epochs": 1e300}},
        {"training": {"optimizer": "Magic"}},
        {"graph": {"nodes": 3, "edges": []}},
        {
            "graph": {
                "nodes": [{"id": "a", "name": "a", "type": "Linear", "settings": {"out_features": -4}}],
                "edges": [],
            }
        },
        {"graph": {"nodes": [{"id": "a", "name": "a", "type": "Linear", "settings": 5}], "edges": []}},
        {"graph": {"nodes": [3], "edges": []}},
    ],
)
def test_wrong_values_in_a_document_are_refused(tmp_path: Path, project: Project, change: dict[str, Any]):
    path = tmp_path / "a.nns.json"
    save(project, path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert refusal(path)


def test_paths_that_are_no_file_are_refused(tmp_path: Path):
    assert refusal(tmp_path / "missing.nns") == f"There is no file {tmp_path / 'missing.nns'}."
    assert refusal(tmp_path) == f"{tmp_path} is not a file but a folder."
    os.mkfifo(tmp_path / "pipe.nns")
    assert "not a file but a pipe or a device" in refusal(tmp_path / "pipe.nns")
    assert "could not be read" in refusal(Path("zero\0byte.nns"))


def test_a_zip_that_is_no_project_is_refused(tmp_path: Path):
    path = tmp_path / "a.nns"
    path.write_bytes(pack({"hello": b"1"}, stored=frozenset()))
    assert "is a zip, but not a project: there is no graph.json in it" in refusal(path)
    path.write_bytes(b"")
    assert "is damaged or not a project" in refusal(path)


@pytest.mark.parametrize("content", [b'{"epochs": 3}', b"[]", b'{"epochs": [1]}', b'{"run_state": []}', b"{"])
def test_a_history_that_is_none_is_refused(saved: Path, content: bytes):
    assert "history.json in" in refusal(rewritten(saved, history_json=content))


def test_a_failed_save_leaves_the_old_file(saved: Path, project: Project, monkeypatch: pytest.MonkeyPatch):
    before = saved.read_bytes()
    project.history[0]["loss"] = object()
    with pytest.raises(ProjectError, match="cannot be written"):
        save(project, saved)
    project.history.clear()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ProjectError, match="no space left on device"):
        save(project, saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["saved.nns"]


@pytest.mark.parametrize("step", [13])
def test_a_truncated_file_is_refused(saved: Path, step: int):
    whole = saved.read_bytes()
    for length in range(0, len(whole), len(whole) // step):
        saved.write_bytes(whole[:length])
        refusal(saved)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=5))
def test_a_changed_file_is_read_or_refused(tmp_path: Path, saved: Path, changes: list[tuple[int, int]]):
    data = bytearray(saved.read_bytes())
    for place, byte in changes:
        data[place % len(data)] = byte
    path = tmp_path / "changed.nns"
    path.write_bytes(data)
    _read_or_refused(path)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_changed_document_is_read_or_refused(tmp_path: Path, project: Project, data: st.DataObject):
    path = tmp_path / "changed.nns.json"
    save(project, path)
    document = json.loads(path.read_text())
    for _ in range(data.draw(st.integers(1, 3))):
        _mutate(document, data)
    path.write_text(json.dumps(document))
    _read_or_refused(path)


odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]),
    st.just({}), st.just([1, [2]]),
    st.sampled_from(["fc1", "n1", "Linear", "Group", 10**12, -1, 10**400, "\ud800", "x" * 10_000]),
)  # fmt: skip


def _mutate(value: Any, data: st.DataObject) -> None:
    """Puts something odd at a random place of the tree."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(value[key], (dict, list)) and value[key] and data.draw(st.integers(0, 3)):
            value = value[key]
            continue
        if isinstance(value, dict) and data.draw(st.booleans()):
            value.pop(key)
        else:
            value[key] = deepcopy(data.draw(odd))  # the next one may be put into it
        return


def _read_or_refused(path: Path) -> None:
    try:
        found = load(path)
    except ProjectError as error:
        assert "\n" not in str(error)
        return
    again = path.with_name("again" + ".nns" + (".json" if path.name.endswith(".json") else ""))
    save(found, again)
    same(found, load(again))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.binary(max_size=200), name=st.sampled_from(["a.nns", "a.nns.json", "a"]))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes, name: str):
    path = tmp_path / name
    path.write_bytes(data)
    refusal(path)


def test_saving_needs_neither_qt_nor_pickle(saved: Path):
    code = (
        "import sys, nnstudio.project as p; p.save(p.load(sys.argv[1]), sys.argv[1]);"
        "print([m for m in sys.modules if m.startswith(('PySide6', 'torch', 'rich'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(saved)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_graph_with_groups_comes_back(tmp_path: Path, project: Project):
    from nnstudio.graph import GroupNodes

    ids = tuple(project.graph.node(name).id for name in ("fc1", "act1"))
    project.apply(GroupNodes(ids, name="encoder"))
    assert "encoder.fc1.weight" in project.weights
    save(project, tmp_path / "a.nns")
    same(project, load(tmp_path / "a.nns"))


def test_names_in_any_script_come_back(tmp_path: Path):
    graph = Graph()
    graph.add("Linear", name="слой ⚙ 1")
    save(Project(graph), tmp_path / "имя.nns.json")
    assert load(tmp_path / "имя.nns.json").graph.node("слой ⚙ 1").type == "Linear"
    assert "слой ⚙ 1" in (tmp_path / "имя.nns.json").read_text(encoding="utf-8")
