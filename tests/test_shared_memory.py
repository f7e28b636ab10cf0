"""Shared memory and snapshots: whole however fast they are written, and whole when the writer is killed."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from nnstudio.shared_memory import Layout, SharedMemory
from nnstudio.training.snapshot import BATCHES, RING, SnapshotLayout, SnapshotReader, SnapshotWriter


def layout_for(parameters, optimizer=None, watched=0):
    return SnapshotLayout(Layout.of(parameters), Layout.of(optimizer or {}), watched)


def block_of(layout):
    return np.zeros(layout.size, np.uint8)


def test_a_layout_keeps_shapes_dtypes_and_alignment():
    arrays = {
        "a.weight": np.arange(6.0, dtype=np.float32).reshape(2, 3),
        "step": np.array(7.0),
        "empty": np.zeros((0, 4)),
        "labels": np.arange(5),
    }
    layout = Layout.from_list(Layout.of(arrays).to_list())
    block = np.zeros(layout.size, np.uint8)
    layout.write(block, arrays)
    for name, array in layout.copies(block).items():
        assert array.dtype == arrays[name].dtype
        np.testing.assert_array_equal(array, arrays[name])
    assert all(place.offset % 64 == 0 for place in layout.places)
    assert Layout.of({}).size == 0


def test_before_the_first_snapshot_there_is_none():
    layout = layout_for({})
    assert SnapshotReader(block_of(layout), layout).latest() is None


def test_the_newest_snapshot_wins():
    parameters = {"fc.weight": np.zeros((2, 3), np.float32)}
    layout = layout_for(parameters, {"velocity": np.zeros(6)}, watched=1000)
    block = block_of(layout)
    writer, reader = SnapshotWriter(block, layout), SnapshotReader(block, layout)
    for number in range(1, 6):
        writer.publish(
            {"step": number},
            {"fc.weight": np.full((2, 3), number)},
            {"velocity": np.full(6, -number)},
            {"act.output": np.full((4, 2), number, np.float32)},
        )
        snapshot = reader.latest(arrays=True)
        assert snapshot.sequence == number and snapshot.status == {"step": number}
        assert (snapshot.parameters["fc.weight"] == number).all()
        assert snapshot.parameters["fc.weight"].dtype == np.float32
        assert (snapshot.optimizer["velocity"] == -number).all()
        assert (snapshot.watched["act.output"] == number).all()
    assert reader.latest().parameters == {}


def test_what_is_watched_is_cut_to_the_room_there_is():
    layout = layout_for({}, watched=256)
    block = block_of(layout)
    writer, reader = SnapshotWriter(block, layout), SnapshotReader(block, layout)
    writer.publish({}, {}, {}, {"a": np.ones(16), "b": np.ones((100, 3)), "c": np.ones(1)})
    watched = reader.latest().watched
    assert {name: array.shape for name, array in watched.items()} == {"a": (16,), "b": (5, 3)}


def test_points_come_once_and_the_ring_forgets_the_oldest():
    layout = layout_for({})
    block = block_of(layout)
    writer, reader = SnapshotWriter(block, layout), SnapshotReader(block, layout)
    for step in range(10):
        writer.add_point(step, 0.1 * step, 1 / (step + 1), 0.1, 0.5)
    count, points = reader.points()
    assert count == 10 and points[:, 0].tolist() == list(range(10))
    writer.add_point(10, 1, 0.05, 0.1, 0.6)
    count, points = reader.points(count)
    assert count == 11 and points[:, 0].tolist() == [10]
    for step in range(11, RING + 500):
        writer.add_point(step, 0, 0, 0, 0)  # one batch each
    count, points = reader.points(count)
    assert count == RING + 500
    assert points[:, 0].tolist() == list(range(501, RING + 500)), "one row may be being written over"


def test_batches_are_told_by_themselves_until_they_are_written_over():
    layout = layout_for({})
    block = block_of(layout)
    writer, reader = SnapshotWriter(block, layout), SnapshotReader(block, layout)
    writer.begin_points(0, 0.0, 0.0)
    for step in range(1, 5):
        writer.add_batch(step, 10.0 * step, 0.1 / step)
    writer.add_point(4, 1.0, 25.0, 0.1, 2.0)
    count, points = reader.points()
    assert points.tolist() == [[step, step / 4, 10 * step, 0.1 / step, step / 2, 1] for step in range(1, 5)]
    for last in (4 + BATCHES, 6 + BATCHES):  # as many as there is room for, and two more
        writer.add_batch(last - 1, 1.0, 0.5)
        writer.add_batch(last, 2.0, 0.5)
        writer.add_point(last, last / 4, 7.0, 0.1, 3.0)
    _, points = reader.points(count)
    assert points[:, [0, 2, 5]].tolist() == [
        [4 + BATCHES, 7, BATCHES],
        [5 + BATCHES, 1, 1],
        [6 + BATCHES, 2, 1],
    ]


def test_no_snapshot_is_ever_torn():
    """A writer at full speed against a reader: every copy holds one number, in status and arrays alike."""
    parameters = {"w": np.zeros(20_000)}
    layout = layout_for(parameters, watched=8 * 20_000)
    block = block_of(layout)
    writer, reader = SnapshotWriter(block, layout), SnapshotReader(block, layout)
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            number += 1
            array = np.full(20_000, float(number))
            writer.publish({"number": number}, {"w": array}, {}, {"seen": array})

    thread = threading.Thread(target=write)
    thread.start()
    try:
        seen = set()
        patience = time.monotonic() + 60
        while len(seen) < 24 and time.monotonic() < patience:
            snapshot = reader.latest(arrays=True)
            if snapshot is None:
                continue
            number = snapshot.status["number"]
            assert (snapshot.parameters["w"] == number).all()
            assert (snapshot.watched["seen"] == number).all()
            seen.add(number)
    finally:
        stop.set()
        thread.join()
    assert len(seen) == 24


WRITER = """
import sys, numpy as np
from nnstudio.shared_memory import Layout, SharedMemory
from nnstudio.training.snapshot import SnapshotLayout, SnapshotWriter
layout = SnapshotLayout(Layout.of({"w": np.zeros(200_000)}), Layout(()), 0)
writer = SnapshotWriter(SharedMemory.attach(sys.argv[1]).map(layout.size), layout)
print("ready", flush=True)
number = 0
while True:
    number += 1
    writer.publish({"number": number}, {"w": np.full(200_000, float(number))}, {})
"""


@pytest.mark.parametrize("delay", [0.05, 0.0731, 0.0917])
def test_a_writer_killed_in_the_middle_leaves_a_whole_snapshot(delay):
    layout = layout_for({"w": np.zeros(200_000)})
    memory = SharedMemory.create()
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, memory.token], stdout=subprocess.PIPE, pass_fds=memory.descriptors
    )
    with child:
        assert child.stdout.readline() == b"ready\n"
        reader = SnapshotReader(memory.map(layout.size), layout)
        patience = time.monotonic() + 60
        while not reader.sequence and time.monotonic() < patience:
            time.sleep(0.001)
        time.sleep(delay)  # wherever it is by then
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    snapshot = reader.latest(arrays=True)
    memory.close()
    memory.close()
    assert snapshot.status["number"] == snapshot.sequence
    assert (snapshot.parameters["w"] == snapshot.sequence).all()


def test_closing_the_handle_gives_the_descriptor_back_and_keeps_the_arrays():
    memory = SharedMemory.create()
    (descriptor,) = memory.descriptors
    array = memory.map(100)
    array[:] = 3
    memory.close()
    with pytest.raises(OSError):
        os.fstat(descriptor)
    assert array.sum() == 300
