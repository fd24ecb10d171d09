"""The port to a provider: what every sender does, and what comes back."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from heyue.records import OutboundMessage

ACCEPTED, REFUSED, LATER, UNKNOWN = "accepted", "refused", "later", "unknown"
MOST_ID = 128  # characters of a provider's number that the store keeps


def _as_kept(provider_id: str | None) -> str | None:
    """A provider's number, cut alike where it is given and where it is reported, so that the two still meet."""
    return None if provider_id is None else provider_id[:MOST_ID]


@dataclass(frozen=True)
class Receipt:
    """What a provider said to a message.

    `outcome`: accepted; refused (never send it so again); later (it was not taken: try again, not before
    `retry_after_seconds`); unknown (it may have been taken: wait for the report, never send it again blindly).
    `provider_id`: its number there. `code`: the provider's own word. `opted_out`: the borrower takes no more.
    `segments`: of an SMS that was taken, in how many it goes and is paid.
    """

    outcome: str
    provider_id: str | None = None
    code: str | None = None
    retry_after_seconds: float | None = None
    opted_out: bool = False
    segments: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "provider_id", _as_kept(self.provider_id))


@dataclass(frozen=True)
class DeliveryReport:
    """What a provider says later of a message. `outcome`: delivered or failed.

    It names the message by our `message_id` or by its own `provider_id`. `is_address_dead`: nobody can be reached there.
    """

    provider: str
    outcome: str
    at: datetime
    message_id: str | None = None
    provider_id: str | None = None
    code: str | None = None
    is_address_dead: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "provider_id", _as_kept(self.provider_id))


class Sender(Protocol):
    """A provider that takes messages of one channel (sms or wechat)."""

    name: str
    channel: str

    def send(self, message: OutboundMessage, at: datetime) -> Receipt:
        """Give one message to the provider. Never raises for what a provider or the network does: that is a Receipt."""
        ...


class ProviderState(Protocol):
    """What processes share about a provider: its access token, the cursor of what was fetched."""

    def get(self, key: str, at: datetime) -> str | None:
        """The value kept under the key, unless it has expired."""
        ...

    def put(self, key: str, value: str, expires_at: datetime | None = None) -> None:
        """Keep a value, sealed."""
        ...

    def exclusive(self, key: str) -> AbstractContextManager[None]:
        """Only one process at a time inside, for the same key: to fetch a token once, to move a cursor in order."""
        ...
