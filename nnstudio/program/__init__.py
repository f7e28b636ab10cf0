"""The compiler and the machine: graph -> readable statements -> in-place calls -> run, trained, stepped."""

from nnstudio.program.backend import Backend
from nnstudio.program.compile import compile
from nnstudio.program.program import Program
from nnstudio.program.statement import PHASES, Phase, Statement

__all__ = ["PHASES", "Backend", "Phase", "Program", "Statement", "compile"]
