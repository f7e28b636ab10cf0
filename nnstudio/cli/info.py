"""`nnstudio info`: what a project is made of, with shapes, parameters and multiply-adds."""

from __future__ import annotations

import argparse
import math
from typing import Any

from nnstudio.cli.printing import count, print_json, print_table


def command(args: argparse.Namespace) -> int:
    """Prints one line for each module in the order of computation, then the totals."""
    import nnstudio
    from nnstudio.modules.shapes import format_shape

    project = nnstudio.load(args.project)
    program = nnstudio.compile(project.graph)
    layers: list[dict[str, Any]] = [
        {
            "name": node.name,
            "type": node.definition.name,
            "shape": format_shape(node.shape),
            "parameters": sum(math.prod(parameter.shape) for parameter in node.parameters.values()),
        }
        for node in project.graph.flatten()
    ]
    parameters, multiply_adds = program.parameter_count, program.multiply_adds
    left_out = len({problem.node for problem in project.graph.problems() if problem.severity == "error"})
    if args.json:
        print_json(
            {
                "project": args.project,
                "layers": layers,
                "parameters": parameters,
                "multiply_adds": multiply_adds,
                "left_out": left_out,
                "data": project.data.to_dict() if project.data else None,
                "training": project.training.to_dict(),
                "epochs_trained": len(project.history),
            }
        )
        return 0
    print_table(
        ("Name", "Type", "Output", "Parameters"),
        [(row["name"], row["type"], row["shape"], f"{row['parameters']:,}") for row in layers],
        right=(3,),
    )
    print()
    print(f"{count(parameters, 'parameter')}, {count(multiply_adds, 'multiply-add')} for one sample forward")
    if project.data is not None:
        print(f"data: {project.data.source}")
    settings = project.training
    print(
        f"training: {settings.optimizer}, learning rate {settings.lr:g}, batches of "
        f"{settings.batch_size or 'all'}, {count(settings.epochs, 'epoch')}, {settings.dtype}"
    )
    if left_out:
        print(f"{count(left_out, 'node')} left out because of problems; see nnstudio check {args.project}")
    return 0
