"""Which process wrote a lock or an autosave, and whether it is still there."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Process:
    """A process on some machine; `started` tells it from a later one that was given the same number."""

    host: str
    pid: int
    started: str

    def is_gone(self) -> bool:
        """Whether it has certainly ended: one on another machine may always still run."""
        if self.host != socket.gethostname():
            return False
        return not _is_alive(self.pid) or self.started != _started(self.pid)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Process | None:
        """None where the fields are not those of a process."""
        host, pid, started = given.get("host"), given.get("pid"), given.get("started")
        if not isinstance(host, str) or not isinstance(started, str):
            return None
        return cls(host, pid, started) if type(pid) is int and 0 < pid < 2**31 else None


def this_process() -> Process:
    return Process(socket.gethostname(), os.getpid(), _started(os.getpid()))


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        # There os.kill(pid, 0) would end the process instead of asking for it.
        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def _started(pid: int) -> str:
    """When the process started, in ticks since the machine did, or nothing where the system does not tell."""
    try:
        # The name in brackets may itself hold spaces and brackets.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError, UnicodeDecodeError):
        return ""
