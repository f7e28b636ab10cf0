"""`nnstudio check`: everything that is wrong with a project, each with its node."""

from __future__ import annotations

import argparse

from nnstudio.cli.printing import count, print_json, print_table
from nnstudio.cli.projects import problems_of


def command(args: argparse.Namespace) -> int:
    """Lists the problems; 1 where one of them is an error, else 0."""
    from nnstudio.project import load

    project = load(args.project)
    problems = problems_of(project)
    errors = [problem for problem in problems if problem.severity == "error"]
    if args.json:
        rows = [
            {
                "kind": problem.kind,
                "severity": problem.severity,
                "node": problem.node,
                "port": problem.port,
                "sentence": problem.sentence,
                "fix": problem.fix_label,
            }
            for problem in problems
        ]
        print_json({"project": args.project, "ok": not errors, "problems": rows})
    elif problems:
        print_table(
            ("Severity", "Node", "Problem"),
            [(problem.severity, problem.node or "-", problem.sentence) for problem in problems],
        )
    else:
        graph = project.graph
        print(f"No problems in {count(len(graph.nodes), 'node')} and {count(len(graph.edges), 'edge')}.")
    return 1 if errors else 0
