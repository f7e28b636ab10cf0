import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnstudio.data import Cancelled, DataSettings, load, read_inputs
from nnstudio.data import csv_rows as rows_module
from nnstudio.data import csv_text as text_module
from nnstudio.data.csv_rows import RowReader
from nnstudio.errors import DataError

IRIS = "sepal,petal,species\n5.1,1.4,setosa\n6.3,6.0,virginica\n5.0,1.5,setosa\n"


@pytest.fixture
def table(tmp_path: Path):
    """table(text or bytes, **settings) -> the Dataset of iris.csv with that content."""

    def read(content, progress=None, **fields):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "iris.csv").write_bytes(data)
        return load(DataSettings("csv:iris.csv", **fields), tmp_path, progress)

    return read


def test_a_table_with_names(table):
    iris = table(IRIS)
    assert iris.x.tolist() == [[5.1, 1.4], [6.3, 6.0], [5.0, 1.5]]
    assert iris.y.tolist() == [0, 1, 0]
    assert (iris.task, iris.class_names) == ("classes", ("setosa", "virginica"))
    assert (iris.feature_names, iris.target_names) == (("sepal", "petal"), ("species",))
    assert iris.name == iris.title == "iris.csv"
    assert iris.origin == "the file iris.csv"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_delimiters_line_ends_and_byte_order_marks(table, mark, end, start):
    iris = table(start + IRIS.replace(",", mark).replace("\n", end))
    assert iris.x.tolist() == [[5.1, 1.4], [6.3, 6.0], [5.0, 1.5]]
    assert iris.feature_names == ("sepal", "petal")


@pytest.mark.parametrize(
    "text", [IRIS.rstrip("\n"), IRIS + "\n\n  \n", "\n\n" + IRIS, IRIS.replace("\n", "\n\n"), IRIS + ",,\n"]
)
def test_blank_lines_do_not_matter(table, text):
    assert table(text).y.tolist() == [0, 1, 0]


def test_quoted_cells(table):
    iris = table(
        '"sepal, length","the ""petal""",species\n"5.1",1.4,"a,\nb"\n6.3,"6.0",c\n 5 , "7","a,\nb"\n'
    )
    assert iris.feature_names == ("sepal, length", 'the "petal"')
    assert iris.x.tolist() == [[5.1, 1.4], [6.3, 6.0], [5.0, 7.0]]
    assert iris.class_names == ("a,\nb", "c") and iris.y.tolist() == [0, 1, 0]


GERMAN = "größe;ort;preis\n1,5;Ulm, Nord;2\n-,5;Bonn 1.5;3,25\n1,5e2;Kiel;4\n"


def test_decimal_commas(table, monkeypatch):
    for both in (True, False):
        if not both:
            monkeypatch.setattr(RowReader, "_rows_fast", lambda self, lines: None)
        found = table(GERMAN, input_columns=("größe",), target_columns=("preis",))
        assert found.x.ravel().tolist() == [1.5, -0.5, 150] and found.y.ravel().tolist() == [2, 3.25, 4]
        assert table("1,5;2\n2,5;3\n").x.ravel().tolist() == [1.5, 2.5]
        quoted = table('a,b\n"1,5",2\n"2,5",3\n', options={"decimal": "comma"})
        assert quoted.x.ravel().tolist() == [1.5, 2.5]
    texts = table(GERMAN, input_columns=("größe",), target_columns=("ort",))
    assert texts.class_names == ("Bonn 1.5", "Kiel", "Ulm, Nord")
    with pytest.raises(DataError, match="'1,5' is not a number"):
        table("1,5;2\n2,5;3\n", options={"decimal": "point"}, task="numbers")


def test_without_names(table):
    iris = table("1,2,0\n3,4,1\n5,6,0\n7,8,1\n")
    assert iris.feature_names == ("column 1", "column 2") and iris.samples == 4
    assert table("a,b,c\n1,2,3\n", options={"header": "auto"}).samples == 1
    assert table("1,2,3\n4,5,6\n", options={"header": "yes"}).feature_names == ("1", "2")
    with pytest.raises(DataError, match="line 1, column 1: 'a' is not a number"):
        table("a,b,c\n1,2,3\n", options={"header": "no"}, task="numbers")


def test_columns_by_name_and_by_index(table):
    text = "a,b,c,d\n1,2,3,4\n5,6,7,8\n"
    chosen = table(text, input_columns=("d", 0), target_columns=("b",))
    assert chosen.x.tolist() == [[4, 1], [8, 5]] and chosen.y.tolist() == [[2], [6]]
    assert (chosen.feature_names, chosen.target_names) == (("d", "a"), ("b",))
    two = table(text, target_columns=(-1, "a"))
    assert two.x.tolist() == [[2, 3], [6, 7]] and two.y.tolist() == [[4, 1], [8, 5]]
    assert table(text, input_columns=("d",)).target_names == ("c",)


def test_a_column_that_is_not_used_may_hold_anything(table):
    text = "id,a,b\nfirst,1,2\n,3,4\n?,5,6\n"
    assert table(text, input_columns=("a",), target_columns=("b",)).x.tolist() == [[1], [3], [5]]


def test_a_column_without_a_name_is_a_row_number(table):
    frame = table(",a,b\n0,1,2\n1,3,4\n")
    assert frame.feature_names == ("a",)
    assert table("a,b,\n1,2,\n3,4,\n").target_names == ("b",)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"target_columns": ("speces",)}, "did you mean 'species'"),
        ({"target_columns": ("zzz",)}, "it has 'sepal', 'petal', 'species'"),
        ({"target_columns": (3,)}, "no column 3: it has 3, of index 0 to 2"),
        ({"target_columns": (-4,)}, "no column -4"),
        ({"input_columns": ("sepal",), "target_columns": (0,)}, r"column 1 \('sepal'\) is chosen twice"),
        ({"input_columns": (0, 1, 2)}, "no column left for the target"),
        ({"target_columns": (0, 1, 2)}, "leaves none as input"),
        ({"target_columns": (1, 2), "task": "classes"}, "classes need one target column"),
        (
            {"input_columns": ("species",), "target_columns": (0,)},
            "line 2, column 3 .*'setosa' is not a number",
        ),
        ({"options": {"delimiter": "tab"}}, "has 1 column, which leaves none"),
        ({"options": {"delimiter": ":"}}, "delimiter must be one of"),
        ({"options": {"seperator": ";"}}, "no option 'seperator'"),
    ],
)
def test_a_wrong_choice_gets_a_sentence(table, fields, said):
    with pytest.raises(DataError, match=said):
        table(IRIS, **fields)


def test_a_name_that_stands_twice(table):
    with pytest.raises(DataError, match="2 columns named 'a'"):
        table("a,a,b\n1,2,3\n", target_columns=("a",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a,b,c\n1,2,3\n4,5,6\n7,8,9\n1,2,3\n1,2,3\n1,2,abc\n",
            r"^iris.csv, line 7, column 3 \('c'\): 'abc' is not a number\.$",
        ),
        ("1,2,3\n4,abc,6\n", r"^iris.csv, line 2, column 2: 'abc' is not a number\.$"),
        ("1,2,3\n4,5\n", "^iris.csv, line 2: the row has 2 columns, but the first row has 3\\.$"),
        ("1,2,3\n\n4,5,6,7\n", "line 3: the row has 4 columns"),
        ('a,b\n"1\n",2\n1,2\n"x",2\n', r"line 5, column 1 \('a'\): 'x'"),
        ("1,2,3\n4,,6\n", "line 2, column 2: the value is missing; fill it in, or choose missing: drop"),
        ("1,2,3\n4, ? ,6\n", "line 2, column 2: the value is missing"),
        ("1,2,3\n4,NaN,6\n", "line 2, column 2: the value is missing"),
        ("1,2,3\n4,inf,6\n", "'inf' is not a finite number"),
        ("1,2,3\n4,-1e999,6\n", "'-1e999' is not a finite number"),
        ("1,2,3\n4,1_000,6\n", "'1_000' is not a number"),
        ("1,2,3\n4,٣,6\n", "'٣' is not a number"),
        ("1,2,3\n4,0x10,6\n", "'0x10' is not a number"),
        ("1;2.5;3\n4;5,5;6\n", "'5,5' is not a number; write it with a point, 5.5, or choose decimal: comma"),
        (
            "1;2,5;3\n" * 1000 + "4;5.5;6\n",
            "'5.5' is not a number; write it with a comma, or choose decimal: p",
        ),
        ('1,2,3\n4,"5"x,6\n', "line 2: .*check its quotation marks"),
        ('1,2,3\n4,"5,6\n', "line 2: .*check its quotation marks"),
        ('"1,2,3\n4,5,6\n', "check its quotation marks"),
        ("", "is empty"),
        ("\n \n", "holds no rows"),
        (",,\n,,\n", "holds no rows"),
        ("\ufeff", "holds no rows"),
        ("a,b,c\n", "holds no rows below its header"),
        ("1\n2\n", "1 column, which leaves none as input"),
        (b"a,b\n1,2\n3,\xe9\n", "line 3: byte 10 .0xE9. is not UTF-8"),
        (b"\xef\xbb\xbfa,b\n1,\xff\n", "line 2: byte 9 .0xFF."),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"1,2\n3,\x004\n", "line 2: byte 6 is zero"),
        (b"PK\x03\x04anything", "zip file or a spreadsheet"),
    ],
)
def test_a_bad_file_is_told_by_line_and_column(table, text, said):
    with pytest.raises(DataError, match=said):
        table(text, task="numbers")


def test_a_slip_in_the_target_is_not_taken_for_a_class(table):
    with pytest.raises(DataError, match="line 2, column 2: 'x' is not a number"):
        table("1,0.5\n2,x\n3,0.7\n4,0.9\n")


def test_an_error_far_down_knows_its_line(table, monkeypatch):
    monkeypatch.setattr(text_module, "_BLOCK_BYTES", 64)
    lines = ["a,b,c", *["1,2,3"] * 500]
    lines[321] = "1,oops,3"
    with pytest.raises(DataError, match=r"line 322, column 2 \('b'\): 'oops'"):
        table("\n".join(lines))
    lines[321] = '1,2,"3"'
    lines[400] = "1,2"
    with pytest.raises(DataError, match="line 401: the row has 2 columns"):
        table("\n".join(lines))
    with pytest.raises(DataError, match="line 401: the row has 2 columns"):
        table("\r\n".join(lines))
    good = bytearray("\n".join(["1,2,3"] * 500).encode())
    good[6 * 200 + 2] = 0xFF
    with pytest.raises(DataError, match="line 201: byte 1,202 "):
        table(bytes(good))


def test_rows_that_lack_a_value_can_be_dropped(table):
    text = "a,b,c\n1,2,x\n3,,y\n4,5,\n6,7,z\n"
    assert table(text, options={"missing": "drop"}).x.tolist() == [[1, 2], [6, 7]]
    assert table(text, options={"missing": "drop"}).class_names == ("x", "z")
    with pytest.raises(DataError, match="2 rows that lack a value were dropped"):
        table("a,b\n1,\n,2\n", options={"missing": "drop"})


def test_another_encoding_can_be_chosen(table):
    assert table("1,café\n2,thé\n".encode("latin-1"), options={"encoding": "latin-1"}).class_names == (
        "café",
        "thé",
    )


NUMERALS = "a,y\n" + "1,2\n2,10\n3,2\n4,10\n"


@pytest.mark.parametrize(
    ("text", "task", "found", "names", "y"),
    [
        (NUMERALS, "auto", "classes", ("2", "10"), [0, 1, 0, 1]),
        (NUMERALS, "classes", "classes", ("2", "10"), [0, 1, 0, 1]),
        (NUMERALS, "numbers", "numbers", (), [[2], [10], [2], [10]]),
        ("a,y\n1,2.5\n2,3.5\n3,2.5\n4,3.5\n", "auto", "numbers", (), [[2.5], [3.5], [2.5], [3.5]]),
        ("a,y\n1,2.5\n2,03.5\n3,2.50\n4,3.5\n", "classes", "classes", ("2.5", "3.5"), [0, 1, 0, 1]),
        ("a,y\n1,7\n2,8\n3,9\n", "auto", "numbers", (), [[7], [8], [9]]),
        ("a,y\n1,no\n2,yes\n3,no\n", "auto", "classes", ("no", "yes"), [0, 1, 0]),
        ("a,y\n1,b\n2,3\n3,a\n", "classes", "classes", ("3", "a", "b"), [2, 0, 1]),
    ],
)
def test_targets_are_classes_or_numbers(table, text, task, found, names, y):
    dataset = table(text, task=task)
    assert (dataset.task, dataset.class_names, dataset.y.tolist()) == (found, names, y)


def test_texts_are_not_numbers_when_those_are_asked_for(table):
    with pytest.raises(DataError, match=r"line 2, column 3 \('species'\): 'setosa' is not a number"):
        table(IRIS, task="numbers")


@pytest.mark.parametrize("quoted", [False, True])
def test_too_many_classes(table, quoted):
    mark = '"' if quoted else ""
    with pytest.raises(DataError, match="more than 10,000 different values"):
        table("".join(f"1,{mark}name{n}{mark}\n" for n in range(10_001)))


def test_a_table_without_target_is_its_own(table):
    dataset = table("a,b\n1,2\n3,4\n", targets="inputs")
    assert dataset.x.tolist() == [[1, 2], [3, 4]] and dataset.y.shape == (2, 0)


def test_progress_and_cancel(table, monkeypatch):
    monkeypatch.setattr(text_module, "_BLOCK_BYTES", 1000)
    text = "1,2,3\n" * 1000
    seen = []
    table(text, lambda done, total: seen.append((done, total)) or True)
    assert seen == sorted(seen) and seen[-1] == (6000, 6000) and len(seen) > 4
    for content in (text, text.replace("2", '"2"')):
        answers = iter([True, True, False])
        with pytest.raises(Cancelled, match=r"Reading iris\.csv was stopped\."):
            table(content, lambda done, total, answers=answers: next(answers))
        assert next(answers, None) is None


@pytest.mark.parametrize("quoted", [False, True])
def test_a_table_of_too_many_numbers_is_refused_on_the_way(table, monkeypatch, quoted):
    monkeypatch.setattr(rows_module, "MAX_NUMBERS", 100)
    row = '"1",2,3\n' if quoted else "1,2,3\n"
    with pytest.raises(DataError, match="more than 100 numbers"):
        table(row * 40)


def test_a_line_without_end_is_refused(table, monkeypatch):
    monkeypatch.setattr(text_module, "_BLOCK_BYTES", 100)
    monkeypatch.setattr(text_module, "_LINE_BYTES", 1000)
    with pytest.raises(DataError, match="line 1 is longer than 1,000 bytes"):
        table("1" * 5000)


def test_too_many_columns(table):
    with pytest.raises(DataError, match=r"200,001 columns"):
        table("1," * 200_000 + "1\n")


def test_inputs_alone(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    assert read_inputs(path).tolist() == [[1, 2], [3, 4]]
    assert read_inputs(path, ["b"]).tolist() == [[2], [4]]
    path.write_text("a,b\n1,2\n3,x\n")
    with pytest.raises(DataError, match="line 3, column 2"):
        read_inputs(path)
    path.write_text("a,b\n1,2\n3,\n")
    with pytest.raises(DataError, match="the value is missing; fill it in, or take the row out of the file"):
        read_inputs(path)
    path.write_text("1\n2\n")
    assert read_inputs(path).tolist() == [[1], [2]]


finite = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=8).filter(
    lambda text: text.strip() == text
)
once = settings(
    max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.tuples(st.lists(finite, min_size=width, max_size=width), words), min_size=1, max_size=9
        )
    ),
    mark=st.sampled_from([",", ";", "tab", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    block=st.sampled_from([7, 50, 1 << 22]),
)
@once
def test_what_csv_writes_is_read_back(table, rows, mark, end, quoting, block):
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t" if mark == "tab" else mark, lineterminator=end, quoting=quoting)
    writer.writerow([*(f"x{n}" for n in range(len(rows[0][0]))), "name"])
    writer.writerows([*map(repr, numbers), word] for numbers, word in rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_module, "_BLOCK_BYTES", block)
        dataset = table(text.getvalue(), task="classes", options={"delimiter": mark, "header": "yes"})
    assert dataset.x.tolist() == [numbers for numbers, _ in rows]
    values = {word: float(word) if plain_number(word) else word for _, word in rows}
    if all(isinstance(value, float) for value in values.values()):
        assert [float(dataset.class_names[number]) for number in dataset.y] == [
            values[word] for _, word in rows
        ]
    else:
        assert [dataset.class_names[number] for number in dataset.y] == [word for _, word in rows]


def plain_number(word):
    try:
        return word.isascii() and "_" not in word and math.isfinite(float(word))
    except ValueError:
        return False


cells = st.sampled_from(
    [
        "1",
        "-2.5",
        " 3 ",
        "1e5",
        "",
        "x",
        '"4"',
        '"a,b"',
        '"b\n1"',
        '"q""q"',
        '""',
        ' "5"',
        '5"6',
        "nan",
        "inf",
        "1_0",
        "\u00a05",
        "+.5",
        "1e400",
        "\x0b7",
    ]
)


@given(
    st.lists(st.lists(cells, min_size=1, max_size=3).map(",".join), min_size=1, max_size=12).map("\n".join),
    st.sampled_from(["auto", "classes", "numbers"]),
    st.sampled_from(["error", "drop"]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_fast_way_and_the_careful_way_agree(table, text, task, missing):
    """Each block goes through numpy's reader or cell by cell; which of them must not show."""

    def outcome():
        try:
            dataset = table(text, task=task, options={"missing": missing})
        except DataError as error:
            return str(error)
        return dataset.x.tolist(), dataset.y.tolist(), dataset.task, dataset.class_names

    either = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RowReader, "_rows_fast", lambda self, lines: None)
        assert outcome() == either
        patch.setattr(RowReader, "_plain_row", lambda self, row: None)
        assert outcome() == either


@given(st.binary(max_size=200) | st.text(alphabet='0123,;."\n\r\t e-', max_size=200).map(str.encode))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_hostile_bytes_give_data_or_a_sentence(table, content):
    for fields in ({}, {"options": {"encoding": "latin-1", "missing": "drop"}}, {"task": "classes"}):
        try:
            dataset = table(content, **fields)
        except DataError as error:
            assert str(error).endswith(".")
        else:
            assert np.isfinite(dataset.x).all() and dataset.samples == len(dataset.y) > 0


@pytest.mark.parametrize("mark", ["", '"'])
def test_a_large_table_takes_the_fast_way(table, monkeypatch, mark):
    """A million rows take seconds only because numpy's C reader is used; so nothing plain may leave it."""

    def refuse(self, lines, first_line):
        raise AssertionError("a plain table was read cell by cell")

    monkeypatch.setattr(RowReader, "_rows_with_care", refuse)
    values = np.random.default_rng(0).normal(size=(2000, 4))
    lines = [
        ",".join(map(repr, row)) + f",{mark}{'ab'[n % 2]}{mark},{mark}note {n}{mark}"
        for n, row in enumerate(values.tolist())
    ]
    dataset = table("\n".join(["a,b,c,d,e,f", *lines]), input_columns=(0, 1, 2, 3), target_columns=("e",))
    assert np.array_equal(dataset.x, values)
    assert dataset.y.tolist() == [0, 1] * 1000
