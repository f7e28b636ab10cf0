"""What the gallery opens: whole projects that have no problems and learn."""

import pytest

import nnstudio as nn
from nnstudio.data.loading import load
from nnstudio.data.targets import target_shapes
from nnstudio.project.run import trainer_of
from nnstudio.studio.templates import TEMPLATES, template


@pytest.mark.parametrize("each", TEMPLATES, ids=lambda each: each.id)
def test_a_template_has_no_problems_and_learns(each):
    project = each.make()
    samples, form = load(project.data), project.data.targets
    target = target_shapes(samples, None if form == "auto" else form)[0]
    shapes = {
        node.name: samples.x.shape[1:] if node.type == "Input" else target
        for node in project.graph.nodes.values()
        if node.type in ("Input", "Target")
    }
    assert project.graph.problems(shapes) == []
    assert project.path is None and not project.weights
    history = nn.train(project)
    assert history[-1]["train_loss"] < 0.5 * history[0]["train_loss"]
    if samples.classes and form != "inputs":
        assert trainer_of(project).evaluate("test")["accuracy"] >= 0.9


@pytest.mark.parametrize("each", TEMPLATES, ids=lambda each: each.id)
def test_cards_of_a_template_do_not_overlap(each):
    places = [node.position for node in each.make().graph.nodes.values()]
    for index, (x, y) in enumerate(places):
        for left, top in places[index + 1 :]:
            assert abs(x - left) >= 160 or abs(y - top) >= 120


def test_a_template_is_made_anew_each_time():
    first, second = template("mlp").make(), template("mlp").make()
    first.graph.add("Tanh")
    assert len(second.graph.nodes) == 8
    with pytest.raises(KeyError):
        template("none such")
