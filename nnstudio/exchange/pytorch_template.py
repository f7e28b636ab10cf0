"""The PyTorch script, without what is the network's own."""

TEMPLATE = '''
"""$title: a network drawn in nnstudio, written out for PyTorch.

    python $title.py --check             compares its outputs with nnstudio's, stored at export
    python $title.py train --epochs 5    trains further and writes ${title}_trained.safetensors  #? trains

The weights lie in $title.safetensors, the data to train on and to check by in ${title}_data.npz.  #? stored
The weights lie in $title.safetensors, the numbers to check by in ${title}_data.npz.  #? !stored
Needs torch, safetensors and numpy.  Exported from $origin.
"""

from __future__ import annotations

import argparse
import math  #? math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  #? functional
from safetensors.torch import load_file, save_file  #? trains
from safetensors.torch import load_file  #? !trains
from torch import Tensor, nn

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE / $weights_file
OPTIMIZER = HERE / $optimizer_file  #? remembers
DATA = HERE / $data_file
TRAINED = HERE / $output_file  #? trains
DTYPE = torch.$dtype
TOLERANCE = $tolerance
#? trains
EPOCHS = $epochs  #? trains
BATCH_SIZE = $batch_size  #? trains data !full
BATCH_SIZE = 0  # all samples at once  #? trains data full
LEARNING_RATE = $lr  #? trains
SEED = $seed  #? trains shuffle
EPOCHS_TRAINED = $epochs_trained  # before the export  #? trains resumed
STEPS_TRAINED = $steps_trained  #? trains stepped

Tensors = dict[str, Tensor]


$classes


$criterion


$schedule


def make_optimizer(model: Network, lr: float) -> torch.optim.Optimizer:  #? trains
    """$optimizer_title"""  #? trains !remembers
    """$optimizer_title, as it stood at export."""  #? trains remembers
    $optimizer
    arrays = load_file(OPTIMIZER)  #? remembers
    for name, parameter in model.named_parameters():  #? remembers
        state = part(arrays, name)  #? remembers
        if state:  #? remembers
            optimizer.state[parameter] = state  #? remembers
    return optimizer  #? remembers


def train_step(model: Network, optimizer: torch.optim.Optimizer, batch: Tensors) -> float:  #? trains
    """One update on one batch; gives the loss before it."""  #? trains !mixed
    """One update on one batch; gives the loss before it, added up over its samples."""  #? trains mixed
    optimizer.zero_grad()  #? trains
    $outputs = model($fed)  #? trains
    loss = $compared  #? trains !mixed
    means, sums = $compared  #? trains mixed
    loss = means + sums  #? trains mixed
    loss.backward()  #? trains
    for parameter in model.parameters():  #? trains l1
        if parameter.grad is not None:  #? trains l1
            parameter.grad.add_($l1 * parameter.detach().sign())  #? trains l1
    optimizer.step()  #? trains
    return loss.item()  #? trains !mixed
    return means.item() * len(batch[$first]) + sums.item()  #? trains mixed


@torch.no_grad()  #? validation
def evaluate(model: Network, batch: Tensors) -> dict[str, float]:  #? validation
    """The loss, and the share of right answers, over all samples at once."""  #? validation classes
    """The loss over all samples at once."""  #? validation !classes
    $outputs = model($fed)  #? validation
    loss = $compared  #? validation means
    loss = $compared / len(batch[$first])  #? validation sums
    means, sums = $compared  #? validation mixed
    loss = means + sums / len(batch[$first])  #? validation mixed
    accuracy = ($scores.argmax(dim=1) == batch[$truth]).double().mean()  #? validation classes
    return {"loss": loss.item(), "accuracy": accuracy.item()}  #? validation classes
    return {"loss": loss.item()}  #? validation !classes


$train_head
    """Goes on training, batch by batch as nnstudio would, and prints the loss of each epoch."""  #? trains
    rng = np.random.default_rng(SEED)  #? trains shuffle
    samples = len(next(iter(data.values())))  #? trains data
    size = batch_size or samples  #? trains data
    step = STEPS_TRAINED  #? trains stepped
    progress = $progress  #? trains plateau
    for epoch in range($epoch_range):  #? trains
        order = rng.permutation(samples)  #? trains shuffle
        order = np.arange(samples)  #? trains data !shuffle
        if epoch < EPOCHS_TRAINED:  #? trains shuffle resumed
            continue  # only its order had to be drawn  #? trains shuffle resumed
        for group in optimizer.param_groups:  #? trains scheduled !stepped
            group["lr"] = $rate  #? trains scheduled !stepped
        total = 0.0  #? trains data
        for start in range(0, samples, size):  #? trains data
            indices = torch.from_numpy(order[start : start + size])  #? trains data
            batch = {name: array[indices] for name, array in data.items()}  #? trains data
            for group in optimizer.param_groups:  #? trains data stepped
                group["lr"] = $rate  #? trains data stepped
            total += train_step(model, optimizer, batch) * len(indices)  #? trains data means
            total += train_step(model, optimizer, batch)  #? trains data !means
            step += 1  #? trains data stepped
        loss = total / samples  #? trains data
        for group in optimizer.param_groups:  #? trains !data stepped
            group["lr"] = $rate  #? trains !data stepped
        loss = train_step(model, optimizer, {})  #? trains !data
        step += 1  #? trains !data stepped
        measured = evaluate(model, validation)  #? trains validation
        shown = ", ".join(f"{name} {value:.4f}" for name, value in measured.items())  #? trains validation
        print(f"epoch {epoch + 1}: loss {loss:.6f}; validation {shown}")  #? trains validation
        print(f"epoch {epoch + 1}: loss {loss:.6f}")  #? trains !validation
        progress = $after_epoch  #? trains plateau


def load(path: Path) -> Tensors:
    """The arrays of an .npz file, numbers in DTYPE."""
    with np.load(path) as file:
        tensors = {name: torch.from_numpy(array) for name, array in file.items()}
    return {name: array.to(DTYPE) if array.is_floating_point() else array for name, array in tensors.items()}


def part(arrays: Tensors, name: str) -> Tensors:
    """Those arrays of a file that belong to one part of it, as "train.x" does to "train"."""
    start = f"{name}."
    return {key.removeprefix(start): array for key, array in arrays.items() if key.startswith(start)}


@torch.no_grad()
def check(model: Network) -> int:
    """Compares what comes out with what nnstudio computed at export; gives the exit code."""
    data = load(DATA)
    batch = part(data, "check")  #? data
    $outputs = model($fed)
    values = $answers
    values[$loss] = $compared  #? loss !mixed
    means, sums = $compared  #? mixed
    values[$loss] = means + sums  #? mixed
    expected = part(data, "expected")
    wrong = [
        name
        for name, array in expected.items()
        if not torch.allclose(values[name], array, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    ]
    for name in wrong:
        print(f"{name} differs from what nnstudio computed")
    if not wrong:
        print(f"{', '.join(expected)}: equal to what nnstudio computed, within {TOLERANCE:g}")
    return 1 if wrong else 0


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=$description)
    parser.add_argument("--check", action="store_true", help="compare the outputs with nnstudio's")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="where the weights are read from")
    commands = parser.add_subparsers(dest="command")  #? trains
    training = commands.add_parser("train", help="train further")  #? trains
    training.add_argument("--epochs", type=int, default=EPOCHS)  #? trains
    training.add_argument("--batch-size", type=int, default=BATCH_SIZE)  #? trains data
    training.add_argument("--lr", type=float, default=LEARNING_RATE)  #? trains
    training.add_argument("--data", type=Path, help=$data_help)  #? trains data
    training.add_argument("--output", type=Path, default=TRAINED, help="where they go")  #? trains
    arguments = parser.parse_args(argv)

    model = Network().to(DTYPE)
    model.load_state_dict(load_file(arguments.weights))
    if arguments.check:
        return check(model)
    if arguments.command == "train":  #? trains
        optimizer = make_optimizer(model, arguments.lr)  #? trains
        if arguments.data is None:  #? trains data !stored
            training.error("no data came with this script: give some with --data")  #? trains data !stored
        stored = load(DATA)  #? trains stored
        data = load(arguments.data) if arguments.data else part(stored, "train")  #? trains stored
        data = load(arguments.data)  #? trains data !stored
        $train_call
        save_file(model.state_dict(), arguments.output)  #? trains
        print(f"wrote {arguments.output}")  #? trains
        return 0  #? trains
    parser.print_help()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
'''
