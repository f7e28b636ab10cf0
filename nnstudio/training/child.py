"""The main function of a training process; see ProcessCarrier."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from nnstudio.shared_memory import Layout, SharedMemory
from nnstudio.training.carriers import serve
from nnstudio.training.checkpoint import Checkpoint
from nnstudio.training.job import Job
from nnstudio.training.loop import Command, Message

NICENESS = 5
"""The window comes first."""


def main(told: Mapping[str, Any]) -> None:
    """Serves until stdin says close or ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the parent to decide on
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICENESS)
    # What anything prints must not end up between the messages.
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    parent = os.getppid()
    data, memory = SharedMemory.attach(told["data"]), SharedMemory.attach(told["memory"])
    commands: SimpleQueue[Command] = SimpleQueue()
    block = data.map(told["size"])
    data.close()
    job = Job.unpacked(Layout.from_list(json.loads(block[told["layout"] :].tobytes())), block)
    threading.Thread(target=_read, args=(commands,), daemon=True).start()

    def tell(message: Message) -> None:
        out.write(json.dumps(message) + "\n")

    def pack(checkpoint: Checkpoint) -> Message:
        return checkpoint.written(Path(told["folder"]))

    serve(job, commands, tell, memory.map, abandoned=lambda: os.getppid() != parent, pack=pack)
    os._exit(0)  # a reader thread is still waiting for the next line


def _read(commands: SimpleQueue[Command]) -> None:
    """Puts every line of stdin into the queue; at its end the parent is gone, so this goes too."""
    for line in sys.stdin.buffer:
        commands.put(json.loads(line))
    os._exit(0)
