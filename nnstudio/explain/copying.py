"""A program of its own for experiments: the same graph, numbers and samples, in float64."""

from __future__ import annotations

from nnstudio.program.compile import compile as compile_graph
from nnstudio.program.program import Program
from nnstudio.training import optimizers


def double(program: Program) -> Program:
    """A float64 copy on the processor, with the parameters, the inputs and the targets of this moment.

    The program itself is left alone. Raises ProgramError where something has not been fed.
    """
    optimizer = optimizers.definition("SGD")  # the copy is never trained
    copy = compile_graph(program.graph, program.batch_size, "float64", seed=program.seed, optimizer=optimizer)
    copy.load_parameters(program.parameters())
    feeds = {name: program[f"{name}.output"] for name in (*program.inputs, *program.targets)
             if program.is_current(f"{name}.output")}  # fmt: skip
    copy.feed(**feeds)
    return copy
