"""Schedules: by hand, by PyTorch's, and exactly resumed."""

import json
import math

import pytest

from nnstudio.errors import TrainingError
from nnstudio.training.schedules import RateSchedule, definition, definitions

NAMES = ["constant", "step", "exponential", "cosine", "plateau", "inverse"]


def rates(schedule, lr, epochs, losses=None):
    found = []
    for epoch in range(epochs):
        found.append(schedule.rate(lr, epoch, 100 * epoch))
        if losses is not None:
            schedule.after_epoch(losses[epoch])
    return found


def test_the_list_is_whole_and_told():
    assert list(definitions()) == NAMES
    for each in definitions().values():
        assert each.summary and each.formula
    assert definition("Cosine").name == "cosine"
    with pytest.raises(TrainingError, match="did you mean plateau"):
        definition("plateu")


def test_by_hand():
    assert rates(RateSchedule("constant", {}, 4), 0.3, 4) == [0.3] * 4
    assert rates(RateSchedule("step", {"every": 2, "factor": 0.5}, 5), 0.8, 5) == [0.8, 0.8, 0.4, 0.4, 0.2]
    assert rates(RateSchedule("exponential", {"factor": 0.5}, 4), 0.8, 4) == [0.8, 0.4, 0.2, 0.1]
    cosine = RateSchedule("cosine", {"min_lr": 0.1}, 4)
    assert rates(cosine, 0.5, 6) == pytest.approx(
        [0.5, 0.1 + 0.2 * (1 + math.sqrt(0.5)), 0.3, 0.1 + 0.2 * (1 - math.sqrt(0.5)), 0.1, 0.1]
    )


def test_torch7_decay_falls_with_every_update():
    inverse = RateSchedule("inverse", {"decay": 0.1}, 1)
    assert inverse.every_step
    assert [inverse.rate(1.0, 0, step) for step in (0, 1, 10)] == [1.0, 1 / 1.1, 0.5]
    assert not RateSchedule("cosine", {}, 1).every_step


def test_plateau_by_hand():
    plateau = RateSchedule("plateau", {"factor": 0.5, "patience": 1, "min_lr": 0.3}, 0)
    losses = [1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.4, 0.3]
    assert rates(plateau, 1.0, 8, losses) == [1.0, 1.0, 1.0, 0.5, 0.5, 0.3, 0.3, 0.3]


def test_plateau_of_a_negative_loss_that_does_not_move_is_one():
    plateau = RateSchedule("plateau", {"factor": 0.5, "patience": 0}, 0)
    assert rates(plateau, 1.0, 3, [-10.0, -10.0, -11.0]) == [1.0, 1.0, 0.5]
    plateau.after_epoch(-12.0)
    assert plateau.rate(1.0, 4, 4) == 0.5


def test_plateau_continues_exactly_from_its_state():
    losses = [1.0, 0.9, 0.95, 0.91, 0.905, 0.9, 0.5, 0.6, 0.6, 0.6]
    settings = {"patience": 1, "cooldown": 2}
    whole = RateSchedule("plateau", settings, 10)
    expected = rates(whole, 1.0, 10, losses)
    assert len(set(expected)) == 3
    for cut in range(10):
        first = RateSchedule("plateau", settings, 10)
        rates(first, 1.0, cut, losses)
        second = RateSchedule("plateau", settings, 10)
        second.load_state(json.loads(json.dumps(first.state(), allow_nan=False)))
        assert rates(second, 1.0, 10 - cut, losses[cut:]) == expected[cut:]


@pytest.mark.torch
@pytest.mark.parametrize(
    ("name", "settings", "torch_name", "torch_settings"),
    [
        ("step", {"every": 7, "factor": 0.3}, "StepLR", {"step_size": 7, "gamma": 0.3}),
        ("exponential", {"factor": 0.9}, "ExponentialLR", {"gamma": 0.9}),
        ("cosine", {"min_lr": 0.01}, "CosineAnnealingLR", {"T_max": 40, "eta_min": 0.01}),
    ],
)
def test_rates_equal_pytorch(name, settings, torch_name, torch_settings):
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    theirs = getattr(torch.optim.lr_scheduler, torch_name)(optimizer, **torch_settings)
    ours = RateSchedule(name, settings, 40)
    for epoch in range(41):
        assert ours.rate(0.5, epoch, 0) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)
        optimizer.step()
        theirs.step()


@pytest.mark.torch
@pytest.mark.parametrize("cooldown", [0, 3])
@pytest.mark.parametrize("patience", [0, 2])
def test_plateau_equals_pytorch(cooldown, patience):
    import numpy as np
    import torch

    rng = np.random.default_rng(5)
    losses = [float(x) for x in 1 / np.arange(1, 61) ** 0.5 + 0.1 * rng.normal(size=60)]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.7, patience=patience, threshold=1e-2, cooldown=cooldown, min_lr=0.02, eps=0
    )
    settings = {"factor": 0.7, "patience": patience, "threshold": 1e-2, "cooldown": cooldown, "min_lr": 0.02}
    ours = RateSchedule("plateau", settings, 60)
    for epoch, loss in enumerate(losses):
        assert ours.rate(0.5, epoch, 0) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)
        optimizer.step()
        theirs.step(loss)
        ours.after_epoch(loss)
    assert ours.state()["reductions"] > 2
