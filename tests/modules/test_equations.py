"""How a class of equations is read, whatever it describes."""

import types

import numpy as np
import pytest

from nnstudio.errors import GraphError
from nnstudio.modules.equations import Description, Equations, Setting, members, setting


class Falling(Equations):
    """Something that falls.

    More about it.
    """

    formula, aliases = "v g t", ("drop",)
    mass: float = setting(1.0, "How heavy.", low=0.0, high=10.0)
    air: bool = setting(True, "Whether there is air.")
    shape_: tuple[int, ...] = setting((2,), "Its shape.", kind="shape", low=1, high=9, name="shape")

    def speed(time, mass):
        return time * mass

    def shape(time):
        return time


class FallingSlowly(Falling):
    """Falls with a parachute."""

    mass: float = setting(2.0, "How heavy with it.", low=0.0, high=10.0)

    def speed(time):
        return time / 2


def test_a_description_holds_what_the_class_says() -> None:
    falling = Description(Falling)
    assert (falling.name, falling.summary) == ("Falling", "Something that falls.")
    assert (falling.formula, falling.aliases) == ("v g t", ("drop",))
    assert list(falling.settings) == ["mass", "air", "shape"]
    assert list(falling.functions) == ["speed", "shape"]
    assert falling.reads("speed") == ("time", "mass")
    assert falling.functions["speed"](3, 2) == 6


def test_a_subclass_inherits_settings_and_functions_and_may_replace_them() -> None:
    slow = Description(FallingSlowly)
    assert list(slow.settings) == ["mass", "air", "shape"]
    assert slow.settings["mass"].default == 2.0
    assert slow.functions["speed"](3) == 1.5
    assert slow.functions["shape"](3) == 3
    assert Description(Falling).settings["mass"].default == 1.0


def test_complete_fills_in_and_checks() -> None:
    falling = Description(Falling)
    assert falling.complete({}) == {"mass": 1.0, "air": True, "shape": (2,)}
    assert falling.complete({"mass": 3, "shape": [4, 5]}) == {"mass": 3.0, "air": True, "shape": (4, 5)}
    with pytest.raises(GraphError, match=r"^Falling's mass must be a finite number from 0 to 10, not 11\.$"):
        falling.complete({"mass": 11})
    with pytest.raises(
        GraphError, match=r"^Falling has no setting 'colour'; its settings are: mass, air, shape\.$"
    ):
        falling.complete({"colour": "red"})


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("int", np.int64(3), 3),
        ("int", 3, 3),
        ("float", 3, 3.0),
        ("float", np.float32(0.5), 0.5),
        ("bool", np.True_, True),
        ("text", "word", "word"),
        ("choice", "b", "b"),
        ("shape", 4, (4,)),
        ("shape", [2, 3], (2, 3)),
        ("shape", np.array([2, 3]), (2, 3)),
        ("shape", (), ()),
        ("numbers", 2.5, (2.5,)),
        ("numbers", [1, 2.5], (1.0, 2.5)),
        ("numbers", np.array([1.0, 2.0]), (1.0, 2.0)),
    ],
)
def test_values_become_plain_python(kind: str, given: object, kept: object) -> None:
    value = Setting("s", kind, None, "A setting.", choices=("a", "b")).check(given)
    assert value == kept
    assert type(value) is type(kept)
    if isinstance(kept, tuple):
        assert [type(entry) for entry in value] == [type(entry) for entry in kept]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (setting(4, "A size.", low=1), "s must be a whole number of at least 1, not -3."),
        (
            setting(4, "A size.", low=1, high=1_000_000),
            "s must be a whole number from 1 to 1,000,000, not -3.",
        ),
        (setting(0.5, "A share.", low=0.0, high=1.0), "s must be a finite number from 0 to 1, not -3."),
        (setting("a", "A choice.", choices=("a", "b")), "s must be one of a, b, not -3."),
        (setting(False, "A switch."), "s must be true or false, not -3."),
        (
            setting((1,), "A shape.", kind="shape", low=1, high=9),
            "s must be a list of at most 8 whole numbers from 1 to 9, not -3.",
        ),
        (setting("", "A word."), "s must be text of at most 10,000 characters, not -3."),
    ],
)
def test_a_refusal_is_a_sentence_with_the_bounds_and_the_value(rule: Setting, sentence: str) -> None:
    named = Setting("s", rule.kind, rule.default, rule.doc, rule.low, rule.high, rule.choices)
    with pytest.raises(GraphError) as caught:
        named.check(-3)
    assert str(caught.value) == sentence


def test_a_refusal_stays_short_and_on_one_line() -> None:
    numbers = Setting("s", "numbers", (), "Numbers.")
    for wrong in (np.zeros((50, 50)), "x" * 100_000, 10**5000, ["a"] * 100_000):
        with pytest.raises(GraphError) as caught:
            numbers.check(wrong)
        assert len(str(caught.value)) < 150
        assert "\n" not in str(caught.value)


def test_a_list_of_numbers_has_an_end() -> None:
    with pytest.raises(GraphError, match="at most 1,000,000 finite numbers"):
        Setting("s", "numbers", (), "Numbers.").check([1.0] * 1_000_001)


def test_a_wrong_default_is_a_slip_in_the_definition() -> None:
    class Wrong(Equations):
        size: int = setting(0, "A size.", low=1)

    with pytest.raises(GraphError, match=r"^Wrong's size must be a whole number of at least 1, not 0\.$"):
        Description(Wrong)
    with pytest.raises(TypeError, match="needs its kind"):
        setting((1,), "A shape or numbers?")


def test_members_are_the_classes_a_file_defines_itself() -> None:
    file = types.ModuleType(__name__)
    vars(file).update(Falling=Falling, FallingSlowly=FallingSlowly, Equations=Equations, number=1)
    assert members(file, Equations) == [Falling, FallingSlowly]
    assert members(file, FallingSlowly) == [FallingSlowly]
