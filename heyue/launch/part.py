"""One part of the product: a server in a process of its own."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from heyue.errors import Broken, Refused

HOST = "127.0.0.1"
TAIL_LINES = 15
SET_PARENT_DEATH_SIGNAL = 1  # prctl's PR_SET_PDEATHSIG


class PortTaken(Refused):
    """Something else listens where a part should."""


class PartFailed(Broken):
    """A part ended by itself, or does not answer."""


@dataclass(frozen=True)
class Part:
    """What to start and how to know that it answers. `option` is the option of `heyue run` that moves its port.

    `port`: None for a part that serves nobody; it counts as answering while it runs.
    """

    name: str
    command: tuple[str, ...]
    port: int | None = None
    health_path: str = ""
    option: str = ""

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def refuse_taken_port(part: Part) -> None:
    """Make sure that the part can listen.

    Raises:
        PortTaken: something listens there, or listening is not allowed.
    """
    if part.port is None:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, part.port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            own = " (a Heyue that runs already?)" if answers(part) else ""
            raise PortTaken(
                f"the {part.name} cannot listen on port {part.port} of {HOST}: {why}{own}. "
                f"Stop what listens there, or choose another port: {part.option} {part.port + 1000}"
            ) from None


def answers(part: Part) -> bool:
    """Whether the part answers its health check at this moment."""
    if part.port is None:
        return True
    try:
        return httpx.get(part.url + part.health_path, timeout=2, trust_env=False).status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


class RunningPart:
    """A started part. It leads a process group of its own, so that Ctrl-C in the terminal reaches only us."""

    def __init__(self, part: Part, folder: Path, environment: dict[str, str], log: Path) -> None:
        self.part, self.log = part, log
        with log.open("wb") as out:
            self.process = subprocess.Popen(  # a command of ours, without a shell  # nosec B603
                part.command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=dies_with_parent(),
            )  # fmt: skip

    def refuse_end(self) -> None:
        """Make sure that the part still runs.

        Raises:
            PartFailed: it ended by itself; the message holds the last lines of its log.
        """
        status = self.process.poll()
        if status is not None:
            how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
            raise PartFailed(f"the {self.part.name} {how}\n{last_lines(self.log)}")

    def signal_group(self, number: int) -> None:
        """Send a signal to the part and to everything it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the whole group has gone
            os.killpg(self.process.pid, number)


def fresh_log(folder: Path, name: str) -> Path:
    """Where the log of `name` goes; the log of the start before is kept beside it as .log.1.

    Raises:
        PartFailed: the folder cannot be written to.
    """
    log = folder / f"{name.replace(' ', '-')}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
    except OSError as error:
        raise PartFailed(f"the log {log} cannot be written: {error.strerror}") from error
    return log


def last_lines(log: Path) -> str:
    """The end of a log, and where the rest is."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join([f"last lines of {log}:", *(f"  | {line}" for line in lines or ["(empty)"])])


def dies_with_parent() -> Callable[[], None] | None:
    """What a child does before it becomes the part, so that even `kill -9` of the supervisor takes it along."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def arrange() -> None:
        libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return arrange
