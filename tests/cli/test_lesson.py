"""`nnstudio lesson`: the list, what is in one, and playing it, from outside."""

import json

import pytest

from nnstudio.lessons import lesson_files

FIRST = lesson_files()["01_chain_rule"]


def test_it_lists_all_that_ship(cli):
    done = cli("lesson")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 1 + 14
    assert "01_chain_rule" in lines[1] and "The chain rule on a graph" in lines[1]
    listed = json.loads(cli("lesson", "--json").stdout)["lessons"]
    assert [each["number"] for each in listed] == list(range(1, 15))


@pytest.mark.parametrize("word", ["1", "01_chain_rule", FIRST])
def test_it_tells_of_one_by_number_name_or_file(cli, word):
    done = cli("lesson", word)
    assert done.returncode == 0, done.stderr
    assert "The chain rule on a graph" in done.stdout
    assert "press Step until u has been computed" in done.stdout


def test_it_plays_one(cli):
    done = cli("lesson", "1", "--play")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1].startswith("The chain rule on a graph: 8 steps, ")
    assert "NOT SO" not in done.stdout


def test_it_plays_one_as_json(cli):
    done = cli("lesson", "1", "--play", "--json")
    result = json.loads(done.stdout)
    assert done.returncode == 0 and result["ok"] and result["played"] == 8
    assert {"check": "u == 6", "holds": True}.items() <= result["checks"][4].items()


def test_a_number_that_is_wrong_ends_with_1_and_one_sentence(cli, tmp_path):
    path = tmp_path / "planted.lesson"
    path.write_text(FIRST.read_text(encoding="utf-8").replace("check: L == 33", "check: L == 34"), "utf-8")
    done = cli("lesson", path, "--play")
    assert done.returncode == 1
    assert "planted.lesson, line " in done.stderr and "L should be 34, but is 33." in done.stderr
    assert "Press Forward" in done.stderr, "what the teacher says for then"
    assert len(done.stderr.splitlines()) == 1
    as_json = cli("lesson", path, "--play", "--json")
    assert as_json.returncode == 1
    [fault] = json.loads(as_json.stdout)["faults"]
    assert fault["sentence"] == "L should be 34, but is 33."


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("lesson", "99"), 1, "There is no lesson 99"),
        (("lesson", "chain_rul"), 1, "did you mean chain_rule?"),
        (("lesson", "nowhere.lesson", "--play"), 1, "There is no lesson nowhere.lesson."),
        (("lesson", "--play"), 2, "Name the lesson that is to be played"),
        (("lesson", "1", "--quick"), 2, "--quick"),
    ],
)
def test_what_cannot_be_is_one_sentence(cli, words, code, sentence):
    done = cli(*words)
    assert done.returncode == code
    assert sentence in done.stderr and len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_file_with_an_error_is_reported_with_its_line(cli, tmp_path):
    path = tmp_path / "wrong.lesson"
    path.write_text("lesson: A\nproject: xor.nns.json\n\n# One\nText.\ncheck: loss <\n", "utf-8")
    done = cli("lesson", path)
    assert done.returncode == 1
    assert done.stderr.startswith("nnstudio: wrong.lesson, line 6: ")


def test_a_lesson_beside_its_own_project_is_played_and_leaves_it_alone(cli, project, tmp_path):
    made = project("xor")
    before = made.read_bytes()
    path = tmp_path / "mine.lesson"
    path.write_text(
        f"lesson: Mine\nproject: {made.name}\n\n# One\nTrain.\n"
        "do: train 20 epochs\ncheck: training.epoch == 20\ncheck: training.train_loss < 0.3\n",
        "utf-8",
    )
    done = cli("lesson", path, "--play")
    assert done.returncode == 0, done.stderr
    assert made.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mine.lesson", made.name]
