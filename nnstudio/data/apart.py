"""Long reading in a process of its own, so that a window beside it stays quick.

A thread would do were it not for the interpreter's lock: numpy's text reader holds it for a whole block, and
each time the window comes back from Qt it waits for that. What is read comes back through shared memory, and
so costs no copy.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import IO, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.files import Progress, report
from nnstudio.data.loading import fingerprint, load
from nnstudio.data.parting import Splits, split
from nnstudio.data.settings import DataSettings
from nnstudio.errors import DataError
from nnstudio.shared_memory import Layout, SharedMemory

Result = TypeVar("Result")
LARGE = 1 << 22
"""Bytes of a file that are worth a process."""
MANY = 500
"""Files of a folder that are."""
_PATIENCE = 0.1  # seconds until it is asked again whether reading goes on
_TELL_EVERY = 0.1  # seconds; each word of progress wakes threads beside the window, which then waits for them
_START = (
    "import sys, json; told = json.loads(sys.argv[1]); sys.path[:] = told['path']; "
    "from nnstudio.data.apart import main; main(told)"
)


def takes_long(source: str, folder: str | PathLike[str] | None = None) -> bool:
    """Whether reading a source such as "csv:iris.csv" should be done apart."""
    marks = fingerprint(source, folder) or ()
    return len(marks) > MANY or sum(mark[2] for mark in marks) >= LARGE


def load_and_split(
    settings: DataSettings,
    folder: Path | None = None,
    dtype: str = "float32",
    progress: Progress | None = None,
) -> Splits:
    """load() and split(); `progress` tells how much of the file is read."""

    def goes_on(_done: int, _total: int) -> bool:
        return progress is None or progress(1, 1)

    return split(load(settings, folder, progress), settings, dtype, goes_on)


def apart(work: Callable[..., Result], *given: Any, name: str, progress: Progress) -> Result:
    """work(*given, progress=progress) in a new process, or here where none can be started.

    `work` is a function of a module, with no arrays among what is given to it; an Error that it raises is
    raised here. By a False of `progress` it ends at once: Cancelled, which names what was read.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        return work(*given, progress=progress)
    memory = SharedMemory.create()
    told = json.dumps({"path": [os.path.abspath(each) for each in sys.path], "memory": memory.token})
    with tempfile.TemporaryFile(prefix="nnstudio-") as errors:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, told],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                pass_fds=memory.descriptors,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            memory.close()
            return work(*given, progress=progress)
        lines: SimpleQueue[bytes] = SimpleQueue()
        reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
        reader.start()
        try:
            _hand_over(process, pickle.dumps((work, given)))
            size = _followed(process, lines, errors, lambda done, total: report(progress, done, total, name))
            return _received(memory, size)
        finally:
            _end(process, reader)
            memory.close()


def _hand_over(process: subprocess.Popen[bytes], job: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # where it is gone already the end of its stdout tells
        process.stdin.write(len(job).to_bytes(8, "little") + job)
        process.stdin.flush()


def _followed(
    process: subprocess.Popen[bytes],
    lines: SimpleQueue[bytes],
    errors: IO[bytes],
    seen: Callable[[int, int], None],
) -> int:
    """Follow it to its end: how many bytes there are for us then."""
    done, total = 0, 1
    while True:
        with contextlib.suppress(Empty):
            line = lines.get(timeout=_PATIENCE)
            if not line:
                raise DataError(_how_it_ended(process, errors))
            message = json.loads(line)
            if "size" in message:
                return message["size"]
            done, total = message["done"], message["total"]
        seen(done, total)


def _how_it_ended(process: subprocess.Popen[bytes], errors: IO[bytes]) -> str:
    code = process.wait()
    errors.seek(0)
    words = errors.read().decode(errors="replace").strip().splitlines()
    said = f", saying {words[-1][:200]!r}" if words else "; perhaps there is not enough memory"
    return f"The process that read the data ended with code {code}{said}."


def _read(stdout: IO[bytes], lines: SimpleQueue[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stdout:
            lines.put(line)
    lines.put(b"")


def _end(process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
    """It has nothing left to do, and leaves no process, thread or pipe behind."""
    assert process.stdin is not None and process.stdout is not None
    process.kill()
    process.wait()
    with contextlib.suppress(OSError):
        process.stdin.close()
    reader.join()
    process.stdout.close()


# -- what goes over: arrays in shared memory, the rest pickled beside them


class _Pickler(pickle.Pickler):
    """Puts arrays aside, each once."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.arrays: dict[str, NDArray[Any]] = {}
        self._names: dict[int, str] = {}

    def persistent_id(self, obj: Any) -> str | None:
        if not isinstance(obj, np.ndarray):
            return None
        array = cast("NDArray[Any]", obj)
        name = self._names.setdefault(id(array), str(len(self._names)))
        self.arrays[name] = array
        return name


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arrays: dict[str, NDArray[Any]]) -> None:
        super().__init__(file)
        self._arrays = arrays

    def persistent_load(self, pid: str) -> NDArray[Any]:
        return self._arrays[pid]


def _packed(what: Any) -> tuple[bytes, dict[str, NDArray[Any]]]:
    file = io.BytesIO()
    pickler = _Pickler(file)
    pickler.dump(what)
    return file.getvalue(), pickler.arrays


def _send(memory: SharedMemory, what: Any) -> tuple[NDArray[np.uint8], int]:
    """Put it into the memory: the memory, to be kept until it is mapped on the other side, and its size.

    Layout: the arrays, the pickle, the places of both as JSON, and 8 bytes with the length of that.
    """
    text, arrays = _packed(what)
    arrays = {**arrays, "": np.frombuffer(text, np.uint8)}
    layout = Layout.of(arrays)
    tail = json.dumps(layout.to_list()).encode()
    tail += len(tail).to_bytes(8, "little")
    size = layout.size + len(tail)
    block = memory.map(size)
    layout.write(block, arrays)
    block[layout.size :] = np.frombuffer(tail, np.uint8)
    return block, size


def _received(memory: SharedMemory, size: int) -> Any:
    block = memory.map(size)
    length = int.from_bytes(block[-8:].tobytes(), "little")
    arrays = Layout.from_list(json.loads(block[-8 - length : -8].tobytes())).views(block)
    result, error = _Unpickler(io.BytesIO(arrays.pop("").tobytes()), arrays).load()
    if error is not None:
        raise error
    return result


# -- the other side


def main(told: dict[str, Any]) -> None:
    """What the process does: one job from stdin, lines about its progress to stdout, and then its size."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the parent to decide on
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(5)  # the window comes first
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    memory = SharedMemory.attach(told["memory"])
    length = int.from_bytes(sys.stdin.buffer.read(8), "little")
    work, given = pickle.loads(sys.stdin.buffer.read(length))

    told_at = -_TELL_EVERY

    def progress(done: int, total: int) -> bool:
        nonlocal told_at
        now = monotonic()
        if now - told_at >= _TELL_EVERY or done >= total:
            told_at = now
            out.write(json.dumps({"done": done, "total": total}) + "\n")
        return True

    try:
        answer = (work(*given, progress=progress), None)
    except (DataError, MemoryError) as error:
        answer = (None, error)
    block, size = _send(memory, answer)
    out.write(json.dumps({"size": size}) + "\n")
    sys.stdin.buffer.read()  # the other side has it now, or is gone
    del block
