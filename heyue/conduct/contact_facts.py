"""What the contact gate judges: a message, and what is known of the debtor at that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from heyue.conduct.contact_policy import ChannelRules, ContactPolicy, Kind
from heyue.records import Case
from heyue.settings import ZONE

DEBTOR = "debtor"
NEVER_HEARD = datetime.min.replace(tzinfo=ZONE)


@dataclass(frozen=True)
class Contact:
    """A message as it would reach the borrower at `at`. `overridden`: rules that a human breaks with a reason.

    `parameters`: what the provider fills the template with; `text` is what is judged, so they must stand in it.
    """

    channel: str
    kind: str
    text: str = field(repr=False)
    at: datetime = field()
    template: str | None = None
    overridden: frozenset[str] = frozenset()
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Touch:
    """A message or talk that the lender's side began with this debtor, on whatever case and channel."""

    at: datetime
    channel: str
    by_human: bool


@dataclass(frozen=True)
class Known:
    """What is known of the debtor when the gate judges. None: it is not known, and then the answer is no.

    `owed_fen`: what is left to pay. `role`: whose the address is. `stops`: states of all cases of the debtor and since
    when; those of other cases only where they hold for the person. `opt_outs`: channels he refused and since when.
    `opted_out_since`: he did so after the message that this one answers, or after a person wrote it.
    `has_promise`: a promise stands. `last_interruption`: the last day that began the limitation period anew.
    `held_by_human`: a person has the talk that the message answers in; unasked, any of the case. `last_heard_at`: his last
    message on this channel (NEVER_HEARD: none); `answered`: our free messages since then. `touches`: of the last 7 days.
    `is_first`: nothing was said to this address yet in this contact. `ledger_fen`: the sums that may be named.
    `broken_rules`: of the line check.
    """

    can_send: bool | None = None
    case: Case | None = None
    owed_fen: int | None = None
    role: str | None = None
    address_state: str | None = None
    stops: Mapping[str, datetime] | None = None
    opt_outs: Mapping[str, datetime] | None = None
    opted_out_since: bool | None = None
    has_promise: bool | None = None
    last_interruption: date | None = None
    held_by_human: bool | None = None
    last_heard_at: datetime | None = None
    answered: int | None = None
    touches: Sequence[Touch] | None = None
    is_first: bool | None = None
    is_verified: bool | None = None
    ledger_fen: frozenset[int] | None = None
    broken_rules: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Question:
    """One message with all that the checks look at."""

    contact: Contact
    known: Known
    policy: ContactPolicy
    kind: Kind
    channel: ChannelRules

    @property
    def by_bot(self) -> bool:
        return self.kind.by == "bot"

    @property
    def answers(self) -> bool:
        """Whether it answers the borrower's own message: then neither hours, caps, stops nor opt-outs count."""
        if self.kind.answers or self.by_bot:
            return self.kind.answers
        heard_at = self.known.last_heard_at
        return heard_at is not None and self.contact.at - heard_at < timedelta(hours=self.policy.answer_hours)

    @property
    def is_proactive(self) -> bool:
        return not self.answers

    def since(self, days: int) -> date:
        """The first of so many days of which the message's is the last."""
        return self.contact.at.astimezone(ZONE).date() - timedelta(days=days - 1)

    def touches(self, days: int, channel: str | None = None, by_bot: bool = False) -> int | None:
        """How often the debtor was contacted in so many days; None where it is not known."""
        if self.known.touches is None:
            return None
        return sum(
            each.at.astimezone(ZONE).date() >= self.since(days)
            and channel in (None, each.channel)
            and not (by_bot and each.by_human)
            for each in self.known.touches
        )
