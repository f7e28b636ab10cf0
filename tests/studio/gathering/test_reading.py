"""Reading a file: how far it is, stopping it, a file that has moved, and what need not be read again."""

import threading

import pytest

from nnstudio.data import DataSettings, csv_text
from nnstudio.data.csv_preview import preview_table
from nnstudio.project.edits import SetData


@pytest.fixture
def slow(monkeypatch):
    """Reading waits at each block until it is let on."""
    gate = threading.Semaphore(0)
    blocks = csv_text.text_blocks

    def gated(*args, **named):
        for block in blocks(*args, **named):
            gate.acquire(timeout=20)
            yield block

    monkeypatch.setattr(csv_text, "_BLOCK_BYTES", 1000)
    monkeypatch.setattr("nnstudio.data.csv_table.text_blocks", gated)
    yield gate
    for _ in range(10_000):
        gate.release()


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,b,y\n" + "\n".join(f"{n + 9},{n / 7:.3f},{n % 2}" for n in range(4000)))
    return path


def test_how_far_it_is_and_stopping(gatherer, table, slow, qtbot):
    notice = gatherer.panel.notice
    gatherer.document.push(SetData(DataSettings(f"csv:{table}")))
    for _ in range(40):
        slow.release()
    qtbot.waitUntil(lambda: notice.bar.isVisible() and notice.bar.value() > 200, timeout=30000)
    assert notice.words.text() == "Reading rows.csv…" and notice.bar.value() < 1000
    gatherer.press(notice.button("Stop"))
    slow.release()
    gatherer.settle()
    assert gatherer.samples.stopped and gatherer.samples.splits is None
    assert notice.words.text() == "Reading rows.csv was stopped." and not notice.bar.isVisible()
    for _ in range(1000):
        slow.release()
    gatherer.press(notice.button("Read it"))
    gatherer.settle()
    assert gatherer.samples.dataset.samples == 4000 and not gatherer.samples.stopped
    qtbot.waitUntil(lambda: notice.words.text() != "Reading rows.csv…", timeout=30000)


def test_other_settings_stop_what_is_being_read(gatherer, table, slow):
    gatherer.document.push(SetData(DataSettings(f"csv:{table}")))
    gatherer.document.push(SetData(DataSettings("xor")))
    for _ in range(30):  # of the hundred blocks that there are
        slow.release()
    gatherer.settle()
    assert gatherer.samples.dataset.name == "xor"


def test_a_large_file_is_read_by_another_process_after_its_beginning(gatherer, table, monkeypatch):
    def not_here(*_given, **_named):
        raise AssertionError("it is read beside the window")

    looks = []

    def beginning(path, size, options, whole, progress):
        assert not whole, "all of it is looked at beside the window"
        looks.append(preview_table(path, size, options, whole, progress))
        return looks[-1]

    monkeypatch.setattr("nnstudio.data.apart.LARGE", 1000)
    monkeypatch.setattr(csv_text, "_BLOCK_BYTES", 1000)
    monkeypatch.setattr("nnstudio.data.preview.preview_table", beginning)
    monkeypatch.setattr("nnstudio.data.apart.load", not_here)
    dialog = gatherer.look_at(table)
    assert [look.complete for look in looks] == [False] and 1000 <= looks[0].rows < 1100
    assert dialog.sentence.text() == "4,000 rows · 2 inputs, target y"
    gatherer.take()
    assert gatherer.samples.dataset.samples == 4000 and gatherer.samples.sentence == ""
    assert gatherer.panel.rows.rowCount() == 4000 and gatherer.panel.balance.tells


def test_a_file_is_not_read_again_for_other_parts(gatherer, table, monkeypatch):
    gatherer.document.push(SetData(DataSettings(f"csv:{table}")))
    gatherer.settle()
    first = gatherer.samples.dataset
    gatherer.document.push(SetData(DataSettings(f"csv:{table}", validation=0.3)))
    gatherer.settle()
    assert gatherer.samples.dataset is first and len(gatherer.samples.splits.validation) == 1200
    table.write_text("a,b,y\n1,2,3\n4,5,6\n7,8,9\n")
    gatherer.document.push(SetData(DataSettings(f"csv:{table}", validation=0.0)))
    gatherer.settle()
    assert gatherer.samples.dataset.samples == 3


def test_a_file_that_has_moved_can_be_found(gatherer, table, tmp_path):
    gatherer.document.push(SetData(DataSettings("csv:/long/gone/rows.csv", validation=0.25, task="classes")))
    gatherer.settle()
    notice = gatherer.panel.notice
    assert "There is no file" in notice.words.text() and "rows.csv" in notice.words.text()
    gatherer.panel.ask_file = lambda: str(table)
    gatherer.press(notice.button("Find it…"))
    gatherer.settle()
    assert gatherer.samples.dataset.samples == 4000 and gatherer.undo_text == "Find rows.csv"
    assert (gatherer.data.validation, gatherer.data.task) == (0.25, "classes")
    gatherer.document.undo()
    assert gatherer.data.source == "csv:/long/gone/rows.csv"


def test_a_file_that_has_come_along_with_the_project_is_offered(gatherer, table, tmp_path):
    gatherer.document.save(tmp_path / "net.nns")
    gatherer.document.push(SetData(DataSettings("csv:/long/gone/rows.csv")))
    gatherer.settle()
    gatherer.press(gatherer.panel.notice.button("Use the one found"))
    gatherer.settle()
    assert gatherer.data.source == "csv:rows.csv" and gatherer.samples.dataset.samples == 4000


def test_without_its_data_the_graph_can_be_edited(gatherer):
    from nnstudio.graph import SetSetting

    gatherer.document.push(SetData(DataSettings("csv:gone.csv")))
    gatherer.settle()
    level = gatherer.document.level
    assert gatherer.document.push(SetSetting(level.names["fc1"], "out_features", 5))
    assert gatherer.document.graph.shapes()[level.names["fc1"]] == ("N", 5)
    assert gatherer.document.statements
    assert not [each for each in gatherer.document.problems if each.severity == "error"]


def test_a_file_beside_the_project_is_kept_by_its_name_alone(gatherer, table, tmp_path):
    gatherer.document.save(tmp_path / "net.nns")
    gatherer.look_at(table)
    gatherer.take()
    assert gatherer.data.source == "csv:rows.csv" and gatherer.samples.dataset.samples == 4000
