"""Whatever is wrong with a file: one sentence, exit code 1, no file harmed, no giant allocation."""

import contextlib
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest

from nnstudio.cli import main
from tests.cli.conftest import GIB, run_cli

MEMORY = 3 * GIB


def fingerprint(folder):
    """Every file below the folder with the hash of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def refused(folder, *words, says=(), fresh=False):
    """Runs the command line, checks everything every refusal must keep, and returns its sentence.

    `fresh`: in a process of its own with bounded memory, as a person would; else in this one, which is quick
    and where an exception that got away would fail the test.
    """
    before = fingerprint(folder)
    if fresh:
        done = run_cli(*words, cwd=folder, memory=MEMORY)
        code, out, err = done.returncode, done.stdout, done.stderr
    else:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(word) for word in words])
        out, err = out.getvalue(), err.getvalue()
    assert "Traceback" not in err, err
    assert code == 1, (code, out, err)
    assert out == ""
    assert err.startswith("nnstudio: ")
    assert err.count("\n") == 1, err
    assert len(err) < 500
    assert err.rstrip().endswith((".", "?"))
    for words_said in says:
        assert words_said in err, err
    assert fingerprint(folder) == before
    return err


def commands(path):
    """Every command that reads a project, as it would be typed."""
    return [
        ("train", path, "-o", "out.nns"),
        ("run", path, "--input", "x.csv", "-o", "y.csv"),
        ("check", path),
        ("info", path, "--json"),
        ("gradcheck", path),
        ("export", path, "--to", "numpy", "-o", "model.py"),
        (path,),
    ]


NAMES = ("train", "run", "check", "info", "gradcheck", "export", "open")


@pytest.mark.parametrize("number", range(7), ids=NAMES)
def test_a_file_that_is_not_there(tmp_path, number):
    (tmp_path / "x.csv").write_text("1,2\n")
    refused(tmp_path, *commands("absent.nns")[number], says=["absent.nns"], fresh=True)


@pytest.mark.parametrize("number", range(7), ids=NAMES)
def test_a_file_that_is_no_json(tmp_path, number):
    (tmp_path / "x.csv").write_text("1,2\n")
    (tmp_path / "p.nns.json").write_text('{"format": "nnstudio project", "version": 1,\n "graph": ')
    refused(tmp_path, *commands("p.nns.json")[number], says=["p.nns.json", "line 2"])


CONTENTS = {
    "empty": b"",
    "noise": bytes(range(256)) * 8,
    "a list": b"[1, 2, 3]",
    "a number": b"12",
    "another document": b'{"name": "left-pad", "version": "1.0.0"}',
    "latin-1": '{"format": "été"}'.encode("latin-1"),
    "a key twice": b'{"format": "nnstudio project", "version": 1, "version": 1}',
    "deep": b"[" * 100_000,
    "a long number": b'{"format": "nnstudio project", "version": ' + b"1" * 100_000 + b"}",
    "a pickle": b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94.",
}


@pytest.mark.parametrize("suffix", [".nns", ".nns.json"])
@pytest.mark.parametrize("what", CONTENTS)
def test_a_file_of_something_else(tmp_path, what, suffix):
    (tmp_path / f"p{suffix}").write_bytes(CONTENTS[what])
    refused(tmp_path, "train", f"p{suffix}", "-o", "out.nns", says=[f"p{suffix}"])


def test_a_folder(tmp_path):
    (tmp_path / "p.nns").mkdir()
    refused(tmp_path, "check", "p.nns", says=["p.nns"])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_zip_that_was_cut_off(project, share):
    path = project(name="p.nns")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    refused(path.parent, "train", "p.nns", "-o", "p.nns", says=["p.nns"], fresh=True)


def test_a_zip_bomb(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.nns", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/x-nnstudio")
        archive.writestr("graph.json", b" " * (64 * 2**20))
    refused(tmp_path, "check", "p.nns", says=["p.nns"], fresh=True)


@pytest.fixture
def broken(project):
    """Writes the xor project with one text in its JSON replaced, and returns its folder."""

    def make(change, kind="xor"):
        path = project(kind)
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document), encoding="utf-8")
        return path.parent

    return make


def node(document, name):
    return next(node for node in document["graph"]["nodes"] if node["name"] == name)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", "-1", '"fast"', "null", "[0.1]", "true"])
def test_a_learning_rate_that_is_none(project, value):
    path = project()
    text = path.read_text(encoding="utf-8")
    assert '"lr": 0.5' in text
    path.write_text(text.replace('"lr": 0.5', f'"lr": {value}'), encoding="utf-8")
    refused(path.parent, "train", "p.nns.json", "-o", "out.nns")


@pytest.mark.parametrize("field", ["epochs", "batch_size", "seed", "threads"])
@pytest.mark.parametrize("value", [-1, 1.5, 10**30, "ten"])
def test_a_training_setting_that_is_none(broken, field, value):
    folder = broken(lambda document: document["training"].update({field: value}))
    refused(folder, "train", "p.nns.json", says=[field])


@pytest.mark.parametrize("value", [-4, 0, 10**12, 10**30, 2.5, "eight", None, float("nan")])
@pytest.mark.parametrize("command", ["train", "check", "info"])
def test_a_size_that_is_none(broken, command, value):
    folder = broken(lambda document: node(document, "fc1")["settings"].update(out_features=value))
    refused(folder, command, "p.nns.json", fresh=value == 10**12)


def test_a_layer_of_a_million_million_weights(broken):
    """Each size alone is allowed; only their product is not."""

    def wide(document):
        node(document, "fc1")["settings"]["out_features"] = 1_000_000
        node(document, "fc2")["settings"]["out_features"] = 1_000_000

    refused(broken(wide), "train", "p.nns.json", "-o", "out.nns", fresh=True)


@pytest.mark.parametrize("shape", [[10**6, 10**6], [-2], [2.0], "2", [[2]], [0]])
def test_an_input_shape_that_is_none(broken, shape):
    folder = broken(lambda document: node(document, "x")["settings"].update(shape=shape))
    refused(folder, "train", "p.nns.json")


def test_a_batch_that_does_not_fit_the_memory(broken):
    """A batch of the whole set through a wide layer would be 20 GB."""

    def many(document):
        document["data"] |= {"source": "moons", "options": {"samples": 1_000_000}}
        document["training"]["batch_size"] = 0
        node(document, "fc1")["settings"]["out_features"] = 20_000

    refused(broken(many), "train", "p.nns.json", fresh=True)


def test_a_module_that_is_not_known(broken):
    folder = broken(lambda document: node(document, "fc1").update(type="Linnear"))
    refused(folder, "train", "p.nns.json", says=["Linnear", "fc1"], fresh=True)
    refused(folder, "export", "p.nns.json", "--to", "numpy", "-o", "model.py", says=["Linnear"])


@pytest.mark.parametrize("version", [2, 999, -1, "1", None, 1.0, True])
def test_a_version_that_is_not_read(broken, version):
    folder = broken(lambda document: document.update(version=version))
    refused(folder, "check", "p.nns.json", says=["version"])


def test_a_file_that_says_it_is_old_and_is_not(broken):
    """Version 0 is carried over; this has its number but not its layout."""
    folder = broken(lambda document: document.update(version=0))
    refused(folder, "check", "p.nns.json", says=["version 0"])


def test_a_newer_container(project):
    path = project(name="p.nns")
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    document = json.loads(members["graph.json"])
    members["graph.json"] = json.dumps(document | {"version": 7}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    refused(path.parent, "train", "p.nns", "-o", "p.nns", says=["version 7", "newer"], fresh=True)


TABLES = {
    "text": ("a,b,y\none,two,0\nthree,four,1\n", ["line 2", "one"]),
    "a hole": ("a,b,y\n1,2,0\n3,,1\n", ["line 3"]),
    "a short row": ("a,b,y\n1,2,0\n3,1\n", ["line 3"]),
    "nan": ("a,b,y\n1,2,0\n3,nan,1\n", ["line 3"]),
    "empty": ("", []),
    "heads alone": ("a,b,y\n", []),
    "binary": ("\x00\x01\x02\x03", []),
}


@pytest.mark.parametrize("what", TABLES)
def test_a_table_that_is_none(broken, what):
    folder = broken(lambda document: document["data"].update(source="csv:table.csv"))
    text, says = TABLES[what]
    (folder / "table.csv").write_text(text, encoding="utf-8")
    refused(folder, "train", "p.nns.json", says=["table.csv", *says], fresh=what == "text")


def test_a_table_of_another_width(broken):
    folder = broken(lambda document: document["data"].update(source="csv:table.csv"))
    rows = [f"{i}.5,{i}.25,{i}.75,{i % 2}" for i in range(40)]
    (folder / "table.csv").write_text("a,b,c,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    refused(folder, "train", "p.nns.json", says=["2", "3"])


def test_arrays_that_would_run_code(broken):
    folder = broken(lambda document: document["data"].update(source="npz:data.npz"))
    np.savez(folder / "data.npz", x=np.array([{"a": 1}, None], dtype=object), y=np.zeros(2))
    refused(folder, "train", "p.nns.json", says=["data.npz"])


def test_an_array_whose_header_promises_terabytes(broken):
    folder = broken(lambda document: document["data"].update(source="npz:data.npz"))
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
    )
    with zipfile.ZipFile(folder / "data.npz", "w") as archive:
        archive.writestr("x.npy", head.getvalue())
        archive.writestr("y.npy", head.getvalue())
    refused(folder, "train", "p.nns.json", says=["data.npz"], fresh=True)


INPUTS = {
    "absent.csv": None,
    "words.csv": b"one,two\nthree,four\n",
    "wide.csv": b"1,2,3\n4,5,6\n",
    "hole.csv": b"1,2\n3,\n",
    "empty.csv": b"",
    "noise.npy": bytes(range(256)),
    "picture.png": b"\x89PNG\r\n\x1a\n",
}


@pytest.mark.parametrize("name", INPUTS)
def test_new_inputs_that_do_not_fit(project, name):
    path = project()
    if INPUTS[name] is not None:
        (path.parent / name).write_bytes(INPUTS[name])
    refused(path.parent, "run", "p.nns.json", "--input", name, "-o", "y.csv", says=[name])


@pytest.mark.parametrize(
    "array", [np.zeros((3, 5)), np.array([[np.nan, 1.0]]), np.array([["a", "b"]]), np.zeros((0, 2))]
)
def test_a_new_array_that_does_not_fit(project, array):
    path = project()
    np.save(path.parent / "x.npy", array)
    refused(path.parent, "run", "p.nns.json", "--input", "x.npy", "-o", "y.npy", says=["x.npy"])


@pytest.mark.parametrize("output", ["nowhere/out.nns", "there.nns"])
def test_a_place_that_cannot_be_written(project, output):
    path = project(epochs=1)
    (path.parent / "there.nns").mkdir()
    refused(path.parent, "train", "p.nns.json", "-o", output, says=[output])
    refused(path.parent, "export", "p.nns.json", "--to", "numpy", "-o", output, says=[output])


def test_a_model_is_not_imported_yet(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"\x08\x07")
    refused(tmp_path, "import", "m.onnx", "-o", "p.nns", says=["ONNX"])
