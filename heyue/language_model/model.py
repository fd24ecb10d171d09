"""The language model as the desk uses it: a task goes in, a checked line comes out, or none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol

import structlog

from heyue.language_model.breaker import Breaker
from heyue.language_model.concealed import warm_up
from heyue.language_model.endpoint import Answer, Endpoint, Message, NoAnswer
from heyue.language_model.limits import limits
from heyue.settings import LanguageModelSettings

logger = structlog.get_logger(__name__)
REACHED = ("used", "refused")


class Verdict(NamedTuple):
    """What the checks say of a reply: the line to say, or the rule that refuses it."""

    line: str | None
    refused_by: str | None = None


class Task(Protocol):
    """A line to be worded. `use`: practice, coach or bot."""

    @property
    def use(self) -> str: ...
    def messages(self) -> Sequence[Message]:
        """The question, with nothing in it that must not leave the house."""
    def judged(self, reply: str) -> Verdict:
        """The reply as a line to say, if every check lets it."""


class _Found(NamedTuple):
    """What became of a call. `outcome`: used, refused (`why`: by which check), timeout, fault, resting or busy."""

    outcome: str
    line: str | None = None
    why: str | None = None
    answer: Answer = Answer("")


class LanguageModel:
    """Words lines within the limits; every call is logged with its cost, never with its words."""

    def __init__(
        self, settings: LanguageModelSettings, endpoint: Endpoint | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._endpoint = endpoint or Endpoint(settings)
        self._clock = clock
        self._breaker = Breaker(clock)
        self._free = threading.BoundedSemaphore(limits().at_once)
        warm_up()

    def serves(self, use: str) -> bool:
        """Whether it is switched on for a use: practice, coach or bot."""
        return use in self._settings.uses

    def lines(self, tasks: Sequence[Task]) -> list[str | None]:
        """The lines of several tasks, asked for at the same time."""
        if not tasks:
            return []
        with ThreadPoolExecutor(len(tasks)) as pool:
            return list(pool.map(self.line, tasks))

    def line(self, task: Task) -> str | None:
        """The line that the model words for a task; None: the handwritten one stands."""
        if not self.serves(task.use):
            return None
        began = self._clock()
        found = self._tried(task)
        log = logger.info if found.outcome in REACHED else logger.warning
        log(
            "language_model.asked", use=task.use, outcome=found.outcome, why=found.why,
            milliseconds=round(1e3 * (self._clock() - began)), prompt_tokens=found.answer.prompt_tokens,
            completion_tokens=found.answer.completion_tokens, model=self._settings.model,
        )  # fmt: skip
        return found.line

    def _tried(self, task: Task) -> _Found:
        if not self._free.acquire(blocking=False):
            return _Found("busy")
        try:
            return self._asked(task) if self._breaker.lets_through() else _Found("resting")
        except Exception as error:  # whatever it is, the handwritten line is there
            self._breaker.note(is_fault=True)
            return _Found("fault", why=type(error).__name__)
        finally:
            self._free.release()

    def _asked(self, task: Task) -> _Found:
        try:
            answer = self._endpoint.ask(task.messages())
        except NoAnswer as none:
            self._breaker.note(is_fault=True)
            return _Found("timeout" if none.why == "timeout" else "fault", why=none.why)
        self._breaker.note(is_fault=False)
        verdict = task.judged(answer.text)
        if verdict.line is None:
            return _Found("refused", why=verdict.refused_by, answer=answer)
        return _Found("used", line=verdict.line, answer=answer)
