"""The program's face: what is current, what may be fed and typed, what is refused and in which words."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import Error, ProgramError
from nnstudio.graph import Graph
from tests.program.nets import classifier, fed, regression, samples

# --- what is current ------------------------------------------------------------------------------


def test_before_anything_has_run_parameters_are_there_and_outputs_are_not() -> None:
    program = nn.compile(classifier(), 2)
    assert program.is_current("fc1.weight")
    assert program.is_current("fc1.grad_weight")
    for key, words in (
        ("x.output", "x has not been fed yet: call feed"),
        ("fc1.output", r"call forward\(\) first"),
    ):
        assert not program.is_current(key)
        with pytest.raises(ProgramError, match=words):
            program[key]
    with pytest.raises(ProgramError, match=r"call forward\(\)"):
        _ = program.loss
    with pytest.raises(ProgramError, match=r"^x has no values yet: call feed\(x=…\) first\.$"):
        program.forward()
    program.feed(x=np.zeros((2, 4)))
    with pytest.raises(ProgramError, match=r"^t has no values yet"):
        program.train_step()
    program.feed(t=[0, 1])
    with pytest.raises(ProgramError, match=r"call forward\(\) first"):
        program.backward()
    assert program.train_step()


def test_after_a_training_step_other_gradients_are_not_current() -> None:
    program = fed(classifier())
    program.forward()
    program.backward()
    assert program.is_current("act1.grad_output")
    program.train_step(lr=0.1)
    for key in ("fc1.output", "fc2.output", "loss.output", "fc1.weight", "fc1.grad_weight", "fc2.grad_bias"):
        assert program.is_current(key), key
        assert program[key] is not None
    for key in ("act1.grad_output", "x.grad_output", "fc2.grad_input", "fc1.grad_output", "loss.grad_output"):
        assert not program.is_current(key), key
        with pytest.raises(ProgramError, match=r"call forward\(\) and backward\(\)"):
            program[key]
    program.forward()
    program.backward()
    assert program.is_current("act1.grad_output")


def test_what_a_training_step_leaves_are_the_values_before_the_update() -> None:
    fast, whole = fed(classifier(), dtype="float64"), fed(classifier(), dtype="float64")
    fast.train_step(lr=0.3)
    whole.zero_grad()
    whole.forward()
    whole.backward()
    for key in ("fc1.output", "act1.output", "fc2.output", "loss.output", "fc1.grad_weight", "fc2.grad_bias"):
        np.testing.assert_array_equal(fast[key], whole[key], key)
    assert fast.loss == whole.loss


def test_a_new_feed_or_a_new_forward_outdates_what_came_of_the_last() -> None:
    program = fed(classifier())
    program.forward()
    program.backward()
    program.forward()
    assert program.is_current("fc2.output")
    assert not program.is_current("fc2.grad_output")
    program.feed(**samples(program, 1))
    assert not program.is_current("fc2.output")
    assert program.is_current("x.output")
    with pytest.raises(ProgramError, match="nothing to go back from"):
        program.backward()


def test_what_only_a_picture_needs_is_left_out_of_training() -> None:
    graph = classifier()
    graph.connect("fc2", graph.add("SoftMax", "chances"))
    program = fed(graph)
    program.train_step(lr=0.1)
    assert not program.is_current("chances.output")
    program.forward()
    np.testing.assert_allclose(program["chances.output"].sum(axis=1), 1, rtol=1e-6)


# --- feeding --------------------------------------------------------------------------------------

WRONG_FEEDS = [
    ({"y": [1]}, "^The program has no input 'y'; its inputs and targets are: x, t.$"),
    ({"x": np.zeros((3, 4))}, "^x expects 2×4 numbers for a batch of 2, but is fed 3×4.$"),
    ({"x": np.zeros(8)}, "but is fed 8.$"),
    ({"x": 1.0}, "but is fed scalar.$"),
    ({"x": [["a", "b", "c", "d"]] * 2}, "^x must be given numbers, not <U1.$"),
    ({"x": [[1, 2], [1, 2, 3]]}, "rows of one length"),
    ({"x": None}, "^x must be given numbers"),
    ({"x": np.zeros((2, 4), complex)}, "not complex128.$"),
    ({"t": [0, 3]}, r"^t is fed the class number 3, but there are 3 classes \(0 to 2\).$"),
    ({"t": [-1, 0]}, "class number -1"),
    ({"t": np.array([0, 3])}, "class number 3"),
    ({"t": np.array([-1, 0])}, "class number -1"),
    ({"t": np.array([-(2**63), 0])}, "class number -9223372036854775808"),
    ({"t": np.array([0, 2**63], np.uint64)}, "class number 9223372036854775808"),
    ({"t": [0.0, 1.5]}, "^t holds class numbers; 1.5 is not a whole number.$"),
    ({"t": [0.0, np.nan]}, "nan is not a whole number"),
    ({"t": [np.inf, 0.0]}, "class number inf"),
    ({"t": [-np.inf, 0.0]}, "class number -inf"),
    ({"t": ["0", "1"]}, "must be given numbers"),
    ({"t": [[0], [1]]}, "^t expects 2 numbers for a batch of 2, but is fed 2×1.$"),
    ({"t": [10**30, 0]}, "must be given numbers"),
]


@pytest.mark.parametrize(("arrays", "words"), WRONG_FEEDS, ids=[str(feed)[:40] for feed, _ in WRONG_FEEDS])
def test_a_wrong_feed_is_refused_in_a_sentence(arrays: dict, words: str) -> None:
    program = fed(classifier(), 2)
    with pytest.raises(ProgramError, match=words) as caught:
        program.feed(**arrays)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_class_numbers_that_were_refused_are_not_trained_on() -> None:
    program = fed(classifier(), 2)
    for wrong in (np.array([0, 7]), [0, 7]):
        good = np.array(program["t.output"])
        with pytest.raises(ProgramError):
            program.feed(t=wrong)
        try:
            program.train_step()
        except ProgramError as refused:
            assert "t has no values yet" in str(refused)
        else:
            np.testing.assert_array_equal(program["t.output"], good)
        program.feed(t=[0, 1])


@pytest.mark.parametrize("wrong", ["x", np.zeros(3), None, [[1], [1, 2]], 1j, object(), [10**400]])
def test_a_wrong_value_typed_in_is_refused(wrong: object) -> None:
    program = fed(classifier(), 2)
    before = program.parameters()
    for put in (
        lambda: program.__setitem__("fc1.weight", wrong),
        lambda: program.load_parameters({"fc2.weight": np.zeros((3, 5)), "fc1.weight": wrong}),
        lambda: program.load_optimizer_state({"step": wrong}),
    ):
        with pytest.raises(ProgramError):
            put()
    for key, array in program.parameters().items():
        np.testing.assert_array_equal(
            array, before[key], f"{key} was overwritten although another was refused"
        )


def test_typed_class_numbers_are_checked_too() -> None:
    program = fed(classifier(), 2)
    for wrong in ([0, 3], [-1, 0], [0.5, 1]):
        with pytest.raises(ProgramError, match="class number"):
            program["t.output"] = wrong
    program["t.output"] = [2, 2]
    program.train_step()
    assert program["t.output"].tolist() == [2, 2]


def test_typing_an_input_feeds_it() -> None:
    program = nn.compile(classifier(), 2)
    program["x.output"] = np.ones((2, 4))
    program["t.output"] = [0, 1]
    assert program.train_step()
    assert program.is_current("x.output")


def test_what_may_be_fed() -> None:
    program = fed(classifier(), 2)
    given = samples(program, 4)
    program.feed(**given)
    program.forward()
    expected = program.loss
    for x in (given["x"], given["x"].astype(np.float32), given["x"].tolist(), np.asfortranarray(given["x"])):
        for t in (given["t"], given["t"].tolist(), given["t"].astype(float), given["t"].astype(np.uint8)):
            program.feed(x=x, t=t)
            program.forward()
            assert program.loss == expected
    program.feed(x=np.repeat(given["x"], 2, axis=1)[:, ::2])
    program.forward()
    assert program.loss == expected
    given["x"][:] = 0  # what was fed is a copy
    program.forward()
    assert program.loss == expected


def test_inputs_and_targets_are_told() -> None:
    program = nn.compile(classifier(), 2)
    assert program.inputs == {"x": (4,)}
    assert program.targets == {"t": ()}
    assert program.predictions == ("fc2",)
    assert program.parameter_count == 4 * 5 + 5 + 5 * 3 + 3
    assert program.multiply_adds == 4 * 5 + 5 * 3


# --- keys, parameters, sizes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("fc1.wieght", "fc1.weight"),
        ("fc.weight", "weight"),
        ("FC1.weight", "fc1.weight"),
        ("fc1.grad", "fc1.grad"),
    ],
)
def test_an_unknown_key_gets_a_hint(key: str, hint: str) -> None:
    program = fed(classifier())
    asks = (lambda: program[key], lambda: program.__setitem__(key, 1), lambda: program.is_current(key),
            lambda: program.identifier(key))  # fmt: skip
    for ask in asks:
        with pytest.raises(
            ProgramError, match=rf"^The program has no quantity '{key}'\. Did you mean '.*{hint}.*'\?$"
        ):
            ask()
    assert key not in program


def test_a_key_like_no_other_gets_a_sentence() -> None:
    program = fed(classifier())
    for key in ("qqq", "", "fc1", 3, None):
        with pytest.raises(ProgramError, match="has no quantity"):
            program[key]  # type: ignore[index]


def test_every_key_can_be_read_and_written_after_a_whole_pass() -> None:
    program = fed(two_headed(), dtype="float64", optimizer="Adam")
    program.zero_grad()
    program.forward()
    program.backward()
    program.update()
    assert set(program.keys()) == set(iter(program))
    for key in program.keys():  # noqa: SIM118
        assert key in program
        array = np.array(program[key])
        program[key] = array
        np.testing.assert_array_equal(program[key], array)
        assert program.slot(key).shape == array.shape


def two_headed() -> Graph:
    graph = classifier()
    graph.add("Target", "level", shape=(5,))
    graph.add("MSE", "aside", loss_weight=0.3)
    graph.connect("act1", "aside")
    graph.connect("level", "aside")
    return graph


def test_parameters_that_are_read_are_copies_and_loading_them_takes_them_back() -> None:
    program, other = fed(classifier(), seed=1), fed(classifier(), seed=2)
    copies = program.parameters()
    program.train_step(lr=0.5)
    assert not np.array_equal(copies["fc1.weight"], program["fc1.weight"])
    other.load_parameters(program.parameters())
    np.testing.assert_array_equal(other.flat, program.flat)
    with pytest.raises(ProgramError, match=r"no parameter 'fc9\.weight'"):
        other.load_parameters({"fc9.weight": np.zeros(3)})
    with pytest.raises(ProgramError, match="keeps no state"):
        other.load_optimizer_state({"fc1.weight.velocity": np.zeros((5, 4))})


def test_the_same_seed_is_the_same_start_in_every_dtype_and_batch_size() -> None:
    one, other = (
        nn.compile(classifier(), 1, "float64", seed=5),
        nn.compile(classifier(), 9, "float32", seed=5),
    )
    for key, array in one.parameters().items():
        np.testing.assert_array_equal(array.astype(np.float32), other[key])
    different = nn.compile(classifier(), 1, seed=6)
    assert not np.array_equal(different["fc1.weight"], other["fc1.weight"])
    different.initialise(5)
    np.testing.assert_array_equal(different["fc1.weight"], other["fc1.weight"])


def test_another_batch_size_shares_what_is_learned() -> None:
    program = fed(classifier(), 6, optimizer="Adam", dtype="float64")
    small = program.with_batch_size(2)
    assert program.with_batch_size(2) is small
    assert small.with_batch_size(6) is program
    assert program.with_batch_size(np.int64(2)) is small
    assert small.batch_size == 2
    program.train_step(lr=0.1)
    with pytest.raises(ProgramError, match="has no values yet"):
        small.train_step()
    small.feed(**samples(small))
    small.train_step(lr=0.1)
    np.testing.assert_array_equal(program["fc1.weight"], small["fc1.weight"])
    np.testing.assert_array_equal(program["fc1.grad_weight"], small["fc1.grad_weight"])
    assert float(program.optimizer_state()["step"]) == 2
    program["fc1.bias"] = np.arange(5.0)
    np.testing.assert_array_equal(small["fc1.bias"], np.arange(5.0))


def test_the_learning_rate_is_one_for_all_batch_sizes() -> None:
    program = fed(regression(), 6, dtype="float64")
    program.train_step(lr=0.5)
    small = program.with_batch_size(2)
    small.feed(**samples(small))
    assert small.lr == 0.5
    small.train_step(lr=0.25)
    before, gradient_lr = program.parameters(), 0.5
    program.train_step(lr=gradient_lr)
    expected = before["fc2.bias"] - gradient_lr * program["fc2.grad_bias"]
    np.testing.assert_array_equal(program["fc2.bias"], expected)


def test_many_batch_sizes_do_not_pile_up() -> None:
    program = fed(classifier(), 6)
    for size in range(1, 40):
        other = program.with_batch_size(size)
        assert other.batch_size == size
        assert len(program._family) <= 9
    np.testing.assert_array_equal(other["fc1.weight"], program["fc1.weight"])


@pytest.mark.parametrize("size", [0, -1, 1.5, "4", None, True, 10**9, [2]])
def test_a_wrong_batch_size_is_refused(size: object) -> None:
    program = fed(classifier(), 1)
    for make in (lambda: nn.compile(classifier(), size), lambda: program.with_batch_size(size)):  # type: ignore
        with pytest.raises(ProgramError, match="batch size must be a whole number"):
            make()


@pytest.mark.parametrize(
    "options",
    [
        {"dtype": "float16"}, {"dtype": None}, {"dtype": int}, {"dtype": ...},
        {"backend": "torch"}, {"seed": -1}, {"seed": 1.5}, {"seed": "a"}, {"seed": None}, {"seed": 2**70},
        {"optimizer": "Adamm"}, {"optimizer_settings": {"momentum": 1}},
        {"optimizer": "Adam", "optimizer_settings": {"beta1": 7}},
    ],
    ids=str,
)  # fmt: skip
def test_options_that_cannot_be_are_refused_in_a_sentence(options: dict) -> None:
    with pytest.raises(Error) as caught:
        nn.compile(classifier(), 2, **options)
    assert str(caught.value).endswith((".", "?"))


@pytest.mark.parametrize("lr", ["0.1", None, float("nan"), float("inf"), -float("inf"), [0.1], 1j, 10**400])
def test_a_wrong_learning_rate_is_refused(lr: object) -> None:
    program = fed(classifier(), dtype="float64")
    before = program.parameters()
    sets = [lambda: setattr(program, "lr", lr)]
    if lr is not None:  # None means the last one
        sets += [lambda: program.train_step(lr=lr), lambda: program.update(lr=lr)]  # type: ignore[arg-type]
    for attempt in sets:
        with pytest.raises(ProgramError, match="learning rate must be a finite number"):
            attempt()
    assert program.lr == 0.01
    for key, array in program.parameters().items():
        np.testing.assert_array_equal(array, before[key])


# --- class numbers --------------------------------------------------------------------------------


def test_the_smallest_of_several_criteria_bounds_the_class_numbers() -> None:
    graph = classifier(classes=5)
    graph.connect("act1", graph.add("Linear", "few", out_features=3))
    graph.connect("few", graph.add("CrossEntropy", "loss2"))
    graph.connect("t", "loss2")
    program = nn.compile(graph, 2)
    program.feed(x=np.zeros((2, 4)), t=[2, 0])
    with pytest.raises(ProgramError, match="there are 3 classes"):
        program.feed(t=[3, 0])


def test_what_computes_with_class_numbers_is_left_out_and_said() -> None:
    graph = classifier()
    graph.connect("act1", graph.add("Linear", "one", out_features=1))
    graph.connect("one", graph.add("Reshape", "flat", shape=()))
    graph.connect("flat", graph.add("MSE", "loss2"))
    graph.connect("t", "loss2")
    (problem,) = graph.problems()
    assert problem.sentence.startswith("loss2 cannot compute with t, which holds class numbers for loss: ")
    assert nn.compile(graph, 2).listing.criteria.keys() == {"loss"}


def test_what_takes_class_numbers_that_are_computed_is_left_out_and_said() -> None:
    graph = Graph()
    graph.connect(graph.add("Input", "x", shape=(4,)), graph.add("CrossEntropy", "loss"))
    graph.connect(graph.add("Input", "y", shape=()), graph.add("ReLU", "r"))
    graph.connect("r", "loss")
    (problem,) = graph.problems()
    assert problem.sentence.startswith("loss takes class numbers at target, and r computes")
    assert not nn.compile(graph, 2).listing.criteria


# --- overflow -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_overflows_becomes_infinite_without_a_warning(dtype: str) -> None:
    graph = Graph()
    graph.add("Input", "x", shape=(2,))
    last = "x"
    for kind in ("Linear", "Exp", "Exp", "Square", "Log", "Sqrt"):
        node = graph.add(kind)
        graph.connect(last, node)
        last = node.name
    graph.connect(last, graph.add("Objective", "loss"))
    program = nn.compile(graph, 2, dtype, optimizer="Adam")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program["fc1.weight"] = np.full((4, 2), 1e300)
        program.feed(x=np.array([[1e308, 1.0], [-1e308, np.inf]], np.float64))
        program.forward()
        program.backward()
        program.update(lr=1e38)
        before = program.parameters()
        assert not program.train_step(guard=True)
        assert program.train_step() is True
        for _ in program.statements:
            program.step()
        assert not np.isfinite(program.loss)
    assert before.keys() == program.parameters().keys()


def test_a_guarded_step_leaves_the_parameters_alone_where_a_number_is_not_finite() -> None:
    program = fed(regression(), 2, optimizer="Momentum")
    program.train_step(lr=0.1, guard=True)
    parameters, state = program.parameters(), program.optimizer_state()
    for bad in (np.nan, np.inf, -np.inf):
        program.feed(t=[[bad], [0.0]])
        assert program.train_step(lr=0.1, guard=True) is False
        for key, array in program.parameters().items():
            np.testing.assert_array_equal(array, parameters[key])
        for key, array in program.optimizer_state().items():
            np.testing.assert_array_equal(array, state[key])
    program.feed(t=[[0.5], [0.0]])
    assert program.train_step(lr=0.1, guard=True) is True


def test_huge_gradients_that_are_finite_pass_the_guard() -> None:
    """Their squares are beyond float32, but they and the loss are not."""
    program = fed(regression(reduction="sum", loss_weight=1e6), 2)
    program["fc2.weight"] = np.zeros((1, 3))
    program.feed(t=np.full((2, 1), -1e16))
    assert program.train_step(lr=1e-30, guard=True) is True
    largest = float(np.abs(program["fc2.grad_bias"]).max())
    assert np.isfinite(largest)
    assert largest**2 > float(np.finfo(np.float32).max)
