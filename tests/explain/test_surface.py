"""The loss around weights: its slice along two directions, and the path of a run on it."""

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import Error, ExplainError
from nnstudio.explain.surface import LossProgram, loss_slice
from nnstudio.explain.weight_path import MOST_PLACES, WeightPath
from nnstudio.graph import Graph
from nnstudio.project.run import splits_of, trainer_of
from nnstudio.resources_path import example


@pytest.fixture(scope="module")
def run():
    """A short run on xor: its program, its weights, the places it went through."""
    project = nn.load(example("xor.nns.json"))
    trainer = trainer_of(project)
    places = [trainer.program.parameters()]
    for _ in range(12):
        trainer.run(5)
        places.append(trainer.program.parameters())
    loss = trainer.history[-1]["train_loss"]
    return LossProgram(project.graph, splits_of(project), seed=project.training.seed), places, loss


def test_the_middle_is_the_loss_of_the_weights(run):
    program, places, _ = run
    found = loss_slice(program, places[-1], places, "random", points=5)
    assert found.losses.shape == (5, 5) and found.samples == 4 and np.isfinite(found.losses).all()
    assert found.loss == pytest.approx(program.loss(places[-1]))
    assert found.path.shape == (13, 2) and np.allclose(found.path[-1], 0)
    assert found.across[0] < -1 < 1 < found.across[-1]
    first = program.start()
    assert all(np.array_equal(first[key], places[0][key]) for key in first)


def test_the_principal_plane_holds_the_path(run):
    program, places, _ = run
    found = loss_slice(program, places[-1], places, "principal", points=9)
    random = loss_slice(program, places[-1], places, "random", points=3)
    assert found.held > 0.9 > random.held
    # The path lies within the picture, and the loss there is about what it was at the places.
    x, y = found.path[0]
    assert found.across[0] < x < found.across[-1] and found.down[0] < y < found.down[-1]
    row, column = np.abs(found.down - y).argmin(), np.abs(found.across - x).argmin()
    assert found.losses[row, column] == pytest.approx(program.loss(places[0]), rel=0.35)


def test_random_directions_are_as_long_as_the_weights_row_by_row(run):
    program, places, _ = run
    from nnstudio.explain.surface import _moved, _random

    middle = {key: np.asarray(places[-1][key], np.float64) for key in program.keys}
    first, second = _random(middle, 0)
    zero = {key: np.zeros_like(array) for key, array in middle.items()}
    direction = _moved(zero, first)
    weight = middle["fc1.weight"]
    assert np.allclose(np.linalg.norm(direction["fc1.weight"], axis=1), np.linalg.norm(weight, axis=1))
    assert not direction["fc1.bias"].any() and abs(first @ second) < 1e-9 * (first @ first)


def test_without_a_path_there_are_no_principal_directions(run):
    program, places, _ = run
    with pytest.raises(ExplainError, match="train first"):
        loss_slice(program, places[-1], places[:2], "principal", points=3)


def test_it_can_be_given_up(run):
    program, places, _ = run
    seen = []

    def progress(done, of):
        seen.append((done, of))
        if len(seen) == 2:
            raise Error("enough")

    with pytest.raises(Error, match="enough"):
        loss_slice(program, places[-1], points=7, progress=progress)
    assert seen == [(4, 49), (8, 49)], "every second row and column first"


def test_a_coarse_picture_comes_first_and_is_part_of_the_whole(run):
    program, places, _ = run
    drafts, work = [], []
    found = loss_slice(
        program, places[-1], points=9, progress=lambda *each: work.append(each), draft=drafts.append
    )
    assert [len(draft.losses) for draft in drafts] == [3, 5] and work[-1] == (81, 81)
    for draft, every in zip(drafts, (4, 2), strict=True):
        assert np.array_equal(draft.losses, found.losses[::every, ::every])
        assert np.array_equal(draft.across, found.across[::every]) and draft.loss == found.loss
    assert np.isfinite(found.losses).all()


def test_a_graph_without_a_loss_has_no_surface():
    graph = Graph()
    graph.connect(graph.add("Input", "x", shape=(2,)), graph.add("Linear", "fc1"))
    with pytest.raises(Error):
        LossProgram(graph, None)


def test_a_path_keeps_what_fits_evenly_and_its_last_place():
    path = WeightPath()
    for step in range(5000):
        path.add(step, {"w": np.array([float(step)])})
    steps = [place.step for place in path.places]
    assert MOST_PLACES / 3 < len(steps) <= MOST_PLACES and steps[0] == 0 and steps[-1] == 4999
    gaps = np.diff(steps[:-1])
    assert gaps.max() <= 2 * gaps.min()
    path.add(1000, {"w": np.zeros(1)})  # a run that went back
    assert path.places[-1].step == 1000 and all(place.step < 1000 for place in path.places[:-1])
    path.add(1100, {"w": np.zeros(2)})  # another network
    assert len(path) == 1
