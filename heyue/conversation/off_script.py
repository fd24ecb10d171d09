"""An answer of a language model to a question that the flows do not know: from the facts of the exchange, or none.

Source: compliance A-01 to A-03 (label, never deny to be a machine), V06 and C-03 (no debt before verification), N-01 (nothing
is granted), L-02 and L-03 through the line check.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import yaml

from heyue.conduct.contact_policy import ContactPolicy
from heyue.conduct.contact_words import demands, names_consequences
from heyue.conduct.disclosure import reveals_debt
from heyue.conduct.line_check import check_line
from heyue.conversation.exchange import Exchange
from heyue.conversation.facts import facts_of
from heyue.language_model.concealed import Concealed, marks_in, words_of_case
from heyue.language_model.endpoint import Message
from heyue.language_model.line_rules import Frame, broken_form, broken_words, trimmed
from heyue.language_model.model import Verdict
from heyue.language_model.prompts import question
from heyue.language_model.vocabulary import is_strange
from heyue.records import Case
from heyue.settings import BOT


@dataclass(frozen=True)
class OffScriptAnswer:
    """The task to answer such a question. `outcome`: in whose place the answer stands; `facts`: that may be told now.

    `label`: that the words are a machine's.
    """

    outcome: str
    said: str
    facts: Mapping[str, str]
    case: Case
    is_verified: bool
    at: datetime
    policy: ContactPolicy
    label: str

    @property
    def use(self) -> str:
        return BOT

    @cached_property
    def _concealed(self) -> Concealed:
        hidden = words_of_case(self.case.borrower_name, None, self.case.product, self.case.id_last4)
        return Concealed(self.at, hidden | {word: kind for word, kind in self._told if word})

    @property
    def _told(self) -> list[tuple[str, str]]:
        return [(self.facts[name], kind) for name, kind in _data()["facts"].items() if name in self.facts]

    @cached_property
    def _marks(self) -> dict[str, str]:
        """The marks of the facts and what they are."""
        return {mark: kind for word, kind in self._told if (mark := self._concealed.mark_of(word))}

    def messages(self) -> Sequence[Message]:
        """The borrower's words and the facts by their names, with marks for every value."""
        facts = "\n".join(f"{kind}：{mark}" for mark, kind in self._marks.items())
        return question(BOT, facts=facts, said=self._concealed.conceal(self.said))

    def judged(self, reply: str) -> Verdict:
        """The reply with its facts filled in and its label, unless it says what the bot may not say."""
        said = trimmed(reply)
        frame = Frame(" ".join(_data()["facts"].values()), Counter(), frozenset(self._marks), _data()["longest"], self.at)
        if re.fullmatch(_data()["declines"], said):
            return Verdict(None, "declined")
        broken = broken_form(said, frame) or self._broken_sense(said)
        if broken:
            return Verdict(None, broken)
        text = self._concealed.reveal(said)
        broken = self._broken_conduct(text)
        return Verdict(None, broken) if broken else Verdict(f"{text}（{self.label}）")

    def _broken_sense(self, said: str) -> str | None:
        if not marks_in(said) and _data()["rests_on"] not in said:
            return "no_fact"
        known = " ".join([self.said, *_data()["facts"].values(), *self.facts.values(), _words()])
        return broken_words(said, "") or ("strange" if is_strange(said, known) else None)

    def _broken_conduct(self, text: str) -> str | None:
        if not self.is_verified and reveals_debt(text, self.case):
            return "disclosure"
        if demands(text, self.policy):
            return "demand"
        if names_consequences(text, self.policy):
            return "consequences"
        rules = check_line(text)
        return rules[0].rule if rules else None


def off_script_question(exchange: Exchange, policy: ContactPolicy) -> OffScriptAnswer | None:
    """The task that an exchange leaves: the bot has said that it cannot answer. None where it has an answer."""
    outcome = next((each for each in exchange.said if each in _data()["outcomes"]), None)
    ignored = {exchange.intent, *exchange.reading.signals} & set(_data()["ignored"])
    if outcome is None or ignored:
        return None
    facts = facts_of(exchange.case, exchange.policy, exchange.dialogue, exchange.today)
    return OffScriptAnswer(
        outcome, exchange.text, facts, exchange.case, exchange.dialogue.verified, exchange.now, policy,
        exchange.policy.conduct.bot_label,
    )  # fmt: skip


@cache
def _words() -> str:
    """Words that every answer may use."""
    return str(_data()["words"])


@cache
def _data() -> dict[str, Any]:
    source = (files("heyue.conversation") / "off_script.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(source)
    return loaded
