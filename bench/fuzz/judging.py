"""Draw inputs, try each within a time limit, and keep what went wrong with its seed and the shortest input that shows it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

ROOT = str(Path(__file__).resolve().parents[2])
SHRINK_SECONDS = 10.0  # for the shortest input; Hypothesis alone would take up to five minutes
SHOWN = 600  # characters of an input that a report shows


class Fault(Exception):
    """What an input did that none may do. `sign`: the same for the same mistake."""

    def __init__(self, sign: str, says: str = "") -> None:
        super().__init__(f"{sign}: {says}" if says else sign)
        self.sign = sign


class Overdue(BaseException):
    """The time limit is over. No `except Exception` of whoever is tried may swallow it."""


class Enough(BaseException):
    """The search for a shorter input has taken long enough."""


@dataclass(frozen=True)
class Failure:
    """A fault, and how to see it again: `python -m bench.fuzz --only ENTRY --seed SEED`."""

    entry: str
    seed: int
    fault: str
    shown: str


@dataclass
class Entry:
    """A way into the product. `judge`: tries one drawn value, raises Fault, and returns how many inputs that was.

    `share`: of all inputs. `chunk`: values drawn under one seed.
    """

    name: str
    drawn: SearchStrategy[Any]
    judge: Callable[[Any], int]
    share: float
    chunk: int = 200
    inputs: int = 0
    seconds: float = 0.0
    signs: dict[str, int] = field(default_factory=dict)  # known faults and how often each came
    failures: list[Failure] = field(default_factory=list)

    def run(self, chunk_seed: int) -> Failure | None:
        """Try one chunk; the fault that is new, if one is. A known one is counted and not looked for again."""
        trial, began = Trial(self), time.monotonic()
        check = given(self.drawn)(trial.one)
        check = settings(
            max_examples=self.chunk, database=None, deadline=None, phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False, print_blob=False,
        )(seed(chunk_seed)(check))  # fmt: skip
        with contextlib.suppress(Exception, Enough):  # the trial has kept what it saw
            check()
        self.seconds += time.monotonic() - began
        if trial.fault is None:
            return None
        self.signs[trial.fault.sign] = self.signs.get(trial.fault.sign, 0) + 1
        self.failures.append(Failure(self.name, chunk_seed, str(trial.fault), trial.shown))
        return self.failures[-1]


class Trial:
    """The values of one chunk, one after the other. Keeps the shortest that showed a new fault."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.fault, self.shown, self.until = entry, None, "", 0.0  # type: tuple[Entry, Fault | None, str, float]

    def one(self, value: Any) -> None:
        if self.fault and time.monotonic() > self.until:
            raise Enough
        try:
            self.entry.inputs += self.entry.judge(value)
        except Fault as fault:
            self.entry.inputs += 1
            if fault.sign in self.entry.signs:
                self.entry.signs[fault.sign] += 1
                return
            self._keep(fault, repr(value))
            raise

    def _keep(self, fault: Fault, shown: str) -> None:
        if self.fault is None:
            self.until = time.monotonic() + SHRINK_SECONDS
        if self.fault is None or (fault.sign == self.fault.sign and len(shown) < len(self.shown)):
            self.fault, self.shown = fault, shown


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let something run for so many seconds of this process's processor, whatever else the machine does.

    Raises:
        Fault: it took longer.
    """
    signal.signal(signal.SIGPROF, _overdue)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    except Overdue as overdue:
        raise Fault(f"hang at {_place(overdue)}", f"more than {seconds:g} s of the processor") from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _overdue(_number: int, _frame: FrameType | None) -> None:
    raise Overdue


@contextlib.contextmanager
def nothing_but(*refusals: type[Exception]) -> Iterator[None]:
    """What is refused is fine; any other exception is a fault."""
    try:
        yield
    except Fault:
        raise
    except refusals as refusal:
        if not str(refusal).strip():
            raise Fault(f"{type(refusal).__name__} without a message at {_place(refusal)}") from refusal
    except Exception as error:
        raise Fault(f"{type(error).__name__} at {_place(error)}", str(error)[:200]) from error


def _place(error: BaseException) -> str:
    """Where in the product something came from: its innermost frame there."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(ROOT) and "/bench/" not in frame.filename]
    frame = (ours or frames)[-1]
    return f"{os.path.relpath(frame.filename, ROOT)}:{frame.lineno} {frame.name}"
