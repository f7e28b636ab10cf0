"""`nnstudio export` and `nnstudio import`: a network in the form of other programs, and back."""

from __future__ import annotations

import argparse

from nnstudio.cli.opening import without_qt
from nnstudio.cli.projects import say_left_out
from nnstudio.errors import ExchangeError
from nnstudio.exchange.formats import SCRIPTS


def command(args: argparse.Namespace) -> int:
    """Writes the network to -o and names the files, or makes a project of a model."""
    if args.command == "import":
        raise ExchangeError(
            f"{args.model} cannot be imported: this version of nnstudio does not read ONNX models yet."
        )
    import nnstudio

    project = nnstudio.load(args.project)
    try:
        written = nnstudio.export(project, args.format, args.output)
    except ImportError as error:  # only pictures need it
        raise without_qt("The picture cannot be drawn", error) from error
    if args.format in SCRIPTS:  # a picture shows what is broken
        say_left_out([each for each in project.graph.problems() if each.severity == "error"])
    for path in written:
        print(f"wrote {path}")
    return 0
