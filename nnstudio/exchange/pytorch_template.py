"""The PyTorch script: its parts of the template that it shares with NumPy's."""

from __future__ import annotations

from nnstudio.exchange.script_template import SKELETON
from nnstudio.exchange.template import joined

TEMPLATE = joined(
    SKELETON,
    imports="""
import numpy as np
import torch
import torch.nn.functional as F  #? functional
from safetensors.torch import load_file, save_file  #? trains
from safetensors.torch import load_file  #? !trains
from torch import Tensor, nn
""",
    network="""
Tensors = dict[str, Tensor]


$classes


$criterion
""",
    step='''
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
''',
    files='''
def load(path: Path) -> Tensors:
    """The arrays of an .npz file, numbers in DTYPE."""
    with np.load(path) as file:
        tensors = {name: torch.from_numpy(array) for name, array in file.items()}
    return {name: array.to(DTYPE) if array.is_floating_point() else array for name, array in tensors.items()}
''',
    values="""
$outputs = model($fed)
values = $answers
values[$loss] = $compared  #? loss !mixed
means, sums = $compared  #? mixed
values[$loss] = means + sums  #? mixed
""",
    begin="""
model = Network().to(DTYPE)
model.load_state_dict(load_file(arguments.weights))
""",
    prepare="optimizer = make_optimizer(model, arguments.lr)  #? trains",
    save="save_file(model.state_dict(), arguments.output)  #? trains",
)
