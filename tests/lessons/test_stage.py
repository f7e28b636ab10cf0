"""The stage without a window does what the window's buttons do, and refuses with sentences."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnstudio.errors import Error, LessonError
from nnstudio.lessons import lesson_files, read
from nnstudio.lessons.expressions import evaluate
from nnstudio.lessons.headless import HeadlessStage
from nnstudio.lessons.lookup import Lookup
from nnstudio.lessons.stated import unasserted
from nnstudio.lessons.verbs import parse_acts


@pytest.fixture
def stage(lesson):
    made = []

    def make(project="chain_rule.nns.json", **header):
        lines = "".join(f"{name}: {value}\n" for name, value in header.items())
        stage = HeadlessStage()
        made.append(stage)
        stage.begin(lesson("# One\nText.\n", header=f"lesson: A\nproject: {project}\n{lines}\n"))
        return stage

    yield make
    for each in made:
        each.close()


def do(stage, *lines):
    for line in lines:
        for act in parse_acts(line, 1):
            act.perform(stage)


def ask(stage, text):
    return evaluate(text, Lookup(stage))


def test_the_header_decides_how_the_project_is_opened(stage):
    one = stage("digits.nns.json", batch_size=3, dtype="float64", seed=5, lr=0.25)
    assert one.program.batch_size == 3 and one.program.dtype == np.float64
    assert one.project.training.seed == 5 and ask(one, "lr") == 0.25


def test_forward_behind_its_end_begins_a_new_pass_and_backward_adds(stage):
    one = stage()
    do(one, "forward; backward; backward")
    assert ask(one, "b.grad_value") == 12
    do(one, "forward; backward")
    assert ask(one, "b.grad_value") == 6


def test_what_is_typed_into_a_parameter_outlives_a_reset_and_what_is_updated_does_not(stage):
    one = stage()
    do(one, "write b.value = 4; lr = 0.5; forward; backward; update")
    assert ask(one, "b.value") == 4 - 0.5 * 6
    do(one, "reset")
    assert ask(one, "b.value") == 4
    do(one, "rewind")
    assert ask(one, "b.value") == 3


def test_steps_and_epochs_are_as_many_as_are_asked_for(stage):
    one = stage("lessons/moons.nns.json", batch_size=32)
    do(one, 'train 4 steps as "four"', "train 2 epochs")
    assert ask(one, "run.four.steps") == 4
    assert ask(one, "training.epoch") == 2
    do(one, 'rewind; train 2 epochs as "again"')
    assert ask(one, "run.again.epochs") == 2
    assert ask(one, "run.again.steps == 2 * 6")


def test_training_steps_in_two_parts_are_those_in_one(stage):
    one, two = stage("lessons/moons.nns.json", batch_size=32), stage("lessons/moons.nns.json", batch_size=32)
    do(one, "train 9 steps")
    do(two, "train 4 steps; train 5 steps")
    assert (ask(one, "z1.weight") == ask(two, "z1.weight")).all()


def test_samples_go_on_one_by_one_and_round(stage):
    one = stage("lessons/linear.nns.json", batch_size=1)
    first = ask(one, "x")
    do(one, "next sample")
    second = ask(one, "x")
    assert not np.array_equal(first, second)
    do(one, "sample 0; next sample; sample 17")
    assert np.array_equal(ask(one, "x"), second), "16 samples: the 17th is the first again, and this one more"


def test_a_pattern_writes_and_sets_all_that_it_names(stage):
    one = stage("lessons/deep_chains.nns.json")
    before = ask(one, "rfc3.weight")
    do(one, "write rfc*.weight = 2 * rfc*.weight")
    assert (ask(one, "rfc3.weight") == 2 * before).all()
    do(one, "set sfc*.use_bias = false")
    assert "sfc7.bias" not in one.program and "rfc7.bias" in one.program


def test_regions_are_counted_for_small_nets_only(stage):
    with pytest.raises(LessonError, match="one Input with one or two numbers"):
        ask(stage("lessons/linear.nns.json"), "regions(fc1)")
    one = stage("lessons/relu_2d.nns.json")
    do(one, "set h.out_features = 65")
    with pytest.raises(LessonError, match="at most 64 units"):
        ask(one, "regions(relu)")
    with pytest.raises(LessonError, match="which y is not"):
        ask(one, "regions(y)")


def test_regions_are_counted_wherever_the_lines_meet(stage):
    one = stage("lessons/relu_2d.nns.json")
    do(one, "write h.weight = [[1, 0], [0, 1], [1, 1]]; write h.bias = [0, 0, -2000]")
    assert ask(one, "regions(relu)") == 7
    do(one, "write h.bias = [0, 0, 0.0001]")
    assert ask(one, "regions(relu)") == 7, "a triangle too small for any grid"


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("write b.value = [1, 2]", "b.value has the shape"),
        ("write nobody = 1", "nobody"),
        ("write nobody* = 1", "no quantity is called nobody*"),
        ("set scale.colour = 3", "has no setting 'colour'"),
        ("set nobody.constant = 3", "nobody"),
        ("call u updateSomething", "none of Torch7's calls"),
        ("call nobody updateOutput", "nobody"),
        ("open nowhere.nns.json", "neither beside it nor an example"),
        ("open ../../etc/passwd", "neither beside it nor an example"),
        ("run numpy", "there is no numpy script yet"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(stage, act, words):
    one = stage()
    with pytest.raises(Error) as caught:
        do(one, act)
    assert words in str(caught.value)


WORDS = ["reset", "step", "step 3", "step back", "forward", "backward", "update", "zero gradients", "rewind",
         "next sample", "sample 3", "write b.value = NaN", "write x = [[1, 2]]", "write a = 3", "lr = 0.5",
         "set scale.constant = 1e300", "set fc1.out_features = 3", "set batch_size = 3", "train 1 epochs",
         "call u updateOutput", "call L updateGradInput", "call fc1 accGradParameters", "step to loss",
         "set dtype = float32", "train 2 steps with lr=0.1", "write *.weight = 2 * *.weight"]  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["chain_rule.nns.json", "xor.nns.json"]), st.lists(st.sampled_from(WORDS), max_size=12)
)
def test_any_acts_in_any_order_are_done_or_refused_with_a_sentence(project, acts):
    from nnstudio.lessons.reading import parse

    stage = HeadlessStage()
    stage.begin(parse(f"lesson: A\nproject: {project}\n\n# One\nText.\n".encode(), "x.lesson"))
    for act in acts:
        try:
            do(stage, act)
        except Error as error:
            assert str(error)
    assert stage.program is not None


def test_a_number_that_no_check_says_is_found(tmp_path):
    path = tmp_path / "stated.lesson"
    text = lesson_files()["01_chain_rule"].read_text(encoding="utf-8")
    path.write_text(text.replace("v = 5 + 6 =", "v = 5 + 7.25 ="), encoding="utf-8")
    [(line, number)] = unasserted(read(path))
    assert number == "7.25" and "7.25" in path.read_text(encoding="utf-8").split("\n")[line - 1]
