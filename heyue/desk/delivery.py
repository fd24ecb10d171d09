"""The use cases of sending: a message is judged, queued, claimed, given to its provider, and its fate is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from heyue.conduct.contact_gate import Verdict
from heyue.delivery.sender import DeliveryReport, ProviderState, Sender
from heyue.desk.base import DeskBase
from heyue.records import OutboundMessage


@dataclass(frozen=True)
class Decision:
    """What became of a message that somebody wants to send. `state`: of the outbox; withheld: it is not queued."""

    message_id: str
    state: str
    verdict: Verdict
    is_new: bool


class DeliveryDesk(DeskBase):
    """Messages that go out."""

    def judge(self, message: OutboundMessage, at: datetime) -> Verdict:
        """Whether the message might be delivered at that moment; nothing is written."""
        raise NotImplementedError

    def enqueue(self, message: OutboundMessage, at: datetime) -> Decision:
        """Judge a message, log the decision and put it into the outbox; the same message id again changes nothing."""
        raise NotImplementedError

    def deliver_due(
        self,
        at: datetime,
        senders: Mapping[str, Sender],
        most: int = 100,
        now: Callable[[], datetime] | None = None,
    ) -> Counter[str]:
        """Send what is due; how many messages came to which state."""
        raise NotImplementedError

    def deliver(
        self, message_ids: Sequence[str], at: datetime, senders: Mapping[str, Sender]
    ) -> dict[str, str]:
        """Send these messages now if they are still queued; their states."""
        raise NotImplementedError

    def message_states(self, message_ids: Sequence[str]) -> dict[str, str]:
        """Where messages stand: queued, sending, sent, delivered, failed, refused, unknown, withheld, lapsed."""
        raise NotImplementedError

    def record_report(self, report: DeliveryReport) -> bool:
        """Take a provider's report, in whatever order and however often it comes. False when it is known."""
        raise NotImplementedError

    def opt_out(self, channel: str, address: str, at: datetime) -> None:
        """The person at this address wants no more on this channel, from this moment."""
        raise NotImplementedError

    def opt_in(self, channel: str, address: str, at: datetime) -> None:
        """The person at this address opens the channel again."""
        raise NotImplementedError

    def provider_state(self, now: Callable[[], datetime]) -> ProviderState:
        """What the processes share about providers."""
        raise NotImplementedError
