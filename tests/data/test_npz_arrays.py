import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnstudio.data import Cancelled, DataSettings, load, read_inputs, split
from nnstudio.data import npz_arrays as module
from nnstudio.errors import DataError

X = np.arange(24, dtype=np.float64).reshape(6, 4)
Y = np.array([0, 1, 2, 0, 1, 2])


@pytest.fixture
def folder(tmp_path: Path):
    return tmp_path


def saved(folder, compressed=False, **arrays):
    (np.savez_compressed if compressed else np.savez)(folder / "a.npz", **arrays)
    return folder


def of(folder, **fields):
    return load(DataSettings("npz:a.npz", **fields), folder)


@pytest.mark.parametrize("compressed", [False, True])
def test_x_and_y(folder, compressed):
    dataset = of(saved(folder, compressed, other=np.zeros(3), y=Y, x=X))
    assert np.array_equal(dataset.x, X) and np.array_equal(dataset.y, Y)
    assert (dataset.task, dataset.class_names) == ("classes", ("0", "1", "2"))


def test_the_first_two_without_those_names(folder):
    dataset = of(saved(folder, images=X, labels=Y, more=np.zeros(6)))
    assert np.array_equal(dataset.x, X) and np.array_equal(dataset.y, Y)
    assert np.array_equal(of(saved(folder, X=X, Y=Y)).x, X)


def test_arrays_by_name(folder):
    saved(folder, x=X, y=Y, z=X * 2, t=Y.astype(float) / 2)
    dataset = of(folder, input_columns=("z",), target_columns=("t",))
    assert np.array_equal(dataset.x, X * 2) and np.array_equal(dataset.y, Y[:, None] / 2)
    with pytest.raises(DataError, match="no array 'w'; it has 'x', 'y', 'z', 't'"):
        of(folder, input_columns=("w",))
    with pytest.raises(DataError, match="no index 4"):
        of(folder, input_columns=(4,))
    with pytest.raises(DataError, match="one array as input"):
        of(folder, input_columns=("x", "z"))
    with pytest.raises(DataError, match="needs one of inputs, x, and one of targets"):
        of(folder, input_columns=("x",), target_columns=("x",))


@pytest.mark.parametrize(
    "dtype", ["uint8", "int64", "float16", "float32", "float64", ">f4", ">i2", "bool", "longdouble"]
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_kinds_and_orders_of_numbers(folder, dtype, order):
    x = np.asarray(X % 2, dtype, order=order)
    dataset = of(saved(folder, x=x, y=Y))
    assert np.array_equal(dataset.x, X % 2)
    assert dataset.x.dtype in ("uint8", "float32", "float64")
    assert split(dataset, DataSettings(scaling="standardise", stratify=False)).train.x.flags.c_contiguous


def test_pictures_keep_their_shape(folder):
    dataset = of(saved(folder, x=np.full((6, 3, 5), 255, np.uint8), y=Y))
    assert dataset.input_shape == dataset.image_shape == (3, 5)
    assert dataset.value_range == (0, 255)
    assert of(saved(folder, x=np.arange(6.0), y=Y)).input_shape == (1,)


@pytest.mark.parametrize(
    ("y", "task", "found", "names"),
    [
        (Y, "numbers", "numbers", ()),
        (Y[:, None], "auto", "classes", ("0", "1", "2")),
        (Y * 0.5, "auto", "numbers", ()),
        (Y * 0.5, "classes", "classes", ("0", "0.5", "1")),
        (Y > 0, "auto", "classes", ("0", "1")),
        (np.array(list("bacbac")), "auto", "classes", ("a", "b", "c")),
        (np.array(list("bacbac"), "S1"), "auto", "classes", ("a", "b", "c")),
        (np.arange(6), "auto", "numbers", ()),
        (np.eye(6), "auto", "numbers", ()),
    ],
)
def test_targets(folder, y, task, found, names):
    dataset = of(saved(folder, x=X, y=y), task=task)
    assert (dataset.task, dataset.class_names) == (found, names)
    if names and y.dtype.kind in "US":
        assert dataset.y.tolist() == [1, 0, 2, 1, 0, 2]
    elif not names:
        assert np.array_equal(dataset.y, y.reshape(6, -1))


def test_inputs_as_targets_need_no_targets(folder):
    assert of(saved(folder, x=X), targets="inputs").y.shape == (6, 0)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": X}, "holds only the array 'x'"),
        ({"x": X, "y": Y[:5]}, "6 inputs but 5 targets"),
        ({"x": np.where(X == 9, np.nan, X), "y": Y}, "x: sample 2 holds nan"),
        ({"x": X, "y": np.where(Y == 2, np.inf, Y)}, "targets: sample 2 holds inf"),
        ({"x": X.astype(str), "y": Y}, "inputs hold texts"),
        ({"x": X + 1j, "y": Y}, "complex128, neither numbers nor texts"),
        ({"x": X.astype("M8[s]"), "y": Y}, "neither numbers nor texts"),
        ({"x": np.array(3.0), "y": Y}, "inputs are a single value"),
        ({"x": X, "y": np.array(3)}, "targets are a single value"),
        ({"x": X[:0], "y": Y[:0]}, "holds nothing"),
        ({"x": X, "y": Y[:, None].astype(str)}, "must be a list"),
        ({"x": X, "y": np.eye(6)[:, :3], "task": "classes"}, "one target column"),
        ({"x": X.astype(object), "y": Y}, "Python objects, which are never loaded"),
        ({"x": np.zeros(6, [("a", "f8")]), "y": Y}, "neither numbers nor texts"),
    ],
)
def test_a_sentence_for_arrays_that_do_not_do(folder, arrays, said):
    arrays = dict(arrays)
    task = arrays.pop("task", "auto")
    with pytest.raises(DataError, match=said):
        of(saved(folder, **arrays), task=task)


def npy(array, claimed=None, version=b"\x01\x00"):
    """The bytes of an npy file, whose header may claim another shape."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    data = buffer.getvalue()
    if claimed is not None:
        length = struct.unpack("<H", data[8:10])[0]
        header = data[10 : 10 + length].decode().replace(str(array.shape), claimed).ljust(length)
        data = data[:8] + struct.pack("<H", len(header)) + header.encode() + data[10 + length :]
    return data[:6] + version + data[8:]


def zipped(folder, members, **options):
    with zipfile.ZipFile(
        folder / "a.npz", "w", options.pop("compression", zipfile.ZIP_STORED), **options
    ) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return folder


def test_a_file_that_was_cut_off_is_said_to_be(folder):
    file = saved(folder, x=X, y=Y) / "a.npz"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(DataError) as caught:
        of(folder)
    why = "(it is cut off after 200 bytes); save it again with numpy."
    assert str(caught.value) == f"a.npz is not an npz file, or a damaged one {why}"


@pytest.mark.parametrize(
    ("claimed", "said"),
    [
        ("(60000000, 400)", "more than 200,000,000"),
        ("(100000, 400)", r"shape \(100000, 400\) of 320,000,000 bytes, but 192 are there"),
        ("(10**9,)", "not an npz file, or a damaged one"),
        ("(-6, -4)", "holds nothing"),
        ("(0, 4)", "holds nothing"),
        ("(6, 3)", "but 192 are there"),
    ],
)
def test_a_header_that_lies_allocates_nothing(folder, claimed, said):
    zipped(folder, [("x.npy", npy(X, claimed)), ("y.npy", npy(Y))])
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=said):
            of(folder)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_zip_bomb_is_not_unpacked(folder):
    saved(folder, compressed=True, x=np.zeros((6, 4_000_000), np.uint8), y=Y)
    assert (folder / "a.npz").stat().st_size < 50_000
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="24,000,128, more than 200 times as much"):
            of(folder)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_zeros_of_a_fair_size_are_no_bomb(folder):
    assert of(saved(folder, compressed=True, x=np.zeros((6, 1_000_000), np.uint8), y=Y)).input_shape == (
        1_000_000,
    )


def test_too_many_members(folder):
    zipped(folder, [(f"{n}.npy", b"") for n in range(300)])
    with pytest.raises(DataError, match="300 members, more than 256"):
        of(folder)


def test_a_long_table_of_contents_is_not_read(folder):
    zipped(folder, [(f"{n:060000d}.npy", b"") for n in range(20)])
    with pytest.raises(DataError, match="table of contents"):
        of(folder)


def test_two_arrays_of_one_name(folder):
    with pytest.warns(UserWarning, match="Duplicate"):
        zipped(folder, [("x.npy", npy(X)), ("x.npy", npy(X)), ("y.npy", npy(Y))])
    with pytest.raises(DataError, match=r"two members are called 'x\.npy'"):
        of(folder)


def test_arrays_that_overlap(folder):
    zipped(folder, [("x.npy", npy(X)), ("y.npy", npy(Y))])
    data = bytearray((folder / "a.npz").read_bytes())
    struct.pack_into("<L", data, data.rfind(b"PK\x01\x02") + 42, 0)  # y's bytes are x's
    (folder / "a.npz").write_bytes(data)
    with pytest.raises(DataError, match=r"^a\.npz is refused: the member 'y\.npy' overlaps another; save it"):
        of(folder)


def test_other_zips(folder):
    zipped(folder, [("a.txt", b"hello")])
    with pytest.raises(DataError, match="holds no arrays"):
        of(folder)
    zipped(folder, [("x.npy", npy(X, version=b"\x03\x00")), ("y.npy", npy(Y))])
    with pytest.raises(DataError, match=r"version 3\.0"):
        of(folder)
    zipped(folder, [("x.npy", npy(X)), ("y.npy", npy(Y))])
    data = bytearray((folder / "a.npz").read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption
    (folder / "a.npz").write_bytes(data)
    with pytest.raises(DataError, match="encrypted"):
        of(folder)


def test_a_wrong_checksum_is_seen(folder):
    zipped(folder, [("x.npy", npy(X)), ("y.npy", npy(Y))])
    data = bytearray((folder / "a.npz").read_bytes())
    data[150] ^= 1
    (folder / "a.npz").write_bytes(data)
    with pytest.raises(DataError, match=r"damaged one \(Bad CRC-32"):
        of(folder)


def test_npy_is_a_table(folder):
    table = np.column_stack((X, Y))
    np.save(folder / "a.npy", table)
    dataset = load("npy:a.npy", folder)
    assert np.array_equal(dataset.x, X) and np.array_equal(dataset.y, Y)
    chosen = load(DataSettings("npy:a.npy", input_columns=(1, 0), target_columns=(-2, 2)), folder)
    assert np.array_equal(chosen.x, X[:, [1, 0]]) and np.array_equal(chosen.y, X[:, [3, 2]])
    assert load(DataSettings("npy:a.npy", targets="inputs"), folder).input_shape == (5,)
    for fields, said in [
        ({"target_columns": ("a",)}, "no names for its columns"),
        ({"target_columns": (5,)}, "no index 5"),
        ({"target_columns": (0, 1, 2, 3, 4)}, "leave no input"),
        ({"target_columns": (0,), "input_columns": (0,)}, "chosen twice"),
    ]:
        with pytest.raises(DataError, match=said):
            load(DataSettings("npy:a.npy", **fields), folder)
    np.save(folder / "a.npy", X[0])
    with pytest.raises(DataError, match="needs two dimensions"):
        load("npy:a.npy", folder)


def test_inputs_alone(folder):
    np.save(folder / "a.npy", X)
    assert np.array_equal(read_inputs(folder / "a.npy"), X)
    np.savez(folder / "a.npz", y=Y, x=X)
    assert np.array_equal(read_inputs(folder / "a.npz"), X)
    assert np.array_equal(read_inputs(folder / "a.npz", ["y"]), Y[:, None])
    np.save(folder / "a.npy", np.where(X == 5, np.nan, X))
    with pytest.raises(DataError, match="sample 1 holds nan"):
        read_inputs(folder / "a.npy")


def test_progress_and_cancel(folder, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_BYTES", 64)
    saved(folder, x=X, y=Y)
    seen = []
    load("npz:a.npz", folder, lambda done, total: seen.append((done, total)) or True)
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1] and len(seen) > 3
    with pytest.raises(Cancelled):
        load("npz:a.npz", folder, lambda done, total: False)


@given(
    hnp.arrays(
        st.sampled_from(["f8", "f4", "u1", "i4"]),
        st.tuples(st.integers(1, 9), st.integers(1, 4)),
        elements=st.integers(0, 100),
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_numpy_saves_is_read_back(folder, x):
    dataset = of(saved(folder, x=x, y=np.arange(len(x)) / 7))
    assert np.array_equal(dataset.x, x)


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_damaged_files_give_data_or_a_sentence(folder, data):
    compressed = data.draw(st.booleans())
    content = bytearray((saved(folder, compressed, x=X, y=Y) / "a.npz").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)) | st.just(len(content)))
    (folder / "a.npz").write_bytes(content[:cut])
    try:
        assert of(folder).samples == 6
    except DataError as error:
        assert str(error).endswith(".")


@given(
    st.binary(max_size=300),
    st.sampled_from(["npz", "npy"]),
    st.sampled_from([b"", b"PK\x05\x06", b"\x93NUMPY\x01\x00"]),
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_hostile_bytes_give_a_sentence(folder, content, kind, start):
    (folder / f"b.{kind}").write_bytes(start + content)
    with pytest.raises(DataError, match=r"\.$"):
        load(f"{kind}:b.{kind}", folder)
