"""What the stand-ins of SMS providers have in common: messages that were taken, their reports, and borrowers who write."""

from __future__ import annotations

import itertools
import re
import threading
import time
from abc import abstractmethod
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from heyue.provider_sim.loopback import Loopback

RETRIES, ANSWER_SECONDS = 3, 10.0
FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Sms:
    """A message that was taken. `message_id`: the sender's; `report_to`: where reports of it go, if it said so."""

    number: str
    text: str
    message_id: str
    provider_id: str
    report_to: str = ""


@dataclass
class SmsProvider(Loopback):
    """`callback`: where the bot takes this provider's callbacks, without what each is called.

    `templates`: the approved ones by their id, fields in braces. `reports_itself`: each message is reported as delivered.
    `refusers`: numbers that take no messages of ours. `most_per_second`: so many are taken.
    """

    callback: str = ""
    templates: dict[str, str] = field(default_factory=dict)
    sent: list[Sms] = field(default_factory=list)
    refusers: set[str] = field(default_factory=set)
    reports_itself: bool = False
    most_per_second: int | None = None
    unanswered: int = 0  # callbacks that the bot never acknowledged

    def __post_init__(self) -> None:
        self._numbers = itertools.count(10_000_001)
        self._taken_at: deque[float] = deque()
        self._lock = threading.Lock()

    # what borrowers and networks do

    def say(self, number: str, text: str) -> httpx.Response:
        """A borrower writes."""
        return self.push_said([self.said(number, text)])

    @abstractmethod
    def said(self, number: str, text: str) -> dict[str, Any]:
        """A borrower's message that is not pushed yet."""

    @abstractmethod
    def push_said(self, messages: list[dict[str, Any]]) -> httpx.Response:
        """Push messages to the bot, again while it does not acknowledge them."""

    @abstractmethod
    def report(self, sms: Sms, code: str | None = None) -> httpx.Response:
        """Report what became of a message: delivered, or failed with a code."""

    def seen_by(self, number: str) -> list[str]:
        """What a borrower has got, in order."""
        return [each.text for each in self.sent if each.number == number]

    # what the stand-ins use

    def number(self) -> int:
        """A number that was not given before."""
        return next(self._numbers)

    def keep(self, number: str, text: str, message_id: str, report_to: str = "") -> Sms:
        """Take a message."""
        sms = Sms(number, text, message_id, f"{self.number()}^0", report_to)
        self.sent.append(sms)
        if self.reports_itself:
            threading.Timer(0.2, self.report, (sms, None)).start()
        return sms

    def is_too_fast(self) -> bool:
        """Whether more is asked in this second than is taken."""
        with self._lock:
            now = time.monotonic()
            while self._taken_at and self._taken_at[0] < now - 1:
                self._taken_at.popleft()
            if self.most_per_second is not None and len(self._taken_at) >= self.most_per_second:
                return True
            self._taken_at.append(now)
            return False

    def filled(self, template_id: str, values: Mapping[str, str]) -> str | None:
        """The text of a template; None when a field has no value.

        Raises:
            KeyError: there is no such template.
        """
        text = self.templates[template_id]
        if set(FIELD.findall(text)) - set(values):
            return None
        return FIELD.sub(lambda found: values[found[1]], text)

    def push(self, url: str, is_good: Any, **request: Any) -> httpx.Response:
        """Ask the bot until its answer is good, at most four times."""
        answer = httpx.Response(0)
        for _ in range(1 + RETRIES):
            try:
                answer = httpx.post(url, timeout=ANSWER_SECONDS, **request)
            except httpx.HTTPError:
                continue
            if answer.status_code == 200 and is_good(answer):
                return answer
        self.unanswered += 1
        return answer


def plain_number(number: str) -> str:
    """A number of China without its country."""
    return re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", number)
