"""Where a case stands when outreach looks at it, and what outreach decides to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from heyue.records import Case, RecordedPromise

SUBJECTS = ("remind:", "courtesy:", "promise_")  # how the ids of outreach's messages begin
EXPECT_AN_ANSWER = ("reminder", "promise_broken")  # kinds; others tell something


@dataclass(frozen=True)
class Way:
    """An address of the borrower. `heard_at`: when he last wrote from there."""

    channel: str
    address: str = field(repr=False)
    is_usable: bool = True
    heard_at: datetime | None = None


@dataclass(frozen=True)
class Notice:
    """A message that the bot wrote of its own accord. `at`: sent, or due while it waits.

    `is_counted`: it waits, or may have reached the borrower; else it lapsed or was withheld or refused.
    `is_lost`: the provider refused it, or reported that it did not arrive.
    """

    message_id: str
    kind: str
    channel: str
    at: datetime
    is_counted: bool = True
    is_lost: bool = False


@dataclass(frozen=True)
class Standing:
    """One case. `promises`: settled as of now; `notices` and `heard` (the borrower's messages): in order of time."""

    case: Case
    owed_fen: int
    promises: Sequence[RecordedPromise] = ()
    ways: Sequence[Way] = ()
    notices: Sequence[Notice] = ()
    heard: Sequence[datetime] = ()
    last_paid_at: datetime | None = None

    @property
    def heard_at(self) -> datetime | None:
        """When the borrower last wrote."""
        return self.heard[-1] if self.heard else None

    def unanswered(self) -> list[Notice]:
        """The notices that expect an answer and have got none, whatever it would be about."""
        return [
            each
            for each in self.notices
            if each.kind in EXPECT_AN_ANSWER
            and each.is_counted
            and (self.heard_at is None or each.at > self.heard_at)
        ]

    def about(self, subject: str) -> list[Notice]:
        """The notices of one subject that count: their ids begin with it."""
        return [each for each in self.notices if each.is_counted and each.message_id.startswith(f"{subject}:")]


@dataclass(frozen=True)
class Send:
    """A message is due on `day`. `subject`: what it is about; one message a subject and day. `wording`: of templates.yml.

    `number`: how often it was said before. `promise`: the one that it is about. `tried`: the notices that nobody answered.
    """

    kind: str
    subject: str
    wording: str
    day: date
    number: int = 0
    promise: RecordedPromise | None = None
    tried: Sequence[Notice] = ()

    @property
    def message_id(self) -> str:
        return f"{self.subject}:{self.day.isoformat()}"


def day_of_message(message_id: str) -> date | None:
    """The day for which outreach planned this message; None for a message of somebody else."""
    subject, _, day = message_id.rpartition(":")
    if not subject.startswith(SUBJECTS):
        return None
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None


@dataclass(frozen=True)
class CallHuman:
    """A person has to go on. `task`: follow_up, or check_contact (the contact data). `why`: of outreach.yml."""

    task: str
    why: str


@dataclass(frozen=True)
class Rest:
    """Nothing is due. `why`: of outreach.yml. `until`: the day on which that changes, where it is known."""

    why: str
    until: date | None = None


Step = Send | CallHuman | Rest
