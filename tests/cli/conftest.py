"""Small real projects on disk, and the command line in a fresh process as a person would run it."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import nnstudio as nn

ROOT = Path(__file__).resolve().parents[2]
GIB = 2**30


def run_cli(*words, cwd=None, memory=None, **environment):
    """nnstudio in a process of its own; `memory` bounds its address space in bytes."""

    def bound():
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    return subprocess.run(
        [sys.executable, "-m", "nnstudio", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd or ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        preexec_fn=bound,
        timeout=300,
        check=False,
    )


@pytest.fixture
def cli():
    return run_cli


def network(inputs, hidden, outputs, target, criterion, activation="Tanh"):
    """x -> fc1 -> act1 -> fc2 -> loss <- t, as a graph; `target` is the shape of one target."""
    graph = nn.Graph()
    x = graph.add("Input", name="x", shape=(inputs,))
    fc1 = graph.add("Linear", name="fc1", out_features=hidden)
    act = graph.add(activation, name="act1")
    fc2 = graph.add("Linear", name="fc2", out_features=outputs)
    t = graph.add("Target", name="t", shape=target)
    loss = graph.add(criterion, name="loss")
    for source, node in ((x, fc1), (fc1, act), (act, fc2)):
        graph.connect(source, node)
    graph.connect(fc2, loss, "input")
    graph.connect(t, loss, "target")
    return graph


@pytest.fixture
def project(tmp_path):
    """Saves a project and returns its path: project("digits", name="p.nns", epochs=2)."""
    from nnstudio.data import DataSettings
    from nnstudio.project import Project, save
    from nnstudio.training.settings import TrainingSettings

    def make(kind="xor", name="p.nns.json", **training):
        if kind == "xor":
            graph = network(2, 8, 1, (1,), "MSE")
            data = DataSettings(source="xor", validation=0.0, test=0.0, shuffle=False)
            chosen = {"epochs": 20, "batch_size": 4, "lr": 0.5}
        elif kind == "digits":
            graph = network(64, 16, 10, (), "CrossEntropy", "ReLU")
            data = DataSettings(source="digits", scaling="unit")
            chosen = {"epochs": 2, "batch_size": 32, "lr": 0.5}
        else:
            graph = network(4, 8, 3, (), "CrossEntropy")
            data = DataSettings(source="iris", scaling="standardise")
            chosen = {"epochs": 5, "batch_size": 16, "lr": 0.1}
        path = tmp_path / name
        save(Project(graph, data=data, training=TrainingSettings(**chosen | training)), path)
        return path

    return make
