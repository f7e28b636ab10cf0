"""Where a learning rate must diverge: λ_max against the whole Hessian, and the sentence that follows."""

import numpy as np
import pytest

from nnstudio.explain.curvature import curvature
from nnstudio.training.binding import BoundData
from nnstudio.training.divergence import Diverged
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.stability import largest_eigenvalue, round_below, stability
from nnstudio.training.trainer import Trainer


def quadratic(eigenvalues):
    """Linear regression on inputs whose second moments are half of these: MSE's Hessian has them."""
    sizes = np.sqrt(np.asarray(eigenvalues) / 2 * len(eigenvalues))
    return BoundData({"x": np.diag(sizes), "t": np.zeros((len(sizes), 1))})


def plain(network, width):
    graph = network(width, 1)
    graph.set("fc1", use_bias=False)
    return graph


def test_the_largest_eigenvalue_is_that_of_the_whole_hessian(network, regression):
    settings = TrainingSettings(batch_size=0, dtype="float64")
    trainer = Trainer(network(3, 6, 2), regression, settings)
    next(trainer.steps())
    weights = trainer.program.parameters()
    found = largest_eigenvalue(trainer.program)
    assert all((weights[name] == a).all() for name, a in trainer.program.parameters().items()), "put back"
    assert found == pytest.approx(curvature(trainer.program).eigenvalues[-1], rel=0.03)


def test_a_negative_eigenvalue_that_is_larger_does_not_hide_the_largest(network):
    """Where the prediction is far off, the loss may bend down more than it bends up."""
    graph = network(1, 1, 1, activation="Tanh")
    data = BoundData({"x": np.ones((4, 1)), "t": np.full((4, 1), 50.0)})
    trainer = Trainer(graph, data, TrainingSettings(batch_size=0, lr=0.0, dtype="float64"))
    trainer.program.load_parameters({"fc1.weight": [[0.6]], "fc2.weight": [[-2.0]]})
    next(trainer.steps())
    exact = curvature(trainer.program).eigenvalues
    assert -exact[0] > 1.1 * exact[-1]
    assert largest_eigenvalue(trainer.program) == pytest.approx(exact[-1], rel=0.05)


def test_gradient_descent_diverges_above_the_limit_and_not_below(network):
    data, graph = quadratic([5.0, 1.0, 0.2]), plain(network, 3)
    common = {"epochs": 3000, "batch_size": 0, "dtype": "float64"}
    trainer = Trainer(graph, data, TrainingSettings(**common, lr=0.39))
    trainer.run(300)
    assert trainer.history[-1]["train_loss"] < 1e-6
    with pytest.raises(Diverged) as caught:
        Trainer(graph, data, TrainingSettings(**common, lr=0.5)).run()
    assert "; learning rate 0.5 is above 2/λ_max ≈ 0.4: try 0.1; " in str(caught.value)
    assert caught.value.largest_lr == pytest.approx(0.4, rel=0.01) and caught.value.lr_to_try == 0.1


def test_momentum_bears_a_larger_rate_and_weight_decay_a_smaller_one(network):
    data, graph = quadratic([5.0, 1.0, 0.2]), plain(network, 3)
    trainer = Trainer(graph, data, TrainingSettings(batch_size=0))

    def limit(optimizer, **given):
        settings = TrainingSettings(optimizer=optimizer, optimizer_settings=given)
        found = stability(graph, graph.flatten(), data.train, trainer.program.parameters(), settings)
        return found and found.largest_lr

    assert limit("SGD") == pytest.approx(0.4, rel=0.01)
    assert limit("SGD", weight_decay=5.0) == pytest.approx(0.2, rel=0.01)
    assert limit("Momentum", momentum=0.5) == pytest.approx(0.6, rel=0.01)
    assert limit("Adam") is None, "it scales every parameter by itself"


def test_the_rate_of_an_optimizer_without_the_rule_is_a_tenth(network, regression):
    settings = TrainingSettings(epochs=500, batch_size=5, lr=1e6, optimizer="AdaGrad")
    huge = BoundData({name: array * 1e30 for name, array in regression.train.items()})
    with pytest.raises(Diverged, match="1e\\+06 is probably too large, so try 1e\\+05") as caught:
        Trainer(network(3, 6, 2, activation="ReLU"), huge, settings).run()
    assert (caught.value.largest_lr, caught.value.lr_to_try) == (None, 1e5)


def test_data_that_are_not_finite_blame_no_rate(network):
    data = BoundData({"x": np.array([[np.nan, 1.0]]), "t": np.zeros((1, 1))})
    with pytest.raises(Diverged) as caught:
        Trainer(network(2, 1), data).run()
    assert (caught.value.largest_lr, caught.value.lr_to_try) == (None, None)


@pytest.mark.parametrize(("value", "expected"), [(0.2, 0.1), (0.3, 0.3), (0.99, 0.3), (1, 1), (45, 30)])
def test_a_round_number_below(value, expected):
    assert round_below(value) == expected
