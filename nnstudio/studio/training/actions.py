"""What one can do with a training run, as data; see studio/actions.py."""

from __future__ import annotations

from nnstudio.studio.action_spec import ActionSpec

COMPUTING = "the network is being trained"

TRAINING_ACTIONS = (
    ActionSpec(
        "train", "&Train", "engine.run.toggle", "Ctrl+T", "train", "Train the network, pause, or go on"
    ),
    ActionSpec(
        "train_stop",
        "&Stop",
        "engine.run.stop",
        "Ctrl+Shift+T",
        "stop",
        "End the run; what it has reached stays",
        "nothing is being trained",
    ),
    ActionSpec(
        "train_batch",
        "Train One &Batch",
        "engine.run.one_batch",
        "Alt+B",
        "",
        "Train the next batch alone in the background, and pause",
        COMPUTING,
    ),
    ActionSpec(
        "train_epoch",
        "Train One Epoc&h",
        "engine.run.one_epoch",
        "Alt+E",
        "",
        "Train to the end of this epoch in the background, and pause",
        COMPUTING,
    ),
    ActionSpec(
        "train_until",
        "Train &Until…",
        "engine.train_until",
        "",
        "",
        "What a run goes on until: epochs, a loss, no more progress, a time",
    ),
    ActionSpec(
        "sweep",
        "Swee&p…",
        "engine.sweep",
        "",
        "",
        "Train with several settings in the background, and compare the runs",
    ),
    ActionSpec(
        "rate_test",
        "Test &Learning Rates…",
        "engine.test_rates",
        "",
        "",
        "See up to which learning rate the loss falls",
    ),
    ActionSpec(
        "rewind",
        "Re&wind the Weights",
        "engine.run.rewind",
        "",
        "",
        "Back to the first weights of the seed",
        "nothing has been trained yet, or it is being trained",
    ),
    ActionSpec(
        "reseed",
        "Reseed the Weigh&ts",
        "engine.run.reseed",
        "",
        "",
        "Other first weights, from the next seed",
        "the network is being trained, or paused",
    ),
)
