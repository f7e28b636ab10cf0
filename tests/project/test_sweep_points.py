"""What a sweep varies: names, values, ranges, grids, draws."""

import math
from collections.abc import Callable

import pytest

from nnstudio.errors import Error, TrainingError
from nnstudio.graph import GroupNodes
from nnstudio.project import Project, Setup, setup_of
from nnstudio.project.sweep_points import (
    Axis,
    Span,
    axis_from,
    grid,
    point_at,
    sample,
    span_from,
)


@pytest.fixture
def setup(make: Callable[[], Project]) -> Setup:
    return setup_of(make())


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("lr=0.1,0.01", "lr", (0.1, 0.01)),
        ("learning-rate=1e-3", "lr", (0.001,)),
        (" batch-size = 8, 0 ", "batch_size", (8, 0)),
        ("seed=1,2,1", "seed", (1, 2)),
        ("optimizer=adam,SGD", "optimizer", ("Adam", "SGD")),
        ("schedule=cosine", "schedule", ("cosine",)),
        ("shuffle=yes,false", "shuffle", (True, False)),
        ("dtype=float64", "dtype", ("float64",)),
        ("optimizer.momentum=0.5", "optimizer.momentum", (0.5,)),
        ("fc1.out_features=4,16", "fc1.out_features", (4, 16)),
        ("fc1.use_bias=true", "fc1.use_bias", (True,)),
        ("loss.reduction=sum", "loss.reduction", ("sum",)),
        ("x.shape=2x3,4", "x.shape", ((2, 3), (4,))),
    ],
)
def test_an_axis_is_read_as_it_is_typed(setup: Setup, text: str, name: str, values: tuple[object, ...]):
    found = axis_from(setup, text)
    assert (found.name, found.values) == (name, values)
    assert [type(value) for value in found.values] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lr", "'lr' does not say what to vary; write it as lr=0.1,0.01."),
        ("=3", "'=3' does not say what to vary"),
        ("lr=", "'lr=' does not say what to vary"),
        ("lr=,", "lr is given no value."),
        ("lr=nan", "lr must be a finite number"),
        ("batch_size=2.5", "batch_size must be a whole number"),
        ("dtype=float16", "dtype must be one of float32, float64, not 'float16'."),
        ("optimizer=Adan", "There is no optimizer 'Adan'; did you mean Adam"),
        ("momentum=0.9", "There is no setting 'momentum'; did you mean optimizer.momentum."),
        ("batchsize=3", "There is no setting 'batchsize'; did you mean batch_size."),
        (
            "fc1.units=3",
            "There is no setting 'fc1.units'; the settings of fc1 are: out_features, in_features",
        ),
        ("zzzz=3", "there are such as lr, batch_size"),
        ("fc1.out_features=0", "fc1.out_features must be a whole number from 1 to 1,000,000, not '0'."),
    ],
)
def test_what_cannot_be_varied_is_said_in_one_sentence(setup: Setup, text: str, said: str):
    with pytest.raises(TrainingError) as caught:
        axis_from(setup, text)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_grid_is_every_combination_in_order(setup: Setup):
    points = grid(setup, [Axis("lr", (0.1, 0.01)), Axis("fc1.out_features", (8, 4))])
    assert [point.name for point in points] == [
        "learning rate 0.1, fc1.out_features 8",
        "learning rate 0.1, fc1.out_features 4",
        "learning rate 0.01, fc1.out_features 8",
        "learning rate 0.01, fc1.out_features 4",
    ]
    assert [point.setup.training.lr for point in points] == [0.1, 0.1, 0.01, 0.01]
    sizes = [point.setup.graph.node("fc1").settings["out_features"] for point in points]
    assert sizes == [8, 4, 8, 4]
    assert points[0].setup.level is setup.level and points[0].setup.data is setup.data
    assert setup.training.lr == 0.1 and setup.graph.node("fc1").settings["out_features"] == 8
    assert not points[1].setup.graph.problems()


def test_settings_go_with_their_optimizer(setup: Setup):
    def optimizer(**values: object) -> tuple[str, dict[str, object]]:
        training = point_at(setup, {name.replace("_in_", "."): value for name, value in values.items()}).setup
        return training.training.optimizer, dict(training.training.optimizer_settings)

    kept = point_at(setup, {"optimizer.momentum": 0.5}).setup
    assert optimizer(optimizer_in_momentum=0.5) == ("Momentum", {"momentum": 0.5})
    assert point_at(kept, {"lr": 0.5}).setup.training.optimizer_settings == {"momentum": 0.5}
    assert point_at(kept, {"optimizer": "Adam"}).setup.training.optimizer_settings == {}
    assert optimizer(optimizer="SGD", optimizer_in_weight_decay=0.1) == ("SGD", {"weight_decay": 0.1})
    with pytest.raises(Error, match="SGD has no setting 'momentum'"):
        optimizer(optimizer="SGD", optimizer_in_momentum=0.5)


def test_nodes_in_groups_are_swept_by_their_dotted_names(make: Callable[[], Project]):
    project = make()
    ids = tuple(project.graph.node(name).id for name in ("fc1", "act1"))
    project.graph.apply(GroupNodes(ids, "encoder"))
    setup = setup_of(project)
    point = point_at(
        setup, {"encoder.fc1.out_features": axis_from(setup, "encoder.fc1.out_features=3").values[0]}
    )
    assert point.setup.graph.node("encoder.fc1").settings["out_features"] == 3


def test_ranges_are_drawn_from_evenly_or_over_orders_of_magnitude(setup: Setup):
    spans = [span_from(setup, "lr=0.0001..1", log=True), span_from(setup, "batch_size=1..64")]
    points = sample(setup, spans, 200, seed=1)
    assert [p.values for p in points] == [p.values for p in sample(setup, spans, 200, seed=1)]
    assert points[0].values != sample(setup, spans, 200, seed=2)[0].values
    rates = [point.values["lr"] for point in points]
    assert all(0.0001 <= rate <= 1 and float(f"{rate:.4g}") == rate for rate in rates)
    decades = [sum(math.floor(math.log10(rate)) == decade for rate in rates) for decade in range(-4, 0)]
    assert all(30 <= count <= 70 for count in decades)
    sizes = [point.values["batch_size"] for point in points]
    assert all(type(size) is int and 1 <= size <= 64 for size in sizes)
    assert 25 < sum(sizes) / len(sizes) < 40


def test_no_point_is_drawn_twice(setup: Setup):
    axes = [Axis("seed", tuple(range(10))), Axis("lr", (0.1, 0.2))]
    points = sample(setup, axes, 12)
    assert len({tuple(point.values.items()) for point in points}) == len(points) == 12
    assert len(sample(setup, axes, 100)) == 20  # all there are
    assert len(sample(setup, [Span("seed", 0, 3, whole=True)], 50)) == 4


@pytest.mark.parametrize(
    ("make_points", "said"),
    [
        (lambda s: grid(s, []), "A sweep needs something to vary, such as lr=0.1,0.01."),
        (lambda s: grid(s, [Axis("lr", (1.0,)), Axis("lr", (2.0,))]), "lr is given twice"),
        (
            lambda s: grid(s, [Axis("seed", tuple(range(501)))]),
            "501 points, and at most 500 are run",
        ),
        (lambda s: sample(s, [Axis("lr", (1.0,))], 0), "from 1 to 500 points, not 0"),
        (lambda s: sample(s, [Axis("lr", (1.0,))], 501), "from 1 to 500 points, not 501"),
        (lambda s: span_from(s, "lr=1..0"), "lr cannot be drawn from 1 to 0: give the lower end first."),
        (lambda s: span_from(s, "lr=0..1", log=True), "over orders of magnitude from 0 on: begin above 0"),
        (lambda s: span_from(s, "lr=1"), "'1' is no range for lr: write it as 0.001..0.1."),
        (lambda s: span_from(s, "optimizer=a..b"), "optimizer is no number, so it has no range"),
        (lambda s: span_from(s, "lr=1..1e9"), "lr must be a finite number"),
    ],
)
def test_what_is_no_sweep_is_said_in_one_sentence(
    setup: Setup, make_points: Callable[[Setup], object], said: str
):
    with pytest.raises(TrainingError) as caught:
        make_points(setup)
    assert said in str(caught.value) and "\n" not in str(caught.value)
