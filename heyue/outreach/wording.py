"""The words of a message (templates.yml), filled in: for strangers' eyes, and for a borrower who has proved who he is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from heyue.conversation.facts import masked_name, spoken_day, wording
from heyue.money import spoken_yuan
from heyue.outreach.standing import Send
from heyue.policy import Policy
from heyue.records import Case, RecordedPromise

VERIFIED = "verified"


@dataclass(frozen=True)
class Words:
    """A message in words. `template`: its name at the provider, with what fills it; None for free words."""

    text: str
    template: str | None
    parameters: Mapping[str, str]


@cache
def templates() -> dict[str, Any]:
    """Frames and the sentences of each occasion."""
    loaded: dict[str, Any] = yaml.safe_load((files("heyue.outreach") / "templates.yml").read_text(encoding="utf-8"))
    return loaded


def template_names() -> list[str]:
    """The names of all templates, as contact_gate.yml and a provider's configuration call them."""
    return list(template_texts())


def template_texts() -> dict[str, dict[str, str]]:
    """Each template's text by channel with its parameters in braces, as a provider is asked to approve it."""
    blank = {name: f"{{{name}}}" for name in ("person", "creditor", "label")}
    return {
        name_of(occasion, number): {channel: _framed(channel, blank, said[channel]) for channel in ("sms", "wechat")}
        for occasion, variants in templates().items()
        if occasion != "frames"
        for number, said in enumerate(variants)
    }


def name_of(occasion: str, number: int) -> str:
    """The name of one wording of an occasion."""
    count = len(templates()[occasion])
    return occasion if count == 1 else f"{occasion}_{number % count + 1}"


def approved_words(case: Case, send: Send, channel: str, policy: Policy) -> Words:
    """The message in the words of a template: nothing in it tells of a debt."""
    said = _sentences(send)[channel if channel == "sms" else "wechat"]
    facts = plain_facts(case, policy)
    return Words(_framed(channel, facts, said), name_of(send.wording, send.number), facts)


def free_words(case: Case, send: Send, channel: str, policy: Policy) -> Words:
    """The same without a template, where the borrower has written lately."""
    said = approved_words(case, send, channel, policy)
    return Words(said.text, None, {})


def verified_words(case: Case, send: Send, channel: str, policy: Policy) -> Words | None:
    """The message to somebody who has proved who he is, with day and sum; None where there is none."""
    said = _sentences(send).get(VERIFIED)
    if said is None or send.promise is None or send.promise.terms.end is None:
        return None
    facts = plain_facts(case, policy)
    known = _promise_facts(send.promise, send.day) | {"pay_ways": policy.service.pay_ways}
    return Words(_framed(channel, facts, said.format_map(known)), None, {})


def plain_facts(case: Case, policy: Policy) -> dict[str, str]:
    """What may be said to whoever reads the message."""
    title = wording()["titles"].get(case.gender or "", "")
    return {
        "person": masked_name(case.borrower_name) + title, "creditor": case.creditor, "label": policy.conduct.bot_label,
    }  # fmt: skip


def _promise_facts(promise: RecordedPromise, today: date) -> dict[str, str]:
    return {
        "day": spoken_day(promise.terms.end or today, today),
        "amount": spoken_yuan(promise.amount_due_fen),
        "paid": spoken_yuan(promise.paid_fen),
    }


def _sentences(send: Send) -> Mapping[str, str]:
    variants = templates()[send.wording]
    found: Mapping[str, str] = variants[send.number % len(variants)]
    return found


def _framed(channel: str, facts: Mapping[str, str], said: str) -> str:
    frame: str = templates()["frames"][channel]
    return frame.format_map({**facts, "said": said}).replace("？。", "？")
