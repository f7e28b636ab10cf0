"""What the NumPy and the PyTorch script have in common; where they differ, `#: name` stands for a part.

The parts that are each one's own are in numpy_template.py and pytorch_template.py.
"""

from __future__ import annotations

SKELETON = '''
"""$title: a network drawn in nnstudio, written out for $library.

    python $title.py --check             compares its outputs with nnstudio's, stored at export
    python $title.py train --epochs 5    trains further and writes ${title}_trained$weights_end  #? trains

The weights lie in $title$weights_end, the data to train on and to check by in ${title}_data.npz.  #? stored
The weights lie in $title$weights_end, the numbers to check by in ${title}_data.npz.  #? !stored
$reading
Needs $needs.  Exported from $origin.
"""

from __future__ import annotations

import argparse
import math  #? math
from pathlib import Path

#: imports

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE / $weights_file
OPTIMIZER = HERE / $optimizer_file  #? remembers
DATA = HERE / $data_file
TRAINED = HERE / $output_file  #? trains
DTYPE = torch.$dtype  #? torch
TOLERANCE = $tolerance
#? trains
EPOCHS = $epochs  #? trains
BATCH_SIZE = $batch_size  #? trains data !full
BATCH_SIZE = 0  # all samples at once  #? trains data full
LEARNING_RATE = $lr  #? trains
SEED = $seed  #? trains shuffle
EPOCHS_TRAINED = $epochs_trained  # before the export  #? trains resumed
STEPS_TRAINED = $steps_trained  #? trains stepped

$fitted

#: network


$scaling


$schedule


#: step


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
        $set_rate  #? trains scheduled !stepped
        total = 0.0  #? trains data
        for start in range(0, samples, size):  #? trains data
            indices = $indices  #? trains data
            batch = {name: array[indices] for name, array in data.items()}  #? trains data
            $set_rate  #? trains data stepped
            total += train_step($learned, batch$rate_given) * len(indices)  #? trains data means
            total += train_step($learned, batch$rate_given)  #? trains data !means
            step += 1  #? trains data stepped
        loss = total / samples  #? trains data
        $set_rate  #? trains !data stepped
        loss = train_step($learned, {}$rate_given)  #? trains !data
        step += 1  #? trains !data stepped
        measured = evaluate($network, validation)  #? trains validation
        shown = ", ".join(f"{name} {value:.4f}" for name, value in measured.items())  #? trains validation
        print(f"epoch {epoch + 1}: loss {loss:.6f}; validation {shown}")  #? trains validation
        print(f"epoch {epoch + 1}: loss {loss:.6f}")  #? trains !validation
        progress = $after_epoch  #? trains plateau


#: files


def part(arrays: $arrays, name: str) -> $arrays:
    """Those arrays of a file that belong to one part of it, as "train.x" does to "train"."""
    start = f"{name}."
    return {key.removeprefix(start): array for key, array in arrays.items() if key.startswith(start)}


@torch.no_grad()  #? torch
def check($network: $network_type) -> int:
    """Compares what comes out with what nnstudio computed at export; gives the exit code."""
    data = load(DATA)
    batch = part(data, "check")  #? data
    #: values
    expected = part(data, "expected")
    wrong = [
        name
        for name, array in expected.items()
        if not $module.allclose(values[name], array, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
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

    #: begin
    if arguments.check:
        return check($network)
    if arguments.command == "train":  #? trains
        #: prepare
        if arguments.data is None:  #? trains data !stored
            training.error("no data came with this script: give some with --data")  #? trains data !stored
        stored = load(DATA)  #? trains stored
        data = load(arguments.data) if arguments.data else part(stored, "train")  #? trains stored
        data = load(arguments.data)  #? trains data !stored
        $train_call
        #: save
        print(f"wrote {arguments.output}")  #? trains
        return 0  #? trains
    parser.print_help()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
'''
