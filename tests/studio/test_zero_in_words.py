"""Where 0 is no amount, the field says what it stands for."""

import re

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from nnstudio.data import catalogue as data_sets
from nnstudio.data import options_of
from nnstudio.data.settings import RULES as DATA_RULES
from nnstudio.modules import catalogue
from nnstudio.studio.panels.fields import field_for
from nnstudio.training import optimizers, schedules
from nnstudio.training.settings import RULES

DESCRIBED = [catalogue.definitions(), optimizers.definitions(), schedules.definitions()]
EVERY = [rule for kinds in DESCRIBED for kind in kinds.values() for rule in kind.settings.values()]
EVERY += [*RULES.values(), *DATA_RULES.values()]
EVERY += [rule for entry in data_sets() for rule in options_of(entry.name)]


def words(widget) -> list[str]:
    return [each.text() for each in widget.findChildren(QLabel) if each.isVisibleTo(widget) and each.text()]


def test_every_setting_whose_doc_explains_0_says_it_in_the_field():
    explained = {rule.doc for rule in EVERY if re.search(r"[;,(:] ?0 \w", rule.doc)}
    assert len(explained) > 7  # in_features, batch_size, threads, period, what ends a run, checkpoints
    assert {rule.doc for rule in EVERY if rule.zero} == explained


@pytest.mark.parametrize("rule", [rule for rule in EVERY if rule.zero], ids=lambda rule: rule.zero)
def test_the_field_shows_the_words_while_it_shows_0(qtbot, rule):
    field = field_for(rule)
    qtbot.addWidget(field)
    field.show()
    field.show_value(0)
    assert field.box.text() == "0" and words(field.box) == [rule.zero]
    field.show_value(12)
    assert words(field.box) == []
    field.show_mixed(0)
    assert words(field.box) == []


def test_they_follow_the_typing(window, hands):
    user = hands(window)
    user.click(user.middle("fc2"))
    box = window.inspector.node_page.fields["in_features"].box
    (said,) = box.findChildren(QLabel)
    assert said.isVisible() and said.text() == "from the input"
    shown = said.geometry().left() + said.fontMetrics().horizontalAdvance(said.text())
    assert shown <= box.lineEdit().width(), "all of it is to be read"
    user.type(box, "8")
    assert not said.isVisible()
    QTest.keyClicks(box, "0")
    assert not said.isVisible()
    user.type(box, "0")
    assert said.isVisible()
