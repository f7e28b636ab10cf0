"""The NumPy script, without what is the network's own."""

TEMPLATE = '''
"""$title: a network drawn in nnstudio, written out for NumPy.

    python $title.py --check             compares its outputs with nnstudio's, stored at export
    python $title.py train --epochs 5    trains further and writes ${title}_trained.npz  #? trains

The weights lie in $title.npz, the data to train on and to check by in ${title}_data.npz.  #? stored
The weights lie in $title.npz, the numbers to check by in ${title}_data.npz.  #? !stored
Needs numpy.  Exported from $origin.
"""

from __future__ import annotations

import argparse
import math  #? math
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE / $weights_file
DATA = HERE / $data_file
TRAINED = HERE / $output_file  #? trains
TOLERANCE = $tolerance
#? trains
EPOCHS = $epochs  #? trains
BATCH_SIZE = $batch_size  #? trains data !full
BATCH_SIZE = 0  # all samples at once  #? trains data full
LEARNING_RATE = $lr  #? trains
SEED = $seed  #? trains shuffle
EPOCHS_TRAINED = $epochs_trained  # before the export  #? trains resumed
STEPS_TRAINED = $steps_trained  #? trains stepped

Arrays = dict[str, np.ndarray]


$functions


$forward


$criterion


$backward


$update


$schedule


def loss_sum(values: Arrays, samples: int) -> float:  #? trains mixed
    """The loss of a batch added up over its samples; part of it is their mean, and part their sum."""  #? trains mixed
    $means  #? trains mixed
    $sums  #? trains mixed
    return float(means * samples + sums)  #? trains mixed


def train_step(weights: Arrays, state: Arrays, batch: Arrays, lr: float) -> float:  #? trains state
def train_step(weights: Arrays, batch: Arrays, lr: float) -> float:  #? trains !state
    """One update on one batch; gives the loss before it."""  #? trains !mixed
    """One update on one batch; gives the loss before it, added up over its samples."""  #? trains mixed
    values = forward($fed_forward)  #? trains
    values = criterion($fed_criterion)  #? trains
    update($learned, backward(weights, values), lr)  #? trains
    return float(values[$loss])  #? trains !mixed
    return loss_sum(values, len(batch[$first]))  #? trains mixed


def evaluate(weights: Arrays, batch: Arrays) -> dict[str, float]:  #? validation
    """The loss, and the share of right answers, over all samples at once."""  #? validation classes
    """The loss over all samples at once."""  #? validation !classes
    values = forward($fed_forward)  #? validation
    values = criterion($fed_criterion)  #? validation
    loss = float(values[$loss])  #? validation means
    loss = float(values[$loss]) / len(batch[$first])  #? validation sums
    loss = loss_sum(values, len(batch[$first])) / len(batch[$first])  #? validation mixed
    accuracy = np.mean(values[$scores].argmax(axis=1) == batch[$truth])  #? validation classes
    return {"loss": loss, "accuracy": float(accuracy)}  #? validation classes
    return {"loss": loss}  #? validation !classes


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
        rate_now = $rate  #? trains scheduled !stepped
        total = 0.0  #? trains data
        for start in range(0, samples, size):  #? trains data
            indices = order[start : start + size]  #? trains data
            batch = {name: array[indices] for name, array in data.items()}  #? trains data
            rate_now = $rate  #? trains data stepped
            total += train_step($learned, batch, $rate_used) * len(indices)  #? trains data means
            total += train_step($learned, batch, $rate_used)  #? trains data !means
            step += 1  #? trains data stepped
        loss = total / samples  #? trains data
        rate_now = $rate  #? trains !data stepped
        loss = train_step($learned, {}, $rate_used)  #? trains !data
        step += 1  #? trains !data stepped
        measured = evaluate(weights, validation)  #? trains validation
        shown = ", ".join(f"{name} {value:.4f}" for name, value in measured.items())  #? trains validation
        print(f"epoch {epoch + 1}: loss {loss:.6f}; validation {shown}")  #? trains validation
        print(f"epoch {epoch + 1}: loss {loss:.6f}")  #? trains !validation
        progress = $after_epoch  #? trains plateau


def load(path: Path) -> Arrays:
    """The arrays of an .npz file."""
    with np.load(path) as file:
        return dict(file)


def save(path: Path, weights: Arrays, state: Arrays) -> None:  #? trains state
def save(path: Path, weights: Arrays) -> None:  #? trains !state
    """Writes a file of weights like the one that came with this script."""  #? trains
    arrays = {f"weights.{name}": array for name, array in weights.items()}  #? trains
    arrays |= {f"optimizer.{name}": array for name, array in state.items()}  #? trains state
    np.savez(path, **arrays)  #? trains


def part(arrays: Arrays, name: str) -> Arrays:
    """Those arrays of a file that belong to one part of it, as "train.x" does to "train"."""
    start = f"{name}."
    return {key.removeprefix(start): array for key, array in arrays.items() if key.startswith(start)}


def check(weights: Arrays) -> int:
    """Compares what comes out with what nnstudio computed at export; gives the exit code."""
    data = load(DATA)
    batch = part(data, "check")  #? data
    values = forward($fed_forward)
    values = criterion($fed_criterion)  #? loss
    expected = part(data, "expected")
    wrong = [
        name
        for name, array in expected.items()
        if not np.allclose(values[name], array, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
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

    arrays = load(arguments.weights)
    weights = part(arrays, "weights")
    if arguments.check:
        return check(weights)
    if arguments.command == "train":  #? trains
        state = part(arrays, "optimizer")  #? trains state
        if arguments.data is None:  #? trains data !stored
            training.error("no data came with this script: give some with --data")  #? trains data !stored
        stored = load(DATA)  #? trains stored
        data = load(arguments.data) if arguments.data else part(stored, "train")  #? trains stored
        data = load(arguments.data)  #? trains data !stored
        $train_call
        save(arguments.output, $learned)  #? trains
        print(f"wrote {arguments.output}")  #? trains
        return 0  #? trains
    parser.print_help()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
'''
