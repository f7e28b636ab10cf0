import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnstudio.errors import ProjectError
from nnstudio.project.arrays import Entry, pack_arrays, unpack_arrays


def made(header: dict[str, Any] | str, data: bytes = b"") -> bytes:
    text = header if isinstance(header, str) else json.dumps(header)
    return struct.pack("<Q", len(text)) + text.encode() + data


def tensor(dtype: str = "F32", shape: Any = (2,), start: Any = 0, stop: Any = 8) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, stop]}


arrays = hnp.arrays(
    dtype=st.sampled_from(["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", ">f8"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(min_size=1).filter(lambda name: name != "__metadata__"), arrays, max_size=5))
def test_arrays_come_back_as_they_were(given_arrays: dict[str, np.ndarray]):
    data = pack_arrays(given_arrays, "w")
    assert data == pack_arrays(dict(reversed(given_arrays.items())), "w")
    found = unpack_arrays(data, "w")
    assert found.keys() == given_arrays.keys()
    for name, array in given_arrays.items():
        assert found[name].shape == array.shape
        assert found[name].dtype == array.dtype.newbyteorder("<")
        assert found[name].tobytes() == array.astype(array.dtype.newbyteorder("<")).tobytes()
        assert found[name].flags.writeable


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"123", "w is cut short"),
        (struct.pack("<Q", 2**60), "its header claims 1,152,921,504,606,846,976 bytes of a file of 8"),
        (made("[]"), "its header is not an object"),
        (made('{"a": {}, "a": {}}'), 'the header of w gives the key "a" twice'),
        (made({"a": 3}), '"a" has no dtype, shape and data_offsets'),
        (made({"a": tensor("BF16")}, b"0" * 8), '"a" has the dtype "BF16"; those that are read are F64, F32'),
        (made({"a": tensor(shape=[1] * 17)}, b"0" * 8), "not a list of at most 16 sizes"),
        (made({"a": tensor(shape=[-2])}, b"0" * 8), "not a list of at most 16 sizes"),
        (made({"a": tensor(shape=[True, 2])}, b"0" * 8), "not a list of at most 16 sizes"),
        (made({"a": tensor(shape=[3])}, b"0" * 8), 'the bytes of "a" do not fit its shape 3'),
        (made({"a": tensor(stop=9)}, b"0" * 9), 'the bytes of "a" do not fit its shape 2'),
        (made({"a": tensor(shape=[10**6, 10**6])}, b"0" * 8), "do not fit its shape 1000000×1000000"),
        (made({"a": tensor(shape=[2**47, 2**47, 0], stop=0)}), '"a" has the shape 140737488355328×'),
        (made({"a": tensor(), "b": tensor()}, b"0" * 8), '"b" does not start where the array before ends'),
        (made({"a": tensor(), "b": tensor(start=9, stop=17)}, b"0" * 17), '"b" does not start where'),
        (made({"a": tensor()}, b"0" * 9), "its arrays take 8 bytes, and there are 9"),
        (made({"a": tensor()}, b"0" * 7), "its arrays take 8 bytes, and there are 7"),
    ],
)
def test_a_header_that_does_not_add_up_is_refused(data: bytes, sentence: str):
    with pytest.raises(ProjectError) as caught:
        unpack_arrays(data, "w")
    assert sentence in str(caught.value)


def test_the_check_sees_the_header_before_any_array_is_made():
    seen: list[Entry] = []
    unpack_arrays(pack_arrays({"a": np.zeros((2, 3))}, "w"), "w", seen.extend)
    assert [(entry.name, entry.shape, entry.dtype) for entry in seen] == [("a", (2, 3), np.dtype("f8"))]


def test_an_array_of_objects_is_not_written():
    with pytest.raises(ProjectError, match="w cannot be written: a is an array of complex128"):
        pack_arrays({"a": np.zeros(2, complex)}, "w")


WHOLE = pack_arrays({"fc1.weight": np.ones((2, 3)), "fc1.bias": np.zeros(2, np.float32)}, "w")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_bytes_are_read_or_refused_in_one_sentence(changes: list[tuple[int, int]]):
    data = bytearray(WHOLE)
    for place, byte in changes:
        data[place] = byte
    try:
        unpack_arrays(bytes(data), "w")
    except ProjectError as error:
        assert "\n" not in str(error)
