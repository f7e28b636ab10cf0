"""What a run needs, packed for the process that does it."""

import numpy as np

from nnstudio.shared_memory import Layout
from nnstudio.training.binding import BoundData
from nnstudio.training.job import Job
from nnstudio.training.settings import TrainingSettings


def test_what_is_unpacked_is_what_was_packed(network):
    x, t = np.arange(6.0).reshape(2, 3), np.array([[25.0], [346.0]])
    data = BoundData(
        {"x": x, "t": t}, task="numbers", unit=np.array([0.5]), title="houses", unscaled=(25.0, 346.0)
    )
    job = Job(network(3, 1), data, TrainingSettings(lr=0.3), {"fc1.weight": x[:1]}, run_state={"epoch": 2})
    arrays = job.arrays()
    layout = Layout.of(arrays)
    block = np.zeros(layout.size, np.uint8)
    layout.write(block, arrays)
    found = Job.unpacked(layout, block)
    assert (found.data.task, found.data.title, found.data.unscaled) == ("numbers", "houses", (25.0, 346.0))
    assert np.array_equal(found.data.train["t"], t) and found.data.unit == 0.5 and not found.data.test
    assert found.settings == job.settings and found.run_state == {"epoch": 2}
    assert np.array_equal(found.weights["fc1.weight"], x[:1])
    assert found.graph.to_dict() == job.graph.to_dict()
