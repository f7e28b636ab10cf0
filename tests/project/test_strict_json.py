import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnstudio.errors import ProjectError
from nnstudio.project import strict_json


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b'{"a": 1, "a": 2}', 'p gives the key "a" twice in one object.'),
        (b'{"a": NaN}', "p holds NaN, which is not a number that JSON knows."),
        (b'{"a": -Infinity}', "p holds -Infinity, which is not a number that JSON knows."),
        (b'{"a": 1e999}', "p holds 1e999, which is too large for a number."),
        (b'{"a": "\\ud800"}', r'p holds half a character (a lone surrogate) in "\\ud800".'),
        (b'{"\\udc00x": 1}', r'p holds half a character (a lone surrogate) in "\\udc00x".'),
        (b"[" * 65 + b"]" * 65, "p is nested deeper than the 64 levels that are read."),
        (b"[" * 200_000, "p is nested deeper than the 64 levels that are read."),
        (b'{"a" 1}', "p is not valid JSON at line 1, column 6: expecting ':' delimiter."),
        (b"", "p is not valid JSON at line 1, column 1: expecting value."),
        (b"\xff\xfe{}", "p is not text in UTF-8: byte 0 is 0xff."),
        (b"9" * 5000, "p holds a whole number with too many digits."),
        (b" " * 101, "p is 101 bytes of JSON, more than the 100 that are read."),
    ],
)
def test_what_is_refused_and_why(text: bytes, sentence: str):
    with pytest.raises(ProjectError) as caught:
        strict_json.parse(text, "p", limit=100 if text.isspace() else 10**6)
    assert str(caught.value) == sentence


def test_sixty_four_levels_are_read():
    assert strict_json.parse(b"[" * 64 + b"]" * 64, "p") is not None


def test_a_byte_order_mark_is_no_matter():
    assert strict_json.parse(b"\xef\xbb\xbf{}", "p") == {}


def test_what_fits_on_a_line_is_on_a_line():
    value = {
        "version": 1,
        "nodes": [{"name": "fc1", "id": "n1", "position": [0, 1.5]}, {"name": "x" * 120, "id": "n2"}],
        "long": list(range(60)),
        "empty": {},
    }
    lines = strict_json.write(value, "p", first=("version",)).decode().splitlines()
    assert lines[1] == '  "version": 1,'
    assert lines[2] == '  "empty": {},'
    assert '    {"id": "n1", "name": "fc1", "position": [0, 1.5]},' in lines
    assert max(len(line) for line in lines if "xxx" not in line) <= 120
    assert strict_json.parse("\n".join(lines).encode(), "p") == value


@pytest.mark.parametrize(
    "kind",
    [
        lambda n: list(range(10))[: n % 10] + [1] * (n // 2),
        lambda n: {"k" * (n % 7 + 1): {}, "": [{"ä": "x" * n}, []]},
        lambda n: {f"{each}": each for each in range(n // 8)},
        lambda n: [[True, None, -0.5, '"\\', [n]]] * (n // 25),
        lambda n: ["y" * (n - n % 2), {"z": [[], "é" * (n % 2)]}],
    ],
)
def test_a_line_is_filled_to_its_last_column(kind):
    lines = [json.dumps(kind(n), ensure_ascii=False, sort_keys=True) for n in range(20, 160)]
    fits = [len('  "a": ' + line) < strict_json.WIDTH for line in lines]
    assert True in fits and False in fits
    for n, line in enumerate(lines):
        written = strict_json.write({"a": json.loads(line)}, "p").decode()
        assert (written == f'{{\n  "a": {line}\n}}\n') == fits[n], line


def test_numpy_numbers_are_written_as_numbers():
    value = {"a": np.float32(0.5), "b": np.int64(3), "c": np.array([1.0, 2.0])}
    assert json.loads(strict_json.write(value, "p")) == {"a": 0.5, "b": 3, "c": [1.0, 2.0]}


@pytest.mark.parametrize("value", [float("nan"), np.float32("inf"), object(), {1: "x" * 200}, {"a": {2, 3}}])
def test_what_json_cannot_hold_is_not_written(value: Any):
    with pytest.raises(ProjectError, match="p cannot be written"):
        strict_json.write({"value": value}, "p")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(), values))
def test_what_is_written_is_read_back(value: dict[str, Any]):
    data = strict_json.write(value, "p")
    assert strict_json.parse(data, "p") == value
    assert strict_json.write(strict_json.parse(data, "p"), "p") == data


@settings(max_examples=150, deadline=None)
@given(st.binary() | st.text(alphabet='{}[]",:0123456789eE.+-\\untrfalsNI ').map(str.encode))
def test_any_bytes_are_read_or_refused_in_one_sentence(data: bytes):
    try:
        strict_json.parse(data, "p")
    except ProjectError as error:
        assert str(error).startswith("p ") and "\n" not in str(error)
