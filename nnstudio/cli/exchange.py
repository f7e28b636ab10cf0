"""`nnstudio export` and `nnstudio import`: a network in the form of other programs, and back."""

from __future__ import annotations

import argparse

from nnstudio.errors import ExchangeError


def command(args: argparse.Namespace) -> int:
    """Writes the network to -o and names the files, or makes a project of a model."""
    if args.command == "import":
        raise ExchangeError(
            f"{args.model} cannot be imported: this version of nnstudio does not read ONNX models yet."
        )
    from nnstudio.exchange import export
    from nnstudio.project import load

    for path in export(load(args.project), args.format, args.output):
        print(f"wrote {path}")
    return 0
