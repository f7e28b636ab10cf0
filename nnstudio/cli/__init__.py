"""The command line: `nnstudio [PROJECT]`, train, sweep, runs, run, check, info, gradcheck, export,
import and lesson.

Every error meant for a person leaves as one sentence on stderr, with exit code 1 for a bad project or data
and 2 for a bad command line.  Modules that take long to load are imported by the command that needs them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from nnstudio.cli.arguments import UsageError, parse
from nnstudio.errors import Error

__all__ = ["main"]

# Each module's `command(args) -> int` carries out one command.
COMMAND_MODULES = {
    "open": "opening",
    "train": "train",
    "sweep": "sweep",
    "runs": "runs",
    "run": "run",
    "check": "check",
    "info": "info",
    "gradcheck": "gradcheck",
    "export": "exchange",
    "import": "exchange",
    "lesson": "lesson",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Carries out one command line and returns its exit code; argv defaults to the process's own."""
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        code: int = import_module(f"nnstudio.cli.{COMMAND_MODULES[args.command]}").command(args)
        sys.stdout.flush()
        return code
    except UsageError as error:
        return _say(error, 2)
    except Error as error:
        return _say(error, 1)
    except MemoryError:
        return _say("There is not enough memory for this; take a smaller network, batch or data set.", 1)
    except BrokenPipeError:
        # The reader has left, as `head` does; Python must not try to flush into it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return _say("Stopped.", 130)


def _say(sentence: object, code: int) -> int:
    print(f"nnstudio: {' '.join(str(sentence).split())}", file=sys.stderr)
    return code
