"""The command line's own grammar: what is taken, and the one sentence for what is not."""

import pytest

from nnstudio.cli import main
from nnstudio.cli.arguments import COMMANDS, UsageError, parse
from nnstudio.training.settings import RULES, TrainingSettings


def test_a_bare_word_is_a_project_to_open():
    assert (parse(["my.nns"]).command, parse(["my.nns"]).project) == ("open", "my.nns")


def test_nothing_opens_an_empty_studio():
    assert (parse([]).command, parse([]).project) == ("open", None)


def test_open_takes_a_project_that_is_called_like_a_command():
    assert parse(["open", "train"]).project == "train"


def test_a_project_called_like_nothing_else_may_lack_a_suffix(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trian").touch()
    assert parse(["trian"]).project == "trian"


def test_every_option_of_train():
    args = parse(
        "train p.nns --epochs 3 --batch-size 0 --lr 0.5 --optimizer Adam --seed 7 "
        "--backend cupy --dtype float64 -o out.nns --json".split()
    )
    assert (args.project, args.epochs, args.batch_size, args.lr) == ("p.nns", 3, 0, 0.5)
    assert (args.optimizer, args.seed, args.backend, args.dtype) == ("Adam", 7, "cupy", "float64")
    assert (args.output, args.json) == ("out.nns", True)


@pytest.mark.parametrize("name", ["epochs", "batch_size", "lr", "seed"])
def test_an_option_may_be_what_the_training_setting_may_be(name):
    rule = RULES[name]
    for value in (rule.low, rule.high):
        args = parse(["train", "p.nns", f"--{name.replace('_', '-')}", str(value)])
        assert getattr(args, name) == value == getattr(TrainingSettings(**{name: value}), name)


def test_options_that_are_not_given_are_none():
    args = parse(["train", "p.nns"])
    given = (args.epochs, args.batch_size, args.lr, args.optimizer, args.seed, args.backend, args.dtype)
    assert given == (None,) * 7
    assert not args.json


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("trian x.nns", "did you mean train?"),
        ("TRAIN x.nns", "did you mean train?"),
        ("frobnicate x.nns", "the commands are open, train"),
        ("train", "PROJECT"),
        ("train x --epochs 2.5", "--epochs expects a whole number from 0 to 1,000,000, not '2.5'"),
        ("train x --epochs 1000001", "not '1000001'"),
        ("train x --epochs -1", "not '-1'"),
        ("train x --epochs 99999999999999999999", "--epochs"),
        ("train x --batch-size many", "not 'many'"),
        ("train x --lr=-0.1", "--lr expects a finite number from 0 to 1e+06, not '-0.1'"),
        ("train x --lr 1e7", "not '1e7'"),
        ("train x --lr nan", "not 'nan'"),
        ("train x --lr inf", "not 'inf'"),
        ("train x --seed -3", "--seed"),
        ("train x --backend tpu", "'numpy', 'cupy'"),
        ("train x --dtype float16", "'float32', 'float64'"),
        ("train x --epoch 3", "--epoch"),
        ("run x", "--input"),
        ("export x -o y", "--to"),
        ("export x --to numpy", "-o"),
        ("export x --to pickle -o y", "'pytorch'"),
        ("import x.onnx", "-o"),
        ("check x y", "y"),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_exit_code_2(line, words, capsys):
    with pytest.raises(UsageError):
        parse(line.split())
    assert main(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("nnstudio: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert f"nnstudio {command}" in capsys.readouterr().out


def test_the_version_is_said(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("nnstudio")
