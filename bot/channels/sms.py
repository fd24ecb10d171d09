"""What the SMS channels have in common: who refuses is heeded before anything else, all else is answered over the outbox."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import structlog
import yaml

from bot.channels.body import storable
from bot.channels.delivering import now
from bot.channels.pushing import Pusher
from bot.wording import channel_line
from heyue.delivery.sender import DeliveryReport
from heyue.delivery.sms_codes import DEAD, OPTED_OUT, of_number
from heyue.desk import STRANGER, Received, desk_of_process
from heyue.desk.replies import Owed
from heyue.errors import BadInput

logger = structlog.get_logger(__name__)
CHANNEL = "sms"
NUMBER = re.compile(r"\+?\d{3,20}")
MOST_ID = 128


@dataclass(frozen=True)
class Said:
    """A borrower's SMS. `key`: the same when the provider brings it again."""

    number: str
    text: str
    key: str


@dataclass(frozen=True)
class Reported:
    """What a provider says of a message, in its own words. `codes`: its part of sms_codes.yml."""

    provider: str
    codes: str
    is_delivered: bool
    number: str
    code: str | None = None
    message_id: str | None = None
    provider_id: str | None = None


@dataclass
class Intake:
    """Takes in what providers bring."""

    pusher: Pusher

    async def take_said(self, said: Said, confirms: bool = True) -> None:
        """Have a message answered. One that refuses is heeded and not answered, but for one confirmation.

        Args:
            confirms: whether a refusal is confirmed by us; the provider may do so itself.

        Raises:
            StoreUnavailable: nothing was taken in.
        """
        if not refuses(said.text):
            await self.pusher.take_in(CHANNEL, said.number, said.text, now(), said.key)
            return
        received, is_confirmed = await self.pusher.entry.run(partial(heed, said, confirms))
        if is_confirmed:
            turn = Owed(received.conversation_id, received.session_id, received.turn_id, CHANNEL, said.text, now())
            self.pusher.deliveries.deliver(turn)

    async def take_report(self, reported: Reported) -> None:
        """Keep a report.

        Raises:
            StoreUnavailable: it was not kept.
        """
        await self.pusher.entry.run(partial(keep_report, reported))


def heed(said: Said, confirms: bool) -> tuple[Received, bool]:
    """Store a refusal, and its words in the transcript; whether a confirmation waits in the outbox."""
    desk, at = desk_of_process(), now()
    is_new = desk.opt_out(CHANNEL, said.number, at)
    received = desk.receive(CHANNEL, said.number, said.text, at, said.key)
    logger.info("sms.opted_out", conversation=received.conversation_id, is_new=is_new)
    if not (confirms and is_new) or received.outcome == STRANGER:
        return received, False
    desk.send_reply(received.conversation_id, received.turn_id, [channel_line("opted_out")], at)
    return received, True


def keep_report(reported: Reported) -> None:
    """Let a report reach its message; a number that refuses or is dead is known by it from now on."""
    desk, at = desk_of_process(), now()
    code = None if reported.is_delivered else reported.code
    meaning = of_number(reported.codes, code)
    outcome = "delivered" if reported.is_delivered else "failed"
    desk.record_report(DeliveryReport(
        reported.provider, outcome, at, reported.message_id, reported.provider_id, code, meaning == DEAD
    ))  # fmt: skip
    if meaning == OPTED_OUT:
        desk.opt_out(CHANNEL, reported.number, at)


@cache
def _refusal() -> re.Pattern[str]:
    raw = yaml.safe_load(Path(__file__).with_name("sms_opt_out.yml").read_text(encoding="utf-8"))
    return re.compile(raw["pattern"])


def refuses(text: str) -> bool:
    """Whether a message says nothing but that no more are wanted (rule X-05)."""
    words = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())
    return _refusal().fullmatch(words) is not None


def number_in(raw: Mapping[str, Any], field: str, country: str = "") -> str:
    """The telephone number in a field.

    Raises:
        BadInput: it is none.
    """
    number = str(raw.get(field, "")).strip()
    number = f"+{country}{number}" if country not in ("", "86") else number
    if not NUMBER.fullmatch(number):
        raise BadInput(f'"{field}" must be a telephone number')
    return number


def text_in(raw: Mapping[str, Any], field: str) -> str:
    """The words in a field.

    Raises:
        BadInput: it holds no words.
    """
    if not isinstance(raw.get(field), str):
        raise BadInput(f'"{field}" must be a string')
    return storable(raw[field])


def id_in(raw: Mapping[str, Any], field: str) -> str | None:
    """The name of a message in a field; None where there is none.

    Raises:
        BadInput: it is too long to be one.
    """
    name = storable(str(raw.get(field) or ""))
    if len(name) > MOST_ID:
        raise BadInput(f'"{field}" is longer than {MOST_ID} characters')
    return name or None


def key_of(provider: str, secret: str, *parts: object) -> str:
    """What tells a message that comes again, of what a provider says of it; nobody reads a number out of it."""
    words = "\0".join(str(part) for part in parts)
    return f"{provider}:{hmac.new(secret.encode(), words.encode('utf-8', 'replace'), hashlib.sha256).hexdigest()[:32]}"


async def each_in(items: list[Any], take: Callable[[Mapping[str, Any]], Awaitable[None]]) -> None:
    """Take in what a batch holds. What cannot be read is left out and logged: it would not get better by coming again."""
    for item in items:
        try:
            if not isinstance(item, dict):
                raise BadInput("an item must be an object")
            await take(item)
        except BadInput as error:
            logger.warning("sms.bad_item", why=str(error))
