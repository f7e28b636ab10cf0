"""The installed Qt binding itself: what a bad release of it once broke."""

import sys

from PySide6.QtCore import QObject, Signal, Slot


class Bell(QObject):
    rang = Signal()
    told = Signal(object)


def test_emitting_leaves_the_reference_counts_of_none_and_true_alone():
    """PySide6 6.12.0 on Python before 3.12 lost one reference a call, and aborted the studio in the end."""
    heard = []
    bell = Bell()

    @Slot()
    def hear() -> None:
        heard.append(None)

    bell.rang.connect(hear)
    bell.told.connect(heard.append)
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(20_000):
        bell.rang.emit()
        bell.told.emit(True)
    assert len(heard) == 40_000
    heard.clear()
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert abs(after[0] - before[0]) < 1_000
    assert abs(after[1] - before[1]) < 1_000
