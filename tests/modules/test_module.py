"""What a definition says about a node type, beyond what all of them are asked in test_catalogue."""

import numpy as np
import pytest

from nnstudio.modules.catalogue import definition, definitions
from nnstudio.modules.module import Definition, Module, constant, listed, normal, uniform
from nnstudio.modules.shapes import BadShape, TooLarge, WrongSize


def infer(name: str, shapes: dict, **settings) -> tuple:
    each = definition(name)
    return each.infer(shapes, each.complete(settings))


def test_ports_are_the_arguments_of_shape_that_are_no_settings() -> None:
    assert definition("Linear").ports == ("input",)
    assert definition("CAddTable").ports == ("a", "b")
    assert definition("MSE").ports == ("input", "target")
    assert definition("Objective").ports == ("input",)
    assert definition("Input").ports == ()


def test_quantities_are_what_is_neither_output_nor_gradient() -> None:
    assert definition("CrossEntropy").quantities == ("shifted", "log_probabilities", "one_hot", "slope")
    assert definition("Linear").quantities == ()
    assert definition("Linear").gradients == ("input", "weight", "bias")


def test_roles() -> None:
    roles = {name: each.role for name, each in definitions().items() if each.role != "module"}
    criteria = {name for name, role in roles.items() if role == "criterion"}
    assert criteria == {name for name, each in definitions().items() if each.category == "Criteria"}
    assert {name: role for name, role in roles.items() if role != "criterion"} == {
        "Input": "input",
        "Target": "target",
        "Constant": "constant",
        "Parameter": "parameter",
        "Output": "output",
    }
    assert [name for name, each in definitions().items() if each.class_ports] == ["CrossEntropy", "ClassNLL"]


def test_linear_knows_both_numbers_when_the_size_is_wrong() -> None:
    assert infer("Linear", {"input": ("N", 8)}, out_features=3) == ("N", 3)
    with pytest.raises(WrongSize) as caught:
        infer("Linear", {"input": ("N", 8)}, in_features=5)
    assert (caught.value.expected, caught.value.given) == (5, 8)
    assert caught.value.fix == {"in_features": 8}
    assert infer("Linear", {"input": ("N", 8)}, **caught.value.fix) == ("N", 4)


def test_linear_starts_as_pytorch_does() -> None:
    each = definition("Linear")
    settings = each.complete({"out_features": 300})
    weight = each.parameters({"input": ("N", 100)}, settings)["weight"]
    values = weight.init.sample(np.random.default_rng(0), weight.shape, np.float32)
    assert values.shape == (300, 100)
    assert values.dtype == np.float32
    assert 0.099 < np.abs(values).max() <= 0.1
    assert abs(values.std() - 0.1 / 3**0.5) < 1e-3


def test_a_layer_too_large_to_hold_is_refused_before_anything_is_allocated() -> None:
    with pytest.raises(TooLarge, match="1,000,000,000,000 numbers in its weight"):
        infer("Linear", {"input": ("N", 1_000_000)}, out_features=1_000_000)
    with pytest.raises(TooLarge, match="numbers in its output"):
        infer("Input", {}, shape=(10_000_000, 10_000_000))


def test_listed_values_must_fill_the_shape() -> None:
    for name in ("Constant", "Parameter"):
        assert infer(name, {}, value=(1, 2, 3), shape=(3,)) == (3,)
        with pytest.raises(BadShape, match="lists 3 values, but its shape holds 4") as caught:
            infer(name, {}, value=(1, 2, 3), shape=(2, 2))
        assert infer(name, {}, value=(1, 2, 3), **caught.value.fix) == (3,)
        with pytest.raises(BadShape, match="lists 0 values") as caught:
            infer(name, {}, value=())
        assert infer(name, {}, **caught.value.fix) == ()


def test_reshape_counts() -> None:
    assert infer("Reshape", {"input": ("N", 12)}, shape=(3, 4)) == ("N", 3, 4)
    with pytest.raises(WrongSize, match="expects 10 numbers a sample at input, but 12 arrives") as caught:
        infer("Reshape", {"input": ("N", 3, 4)}, shape=(10,))
    assert infer("Reshape", {"input": ("N", 3, 4)}, **caught.value.fix) == ("N", 3, 4)
    assert infer("Reshape", {"input": ("N", 1)}, shape=()) == ("N",)


def test_concat_joins_what_is_alike_elsewhere() -> None:
    assert infer("Concat", {"a": ("N", 3), "b": ("N", 5)}) == ("N", 8)
    assert infer("Concat", {"a": ("N", 2, 3), "b": ("N", 2, 1)}, axis=2) == ("N", 2, 4)
    with pytest.raises(WrongSize, match="expects N×…×3 at b, but N×2×4 arrives"):
        infer("Concat", {"a": ("N", 2, 3), "b": ("N", 2, 4)})
    with pytest.raises(BadShape, match="joins along axis 2, but a has only 2"):
        infer("Concat", {"a": ("N", 3), "b": ("N", 3)}, axis=2)
    with pytest.raises(BadShape, match="without a batch axis"):
        infer("Concat", {"a": (3,), "b": ("N", 3)})


def test_criteria_want_two_arrays_of_one_shape() -> None:
    assert infer("MSE", {"input": ("N", 2), "target": ("N", 2)}) == ()
    with pytest.raises(WrongSize, match="expects N×1 at target, but N arrives"):
        infer("MSE", {"input": ("N", 1), "target": ("N",)})


def test_classes_come_as_numbers_or_as_probabilities() -> None:
    scores = ("N", 3)
    assert infer("CrossEntropy", {"input": scores, "target": ("N",)}) == ()
    assert infer("CrossEntropy", {"input": scores, "target": scores}) == ()
    for name in ("CrossEntropy", "ClassNLL"):
        with pytest.raises(WrongSize, match="expects N at target, but N×1 arrives"):
            infer(name, {"input": scores, "target": ("N", 1)})
        with pytest.raises(BadShape, match="one row of class scores a sample"):
            infer(name, {"input": ("N",), "target": ("N",)})
    with pytest.raises(WrongSize):
        infer("ClassNLL", {"input": scores, "target": scores})


def test_contradicting_settings_are_said() -> None:
    with pytest.raises(BadShape, match="needs min_value below max_value, but they are 2 and 1"):
        infer("HardTanh", {"input": ("N", 3)}, min_value=2)
    with pytest.raises(BadShape, match="needs N×features") as caught:
        infer("PReLU", {"input": ("N", 3, 2)}, per_feature=True)
    assert infer("PReLU", {"input": ("N", 3, 2)}, **caught.value.fix) == ("N", 3, 2)
    with pytest.raises(BadShape, match="a scalar arrives"):
        infer("PReLU", {"input": ()})


def test_parameters_start_the_same_in_every_dtype() -> None:
    for init in (uniform(0.5), normal(2.0), constant(3.0), listed((1.0, 2.0, 3.0, 4.0)), listed((7.0,))):
        double = init.sample(np.random.default_rng(1), (2, 2), np.float64)
        single = init.sample(np.random.default_rng(1), (2, 2), np.float32)
        assert (double.dtype, single.dtype) == (np.float64, np.float32)
        np.testing.assert_array_equal(double.astype(np.float32), single)
        scalar = init.sample(np.random.default_rng(1), (), np.float32) if len(init.values) == 1 else single
        assert isinstance(scalar, np.ndarray)
        scalar[...] = 0  # an array of its own, which may be written to
    assert listed((1.0, 2.0)).sample(np.random.default_rng(1), (1, 2), "float64").tolist() == [[1.0, 2.0]]


def test_a_name_that_nothing_answers_to_is_found_when_the_class_is_read() -> None:
    class Slip(Module):
        """A module with a slip of the pen."""

        def shape(input):
            return input

        def output(inptu):
            return inptu

    with pytest.raises(TypeError, match=r"Slip\.output reads 'inptu'"):
        Definition(Slip)


def test_a_class_that_is_only_written_is_not_in_the_catalogue() -> None:
    class Unheard(Module):
        """A module of this test."""

        def shape(input):
            return input

    assert Definition(Unheard).name == "Unheard"
    assert "Unheard" not in definitions()
