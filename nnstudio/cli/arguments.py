"""What may be typed after `nnstudio`: every command, every option, and the sentence for anything else."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import nnstudio
from nnstudio.errors import GraphError
from nnstudio.exchange.formats import PICTURES, SCRIPTS
from nnstudio.wording import nearest

_PROJECTS = ("train", "sweep", "runs", "run", "check", "info", "gradcheck", "export")
COMMANDS = ("open", *_PROJECTS, "import", "lesson")
BACKENDS = ("numpy", "cupy")
DTYPES = ("float32", "float64")


class UsageError(Exception):
    """The command line itself is wrong: one sentence, exit code 2."""


class OneSentenceParser(argparse.ArgumentParser):
    """Raises UsageError with one sentence where argparse would print its usage and leave."""

    def __init__(self, **given: Any) -> None:
        # An abbreviated option would stop working as soon as a second one begins alike.
        super().__init__(**given, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        sentence = re.sub(r"^argument (\S+?): ", lambda found: f"{found[1]} ", message)
        choice = r"invalid choice: (.*) \(choose from (.*)\)"
        sentence = re.sub(choice, r"cannot be \1: choose from \2", sentence)
        raise UsageError(f"{sentence[:1].upper()}{sentence[1:]}; see {self.prog} --help.")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The namespace of one command line, `command` always set; the first word may be a project to open.

    Raises UsageError, and SystemExit after --help and --version.
    """
    argv = list(argv)
    first = next((word for word in argv if not word.startswith("-")), None)
    plain = not argv or (argv[0] == first and first not in COMMANDS)
    if plain:
        if first is not None:
            _refuse_misspelling(first, argv)
        argv = ["open", *argv]
    return _parser().parse_args(argv)


def _refuse_misspelling(word: str, argv: list[str]) -> None:
    """`nnstudio trian x.nns` would open a project called trian; nobody means that."""
    if "." in word or os.sep in word or os.path.exists(word):
        return
    near = nearest(word, COMMANDS)
    if near is not None:
        raise UsageError(f"{word} is neither a command nor a project file; did you mean {near}?")
    if len(argv) > 1:
        known = ", ".join(COMMANDS)
        raise UsageError(f"{word} is neither a command nor a project file; the commands are {known}.")


def _parser() -> OneSentenceParser:
    top = OneSentenceParser(
        prog="nnstudio",
        description="Draw a neural network, step through its program, train it, read it, export it.",
        epilog="nnstudio PROJECT opens the studio on a project; nnstudio alone opens an empty one. "
        "Errors are one sentence on stderr; exit code 1 means a bad project or data, 2 a bad command line.",
    )
    top.add_argument("--version", action="version", version=f"nnstudio {nnstudio.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")

    def command(name: str, summary: str, detail: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(name, help=summary, description=f"{summary} {detail}".rstrip())

    it = command("open", "Open the studio (the default command).")
    it.add_argument("project", nargs="?", metavar="PROJECT", help="a .nns or .nns.json file")

    it = command(
        "train",
        "Train a project.",
        "Goes on where the project's last run stopped. Nothing is saved without -o.",
    )
    _project(it)
    it.add_argument(
        "--epochs", type=_setting("epochs"), metavar="N", help="how many more passes over the training data"
    )
    it.add_argument(
        "--batch-size", type=_setting("batch_size"), metavar="N", help="samples per step; 0 takes all at once"
    )
    it.add_argument("--lr", type=_setting("lr"), metavar="X", help="learning rate")
    it.add_argument("--optimizer", metavar="NAME", help="such as SGD, Momentum, Adam")
    it.add_argument("--seed", type=_setting("seed"), metavar="N", help="start anew, from this seed's weights")
    it.add_argument(
        "--until-loss",
        dest="stop_loss",
        type=_setting("stop_loss"),
        metavar="X",
        help="end when the training loss of an epoch is X or lower",
    )
    it.add_argument(
        "--patience",
        type=_setting("patience"),
        metavar="N",
        help="end when the validation loss has not fallen for N epochs",
    )
    it.add_argument(
        "--seconds", type=_setting("seconds"), metavar="S", help="end when S seconds were trained"
    )
    it.add_argument(
        "--keep-every",
        type=_setting("keep_every"),
        metavar="N",
        help="keep a checkpoint after every N epochs, beside that of the best validation loss",
    )
    it.add_argument("--backend", choices=BACKENDS, help="where the arrays live")
    it.add_argument("--dtype", choices=DTYPES, help="precision")
    _output(it, "OUT.nns", "save the trained project here")
    _json(it)

    it = command(
        "sweep",
        "Train a project with many settings, several at a time, and compare.",
        "NAME is a training setting (lr, batch_size, epochs, optimizer, seed, …), one of the optimizer "
        "(optimizer.momentum) or of a node (fc1.out_features). Each run starts from its seed's weights.",
    )
    _project(it)
    it.add_argument(
        "--grid", action="append", default=[], metavar="NAME=A,B,…", help="try these values; may be repeated"
    )
    it.add_argument(
        "--range", action="append", default=[], metavar="NAME=A..B", help="with --random: draw evenly"
    )
    it.add_argument(
        "--log-range",
        action="append",
        default=[],
        metavar="NAME=A..B",
        help="with --random: draw evenly over orders of magnitude",
    )
    it.add_argument("--random", type=_count, metavar="N", help="run N points drawn at random")
    it.add_argument("--draw", type=_setting("seed"), default=0, metavar="N", help="which draw; default 0")
    it.add_argument(
        "--at-once", type=_count, metavar="N", help="how many cores are used; by default all but one"
    )
    _output(it, "OUT.nns", "save the project with the runs here")
    _json(it)

    it = command("runs", "List the runs that a project keeps, or compare two of them.")
    _project(it)
    it.add_argument(
        "--compare", nargs=2, metavar=("RUN", "RUN"), help="what these two differ in, by name or id"
    )
    _json(it)

    it = command(
        "run",
        "Compute a project's predictions for new inputs.",
        "The inputs are in the units of the project's data, which scales them as it does for training.",
    )
    _project(it)
    it.add_argument("--input", required=True, metavar="X.npy|X.csv", help="the inputs, one sample a row")
    _output(it, "Y.npy|Y.csv", "write the predictions here instead of printing them")

    it = command(
        "check", "List a project's problems, each with its node.", "Exit code 1 when one is an error."
    )
    _project(it)
    _json(it)

    it = command("info", "Show layers, shapes, parameters and multiply-adds.")
    _project(it)
    _json(it)

    it = command(
        "gradcheck",
        "Compare every gradient with central differences, in float64.",
        "Exit code 1 when one disagrees.",
    )
    _project(it)
    _json(it)

    it = command("export", "Write a project's network in another form.")
    _project(it)
    formats = (*SCRIPTS, *PICTURES)
    it.add_argument(
        "--to", required=True, choices=formats, dest="format", metavar="FORMAT", help=", ".join(formats)
    )
    _output(it, "PATH", "the file to write", required=True)

    it = command("import", "Make a project from an ONNX model.")
    it.add_argument("model", metavar="MODEL.onnx")
    _output(it, "PROJECT", "the project to write", required=True)

    it = command(
        "lesson",
        "List the lessons, tell of one, or play it.",
        "A lesson is a file, or the name or number of one that comes with the studio.",
    )
    it.add_argument("lesson", nargs="?", metavar="LESSON", help="a .lesson file, or such as 1")
    it.add_argument(
        "--play",
        action="store_true",
        help="do every step without a window; exit code 1 where a check does not hold",
    )
    _json(it)
    return top


def _project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="PROJECT", help="a .nns or .nns.json file")


def _output(parser: argparse.ArgumentParser, metavar: str, help: str, required: bool = False) -> None:
    parser.add_argument("-o", "--output", metavar=metavar, help=help, required=required)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def _count(text: str) -> int:
    """A whole number from 1 on."""
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expects a whole number of at least 1, not {text!r}")
    return int(text)


def _setting(name: str) -> Callable[[str], Any]:
    """A number that the training setting of this name may be."""

    def check(text: str) -> Any:
        from nnstudio.training.settings import RULES  # only who gives such an option waits for it

        rule = RULES[name]
        try:
            return rule.check(int(text) if rule.kind == "int" else float(text))
        except (ValueError, GraphError):
            raise argparse.ArgumentTypeError(f"expects {rule.expectation}, not {text!r}") from None

    return check
