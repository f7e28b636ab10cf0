"""The NumPy script: its parts of the template that it shares with PyTorch's."""

from __future__ import annotations

from nnstudio.exchange.script_template import SKELETON
from nnstudio.exchange.template import joined

TEMPLATE = joined(
    SKELETON,
    imports="import numpy as np",
    network="""
Arrays = dict[str, np.ndarray]


$functions


$forward


$criterion


$backward


$update
""",
    step='''
def loss_sum(values: Arrays, samples: int) -> float:  #? trains mixed
    """A batch's loss, in part the mean and in part the sum over its samples, added up."""  #? trains mixed
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
''',
    files='''
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
''',
    values="""
values = forward($fed_forward)
values = criterion($fed_criterion)  #? loss
""",
    begin="""
arrays = load(arguments.weights)
weights = part(arrays, "weights")
""",
    prepare='state = part(arrays, "optimizer")  #? trains state',
    save="save(arguments.output, $learned)  #? trains",
)
