from pathlib import Path

import pytest

import nnstudio as nn
from nnstudio.errors import DataError, ExchangeError, ProjectError
from nnstudio.exchange import export
from nnstudio.graph import Graph
from nnstudio.project import Project, train
from tests.exchange.graphs import XOR, chain, project, xor_net


def test_the_files_written_are_told_the_script_first(tmp_path: Path):
    files = export(project(xor_net()), "numpy", tmp_path / "net.py")
    assert [file.name for file in files] == ["net.py", "net_data.npz", "net.npz"]
    files = export(project(xor_net()), "pytorch", tmp_path / "torch_net.py")
    assert [file.name for file in files] == ["torch_net.py", "torch_net_data.npz", "torch_net.safetensors"]
    assert all(file.exists() for file in files)


def test_what_an_optimizer_remembers_goes_along(tmp_path: Path):
    trained = project(xor_net(), optimizer="Adam")
    train(trained, 1)
    files = export(trained, "pytorch", tmp_path / "net.py")
    assert "net_optimizer.safetensors" in [file.name for file in files]


def test_the_same_project_gives_the_same_bytes(tmp_path: Path):
    for format in ("numpy", "pytorch"):
        first = {
            file.name: file.read_bytes() for file in export(project(xor_net()), format, tmp_path / "net.py")
        }
        again = {
            file.name: file.read_bytes() for file in export(project(xor_net()), format, tmp_path / "net.py")
        }
        assert first == again


def test_the_public_face_exports(tmp_path: Path):
    nn.export(project(xor_net()), "numpy", tmp_path / "net.py")
    assert (tmp_path / "net.py").exists()


@pytest.mark.parametrize(
    ("format", "path", "sentence"),
    [
        ("onnx", "net.py", "The export to onnx is not there yet; there are numpy, pytorch, svg and png."),
        (
            "torch7",
            "net.lua",
            "The export to torch7 is not there yet; there are numpy, pytorch, svg and png.",
        ),
        ("keras", "net.py", "There is no export to 'keras'; there are numpy, pytorch, svg and png."),
        ("numpy", "net.txt", "A numpy script ends in .py, which net.txt does not."),
        ("pytorch", ".py", "A pytorch script ends in .py, which .py does not."),
    ],
)
def test_what_cannot_be_written_is_said(format: str, path: str, sentence: str):
    with pytest.raises(ExchangeError) as caught:
        export(project(xor_net()), format, path)
    assert str(caught.value) == sentence


def test_a_broken_network_is_not_written(tmp_path: Path):
    broken = chain(("Linear", {"out_features": 3}), target=(1,))
    with pytest.raises(ExchangeError, match=r"cannot be exported before it is mended: .*3"):
        export(project(broken), "numpy", tmp_path / "net.py")
    with pytest.raises(ExchangeError, match="There is nothing to export"):
        export(Project(Graph()), "numpy", tmp_path / "net.py")
    assert list(tmp_path.iterdir()) == []


def test_nothing_between_inputs_and_loss_is_no_network_for_pytorch(tmp_path: Path):
    with pytest.raises(ExchangeError, match="nothing lies between inputs and loss"):
        export(project(chain(target=(2,)), data=None), "pytorch", tmp_path / "net.py")


def test_data_that_cannot_be_read_is_said(tmp_path: Path):
    missing = XOR.from_dict({"source": "csv:nowhere.csv"})
    with pytest.raises(DataError, match=r"nowhere\.csv"):
        export(project(xor_net(), data=missing), "numpy", tmp_path / "net.py")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    path = tmp_path / "missing" / "net.py"
    unreadable = XOR.from_dict({"source": "csv:nowhere.csv"})  # said before anything is read or computed
    with pytest.raises(ProjectError) as caught:
        export(project(xor_net(), data=unreadable), "numpy", path)
    assert str(caught.value) == f"{path} cannot be written: there is no folder {path.parent}."
