"""Approved SMS templates of an account, by our names, and how a message fills one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from heyue.delivery.configuration import templates_in
from heyue.delivery.sender import ACCEPTED, Receipt
from heyue.delivery.sms_text import MOST_CHARACTERS, compact, segments, signed
from heyue.errors import Refused
from heyue.records import OutboundMessage

FREE_WORDS = "free_words"  # the template that takes the words of an answer, as its field `text`


class NotFillable(Refused):
    """A message cannot be put into a template. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class SmsTemplate:
    """`fields`: its fields in order, each with the name of our parameter that fills it."""

    template_id: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Filled:
    """A template and what stands in its fields."""

    template_id: str
    values: Mapping[str, str]


def filled(message: OutboundMessage, templates: Mapping[str, SmsTemplate]) -> Filled:
    """The template of a message, filled; a message of free words stands in the template for those.

    Raises:
        NotFillable: there is no such template, a parameter is missing, or the message is too long for an SMS.
    """
    template = templates.get(message.template or FREE_WORDS)
    if template is None:
        raise NotFillable("template_not_configured")
    known = {**message.parameters, "text": words_of(message)}
    if any(name not in known for name in template.fields.values()):
        raise NotFillable("template_parameter_missing")
    return Filled(template.template_id, {name: known[ours] for name, ours in template.fields.items()})


def words_of(message: OutboundMessage) -> str:
    """The words of a message, kept short.

    Raises:
        NotFillable: too long for an SMS.
    """
    words = compact(message.text)
    if len(words) > MOST_CHARACTERS:
        raise NotFillable("too_long")
    return words


def counted(receipt: Receipt, message: OutboundMessage, signature: str = "") -> Receipt:
    """The receipt of a message; of one that was taken with its segments.

    Args:
        signature: which the provider puts before the words.
    """
    if receipt.outcome != ACCEPTED:
        return receipt
    return replace(receipt, segments=segments(signed(words_of(message), signature)))


def templates_of(path: str | None) -> dict[str, SmsTemplate]:
    """The templates in a YAML file, by our names: `reminder_early_1: {id: SMS_1, fields: {name: person}}`.

    Raises:
        BadInput: the file cannot be read or says something else.
    """
    return templates_in(
        path, "HEYUE_SMS_TEMPLATES", lambda each: SmsTemplate(str(each["id"]), dict(each["fields"]))
    )
