"""Tensors as files: every digit comes back."""

import numpy as np
import pytest

from nnstudio.errors import ExchangeError
from nnstudio.exchange.tensor_file import write_tensor


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (2, 3, 4)])
def test_every_digit_comes_back(tmp_path, dtype, shape):
    array = np.asarray(np.random.default_rng(0).normal(size=shape) * 1e-7, dtype)
    write_tensor(array, tmp_path / "a.npy")
    back = np.load(tmp_path / "a.npy")
    assert back.dtype == array.dtype and back.shape == shape and back.tobytes() == array.tobytes()
    write_tensor(array, tmp_path / "a.csv")
    text = np.loadtxt(tmp_path / "a.csv", delimiter=",", ndmin=2).astype(dtype)
    assert text.shape == ((1, 1) if not shape else (1, 5) if len(shape) == 1 else (text.size // 4, 4))
    assert text.tobytes() == array.tobytes()


def test_csv_is_short_and_holds_what_is_no_number(tmp_path):
    write_tensor(np.array([[0.1, np.nan], [np.inf, 3]], np.float32), tmp_path / "a.CSV")
    assert (tmp_path / "a.CSV").read_text() == "0.1,nan\ninf,3.0\n"
    write_tensor(np.array([2, 0, 1]), tmp_path / "classes.csv")
    assert (tmp_path / "classes.csv").read_text() == "2,0,1\n"


def test_another_ending_and_a_folder_that_is_not_there_are_told(tmp_path):
    with pytest.raises(ExchangeError, match=r"\.csv or \.npy, not as \.txt"):
        write_tensor(np.zeros(2), tmp_path / "a.txt")
    with pytest.raises(ExchangeError, match="could not be written"):
        write_tensor(np.zeros(2), tmp_path / "missing" / "a.csv")


def test_what_was_there_is_replaced_whole(tmp_path):
    (tmp_path / "a.csv").write_text("something long before\n" * 100)
    write_tensor(np.zeros(1), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "0.0\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
