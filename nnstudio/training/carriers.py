"""Carriers: what a session runs a loop in: a process of its own, or a thread where there can be none."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import weakref
from collections import deque
from queue import SimpleQueue
from typing import IO, Any, Protocol

import numpy as np

from nnstudio.errors import Error
from nnstudio.shared_memory import Array, Layout, SharedMemory
from nnstudio.training.checkpoint import read
from nnstudio.training.job import Job
from nnstudio.training.loop import Command, Loop, Message

_START = (
    "import sys, json; told = json.loads(sys.argv[1]); sys.path[:] = told['path']; "
    "from nnstudio.training.child import main; main(told)"
)
_SECONDS_TO_LEAVE = 2.0


class Carrier(Protocol):
    """What a session asks of a process or a thread."""

    @property
    def kind(self) -> str:
        """ "process" or "thread"."""
        ...

    def send(self, command: Command) -> None:
        """Hands a command over without waiting."""
        ...

    def messages(self) -> list[Message]:
        """What the loop has told since this was asked last."""
        ...

    def block(self, size: int) -> Array:
        """The memory of the snapshots."""
        ...

    def ended(self) -> str | None:
        """None while it lives; else how it ended, in words."""
        ...

    def close(self) -> None:
        """Ends it, by force where it does not go by itself."""
        ...


class ProcessCarrier:
    """A loop in a new process.

    It is a fresh interpreter that is told what to import, and not multiprocessing's spawn: that would run the
    caller's main script again (which may be a notebook, or have no `if __name__ == "__main__"`), and would
    start a resource tracker as one more process. Commands go to its stdin and messages come from its stdout,
    one JSON object a line. When this process dies, however it does, stdin ends, and so does the child.
    """

    kind = "process"

    def __init__(self, job: Job) -> None:
        self._memory = SharedMemory.create()
        data = SharedMemory.create()
        arrays = job.arrays()
        layout = Layout.of(arrays)
        text = json.dumps(layout.to_list()).encode()
        block = data.map(layout.size + len(text))
        layout.write(block, arrays)
        block[layout.size :] = np.frombuffer(text, np.uint8)
        # Checkpoints are too large for a line: each comes in a file that is read and taken away at once.
        self._folder = tempfile.mkdtemp(prefix="nnstudio-")
        told = {
            "folder": self._folder,
            "path": [os.path.abspath(each) for each in sys.path],
            "memory": self._memory.token,
            "data": data.token,
            "layout": layout.size,
            "size": len(block),
        }
        self._errors: IO[bytes] = tempfile.TemporaryFile(prefix="nnstudio-")  # noqa: SIM115 - _end closes it
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, json.dumps(told)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                pass_fds=(*self._memory.descriptors, *data.descriptors),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except BaseException:
            self._errors.close()
            self._memory.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        finally:
            data.close()
        self._mapped: Any = block  # on Windows the data lives only as long as somebody maps it
        self._messages: deque[Message] = deque()
        self._silent = threading.Event()
        self._reader = threading.Thread(
            target=_read, args=(self._process.stdout, self._messages, self._silent), daemon=True
        )
        self._reader.start()
        self._end = weakref.finalize(
            self, _end, self._process, self._reader, self._errors, self._memory, self._folder
        )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def send(self, command: Command) -> None:
        """Writes one line; into the pipe of a dead process goes nothing, which ended() then says."""
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError, ValueError):
            stdin.write(json.dumps(command).encode() + b"\n")
            stdin.flush()

    def messages(self) -> list[Message]:
        """What the loop has told since this was asked last."""
        found: list[Message] = []
        while self._messages:
            found.append(self._messages.popleft())
        if found:
            self._mapped = None  # it speaks, so it has mapped the data itself
        return found

    def block(self, size: int) -> Array:
        """The memory of the snapshots."""
        return self._memory.map(size)

    def ended(self) -> str | None:
        """How the process ended; None while it runs or while what it said last is still to be read."""
        if not self._silent.is_set() or self._messages:
            return None
        code = self._process.poll()
        if code is None:
            return None
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = str(-code)
            return f"was killed by signal {-code} ({name})"
        said = self._last_words()
        return f"ended with code {code}" + (f", saying {said!r}" if said else "")

    def close(self) -> None:
        """Asks the process to go, waits a moment, and kills it where it stays."""
        self.send({"do": "close"})
        self._end()

    def _last_words(self) -> str:
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 2000))
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else ""


def _read(stdout: IO[bytes], messages: deque[Message], silent: threading.Event) -> None:
    """Takes messages off the pipe at once, so that the process never waits for whoever polls."""
    with contextlib.suppress(OSError, ValueError):
        for line in stdout:
            message = json.loads(line)
            if message["is"] == "checkpoint":
                message["checkpoint"] = read(message["checkpoint"])
            messages.append(message)
    silent.set()


def _end(
    process: subprocess.Popen[bytes],
    reader: threading.Thread,
    errors: IO[bytes],
    memory: SharedMemory,
    folder: str,
) -> None:
    """Leaves no process, no zombie, no thread and no file behind."""
    assert process.stdin is not None and process.stdout is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(_SECONDS_TO_LEAVE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    reader.join(_SECONDS_TO_LEAVE)
    if not reader.is_alive():
        process.stdout.close()
    errors.close()
    memory.close()
    shutil.rmtree(folder, ignore_errors=True)


class ThreadCarrier:
    """A loop in a thread of this process: the same to look at, but slower beside a busy window."""

    kind = "thread"

    def __init__(self, job: Job) -> None:
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._messages: deque[Message] = deque()
        self._block: Array = np.zeros(0, np.uint8)
        self._thread = threading.Thread(
            target=self._serve, args=(job,), name="nnstudio training", daemon=True
        )
        self._thread.start()

    def send(self, command: Command) -> None:
        """Puts it into the loop's queue."""
        self._commands.put(command)

    def messages(self) -> list[Message]:
        """What the loop has told since this was asked last."""
        found: list[Message] = []
        while self._messages:
            found.append(self._messages.popleft())
        return found

    def block(self, size: int) -> Array:
        """The memory of the snapshots."""
        return self._block

    def ended(self) -> str | None:
        """How the thread ended."""
        return None if self._thread.is_alive() or self._messages else "ended"

    def close(self) -> None:
        """Asks the thread to go; it does so after the batch it is in."""
        self.send({"do": "close"})
        self._thread.join(_SECONDS_TO_LEAVE)

    def _serve(self, job: Job) -> None:
        serve(job, self._commands, self._messages.append, self._allocate)

    def _allocate(self, size: int) -> Array:
        self._block = np.zeros(size, np.uint8)
        return self._block


def serve(job: Job, commands: SimpleQueue[Command], tell: Any, memory: Any, **more: Any) -> None:
    """Builds the trainer and runs the loop; what goes wrong is told in one sentence."""
    try:
        Loop(job.trainer(), commands, tell, memory, **more).serve()
    except Error as problem:
        tell({"is": "state", "state": "failed", "sentence": str(problem)})
    except MemoryError:
        tell(
            {"is": "state", "state": "failed", "sentence": "There is not enough memory to train this graph."}
        )
    except Exception as problem:  # a fault of ours: the studio must hear of it all the same
        traceback.print_exc()
        sentence = f"Training failed by a fault of the program: {problem!r}."
        tell({"is": "state", "state": "failed", "sentence": sentence})
