"""The Explain panel: what is selected or has run is explained, and nothing that is not true is said."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from nnstudio.explain.explanation import explain
from nnstudio.graph import Graph, GroupNodes, RemoveEdge, SetSetting
from nnstudio.studio import theme
from nnstudio.studio.explaining import formula_page
from nnstudio.studio.explaining.formula_view import FormulaView
from tests.studio.explaining.reading import choose, click, click_cell, explained, ink, press, select, view_of


def squared():
    """L = p · p: p reaches the loss by two paths."""
    graph = Graph()
    p = graph.add("Parameter", name="p", value=(3.0,), position=(0, 0))
    times = graph.add("CMulTable", name="times", position=(224, 0))
    loss = graph.add("Objective", name="L", position=(448, 0))
    graph.connect(p, times, "a")
    graph.connect(p, times, "b")
    graph.connect(times, loss)
    return graph


@pytest.fixture
def open_graph(open_window, qtbot):
    def open_it(graph):
        window = open_window(graph)
        qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=20000)
        return window

    return open_it


def test_a_click_on_a_node_explains_it_with_letters_and_with_numbers(open_example, hands):
    window = open_example("chain_rule")
    user = hands(window)
    page = explained(window).formula
    press(window, "run_backward")
    user.click(user.middle("b"))
    window.engine.explain.follow()
    choose(page, "grad_output")
    assert page.title.text() == "∂L/∂ b.output" and page.value.text() == "6"
    assert page.formula.latex.startswith(r"\frac{\partial L}{\partial b} =")
    assert page.numbers.words == "3 · 2 = 6"
    assert page.paths.chain.words.startswith("the derivative of L by b equals the derivative of L by")
    assert page.paths.rows[0].route.text() == "L → scale → v → u → b"


def test_formulas_of_other_heights_are_painted_in_their_new_places_at_once(open_example, monkeypatch):
    window = open_example("chain_rule")
    explained(window)
    painted = []
    paint = FormulaView.paintEvent

    def watched(self, event):
        wanted = max(self.minimumSizeHint().height(), self.heightForWidth(self.width()))
        painted.append((self.height(), wanted))
        paint(self, event)

    monkeypatch.setattr(FormulaView, "paintEvent", watched)
    for _ in range(8):
        press(window, "run_step")
        window.engine.explain.follow()
        for _ in range(3):
            QApplication.processEvents()
    assert len({wanted for _, wanted in painted}) > 1, "of several heights"
    assert [(had, wanted) for had, wanted in painted if abs(had - wanted) > 1] == []


def test_at_a_fan_out_every_path_is_listed_and_they_are_added_up(open_graph):
    window = open_graph(squared())
    page = explained(window).formula
    press(window, "run_backward")
    select(window, "p")
    choose(page, "grad_output")
    rows = [row for row in page.paths.rows if row.isVisibleTo(page)]
    assert len(rows) == 2 and [row.worth.text() for row in rows] == ["3", "3"]
    assert page.paths.summed.words == "3 + 3 = 6"
    assert "2 paths" in page.paths.heading.text()
    assert page.value.text() == "6"


def test_a_path_is_shown_on_the_canvas_by_a_click_and_by_keys(open_graph):
    window = open_graph(squared())
    page = explained(window).formula
    press(window, "run_backward")
    select(window, "p")
    choose(page, "grad_output")

    def lit():
        return {
            edge.port for edge, item in window.canvas.graph_scene.edges.items() if item.phase == "backward"
        }

    window.canvas.light(None)
    click(page.paths.rows[0])
    first = lit()
    page.paths.rows[1].setFocus()
    QTest.keyClick(page.paths.rows[1], Qt.Key.Key_Return)
    assert {"a", "b"} == (first | lit()) - {"input"} and first != lit()


def test_what_has_not_been_computed_says_which_button_computes_it_and_offers_it(open_example):
    window = open_example("chain_rule")
    page = explained(window).formula
    select(window, "u")
    assert page.value.text() == "–"
    assert page.notice.words.text() == "u.output has not been computed in this pass: Forward computes it."
    assert page.formula.latex.startswith("u = "), "its formula with letters is there"
    assert not page.numbers.isVisibleTo(page)
    assert page.notice.button.text() == "Forward"
    click(page.notice.button)
    window.engine.explain.follow()
    choose(page, "output")
    assert page.value.text() == "6" and page.numbers.words == "3 · 2 = 6"
    assert not page.notice.isVisibleTo(page)
    choose(page, "grad_a")
    assert "Backward computes it" in page.notice.words.text()
    click(page.notice.button)
    window.engine.explain.follow()
    assert page.value.text() == "6"


def test_between_an_edit_and_its_program_nothing_is_explained_that_has_not_been_computed(open_example):
    window = open_example("xor")
    panel = explained(window)
    select(window, "fc1")
    panel.formula.choose("fc1.output")
    window.document.push(SetSetting(window.document.level.names["fc1"], "out_features", 5))
    assert not window.engine.stepper.ready
    panel.follow()
    assert panel.formula.value.text() == "–" and "The graph has changed" in panel.formula.notice.words.text()


def test_inspector_program_and_explain_say_alike_where_a_broken_graph_stops(open_example, qtbot):
    window = open_example("xor")
    panel = explained(window)
    level = window.document.level
    window.document.push(RemoveEdge(next(edge for edge in level.edges if edge.target == level.names["fc2"])))
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=20000)
    press(window, "run_forward")
    select(window, "fc2")
    said = panel.formula.nothing.text()
    assert panel.formula.nothing.isVisibleTo(panel) and said.startswith("fc2")
    inspected = window.inspector.findChildren(QLabel)
    assert said in [label.text() for label in inspected if label.isVisibleTo(window.inspector)]
    assert [line.text for line in window.engine.program.model.lines if line.problem] == [f"ends here: {said}"]
    assert window.engine.program.model.lines[-1].problem.sentence == said
    select(window, "act1")
    assert panel.formula.value.text() != "–", "what comes before it has run, and is explained"


def test_a_number_that_is_no_longer_true_is_said_to_be_stale(open_example, qtbot):
    window = open_example("chain_rule")
    page = explained(window).formula
    press(window, "run_forward")
    select(window, "u")
    choose(page, "output")
    assert page.value.text() == "6"
    press(window, "run_update")
    assert page.value.text() == "6 stale" and "stale" in page.value.accessibleName()
    assert page.notice.words.text().startswith("u.output is stale")
    assert ink(page.numbers, theme.colours().text) == 0, "3 · 2 = 6 is of before, and paler"
    click(page.notice.button)
    window.engine.explain.follow()
    assert "stale" not in page.value.text() and page.value.text() != "6"
    qtbot.waitUntil(lambda: ink(page.numbers, theme.colours().text) > 20, timeout=20000)


def test_no_equation_is_shown_that_no_longer_holds(open_example):
    """z was computed from weights that have been updated since: with those of now it does not come out."""
    window = open_example("logistic_unit")
    page = explained(window).formula
    press(window, "run_forward")
    select(window, "z")
    choose(page, "output")
    assert page.numbers.isVisibleTo(page)
    press(window, "run_update")
    assert page.value.text().endswith(" stale") and page.formula.latex == r"z = x\,W^{\top} + b"
    assert not page.numbers.isVisibleTo(page)
    assert "of before" not in page.notes.text(), "it is said once"


def test_the_steps_are_followed_until_a_quantity_is_chosen(open_example):
    window = open_example("chain_rule")
    stepper = window.engine.stepper
    page = explained(window).formula
    assert "press Step" in page.nothing.text()
    for statement in stepper.program.statements:
        press(window, "run_step")
        assert stepper.program.identifier(page.key) == statement.target
    press(window, "run_reset")
    select(window, "u")
    for _ in range(4):
        press(window, "run_step")
    choose(page, "grad_a")
    press(window, "run_forward")
    assert page.key == "u.grad_a"
    select(window, "v")
    assert page.key.startswith("v.")


def test_what_is_printed_is_what_the_program_holds(open_example):
    window = open_example("xor")
    program = window.engine.stepper.program
    page = explained(window).formula
    press(window, "run_backward")
    select(window, "fc1")
    labels = [page.quantity.itemText(i) for i in range(page.quantity.count())]
    assert labels[:3] == ["output", "grad_output", "grad_input"]
    assert labels[labels.index("weight") + 1] == "grad_weight"
    for label in labels:
        choose(page, label)
        found = explain(program, page.key, page.element)
        shown = page.numbers.words if page.numbers.isVisibleTo(page) else found.numbers.plain
        assert shown == found.numbers.plain
        assert page.value.text() == f"{program[page.key][page.element]:.4g}".replace("-", "−").replace(
            "e−0", "e−"
        )


def test_a_number_is_picked_by_a_click_by_arrows_and_by_its_index(open_example):
    window = open_example("xor")
    page = explained(window).formula
    press(window, "run_backward")
    select(window, "fc1")
    choose(page, "grad_weight")
    click_cell(page, (5, 1))
    assert page.element == (5, 1) and page.title.text() == "∂L/∂ fc1.weight[5, 1]"
    page.map.setFocus()
    QTest.keyClick(page.map, Qt.Key.Key_Up)
    QTest.keyClick(page.map, Qt.Key.Key_Left)
    assert page.element == (4, 0) and page.index.text() == "4, 0"
    page.index.setFocus()
    page.index.selectAll()
    QTest.keyClicks(page.index, "7 1")
    QTest.keyClick(page.index, Qt.Key.Key_Return)
    assert page.element == (7, 1)
    assert page.map.accessibleName().startswith("fc1.grad_weight, 8×2: element [7, 1] is ")


@pytest.mark.parametrize(
    ("typed", "said"), [("8, 0", "no element [8, 0]"), ("one", "whole numbers"), ("1", "8×2")]
)
def test_an_index_that_is_not_there_is_said(open_example, typed, said):
    window = open_example("xor")
    page = explained(window).formula
    press(window, "run_backward")
    select(window, "fc1")
    choose(page, "grad_weight")
    before = page.element
    page.index.setFocus()
    page.index.selectAll()
    QTest.keyClicks(page.index, typed)
    QTest.keyClick(page.index, Qt.Key.Key_Return)
    assert said in page.notice.words.text() and page.notice.isVisibleTo(page)
    assert page.element == before


def test_an_edge_offers_its_value_and_the_gradient_that_comes_back(open_example, hands):
    window = open_example("xor")
    user = hands(window)
    page = explained(window).formula
    press(window, "run_backward")
    edge = next(item for item in window.canvas.graph_scene.edges.values() if item.edge.port == "input")
    user.click(edge.middle())
    window.engine.explain.follow()
    assert [page.quantity.itemText(i) for i in range(page.quantity.count())] == [
        "value", "gradient back", "whole gradient",
    ]  # fmt: skip
    choose(page, "gradient back")
    assert ".grad_" in page.key and page.explanation is not None


def test_a_group_offers_what_is_inside_of_it(open_example, qtbot):
    window = open_example("xor")
    document = window.document
    names = document.level.names
    document.push(GroupNodes((names["fc1"], names["act1"]), "block"))
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=30000)
    page = explained(window).formula
    press(window, "run_backward")
    select(window, "block")
    assert "fc1.output" in [page.quantity.itemText(i) for i in range(page.quantity.count())]


def test_a_node_that_does_not_run_says_why(open_example, qtbot):
    window = open_example("xor")
    window.canvas.editing.add_module("ReLU")
    name = list(window.document.level.names)[-1]
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=30000)
    explained(window)
    select(window, name)
    assert name in window.engine.explain.formula.nothing.text()


def test_an_empty_graph_says_that_there_is_nothing_yet(empty_window):
    page = empty_window.engine.explain.formula  # the start page has its room
    page.follow()
    assert page.nothing.isVisibleTo(page) and page.nothing.text()
    assert not page.area.isVisibleTo(page)


def test_all_of_it_is_copied_as_latex(open_example):
    window = open_example("chain_rule")
    page = explained(window).formula
    press(window, "run_backward")
    select(window, "b")
    choose(page, "grad_output")
    click(page.copy)
    copied = QApplication.clipboard().text()
    assert copied.startswith("\\begin{gather*}") and copied.endswith("\\end{gather*}")
    assert page.formula.latex in copied and r"3 \cdot 2 = 6" in copied
    assert page.paths.chain.latex in copied
    assert copied.count("\\\\\n") == copied.count("\n") - 2


def test_nothing_is_worked_out_while_the_panel_is_not_seen(open_example, monkeypatch):
    window = open_example("chain_rule")
    calls = []
    monkeypatch.setattr(formula_page, "explain", lambda *a: calls.append(a) or explain(*a))
    window.bottom.show_panel(window.engine.program)
    select_quietly = window.document.level.names["u"]
    window.canvas.select([select_quietly])
    for _ in range(3):
        window.actions_by_id["run_step"].trigger()
    QTest.qWait(60)
    assert not calls
    explained(window)
    press(window, "run_forward")
    assert calls


def test_every_view_is_reached_by_keys(open_example):
    window = open_example("chain_rule")
    panel = explained(window)
    panel.tabs.setFocus()
    seen = [panel.pages.currentWidget()]
    for _ in range(4):
        QTest.keyClick(panel.tabs, Qt.Key.Key_Right)
        seen.append(panel.pages.currentWidget())
    assert seen == [panel.formula, panel.jacobian, panel.curvature, panel.check, panel.diagnosis]
    assert view_of(panel, "Formula") is panel.formula
