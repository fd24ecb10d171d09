"""A suggestion in words that fit the talk: the same advice from the same facts, and no rule broken, or as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property

from heyue.coaching.playbook import STATES, lines
from heyue.conduct.contact_policy import default_contact_policy
from heyue.conduct.contact_words import names_consequences
from heyue.conduct.disclosure import reveals_debt
from heyue.conduct.line_check import check_line
from heyue.language_model.concealed import Concealed, words_of_case
from heyue.language_model.endpoint import Message
from heyue.language_model.line_rules import broken_form, broken_words, frame_of, trimmed
from heyue.language_model.model import Verdict
from heyue.language_model.prompts import question, talk_shown
from heyue.language_model.vocabulary import drifts, is_strange
from heyue.records import Case
from heyue.settings import COACH


@dataclass(frozen=True)
class FittedLine:
    """The task to fit a suggestion to a talk. `talk`: speakers and their words; `case`: None where it is not known.

    `is_verified`: whether the debt may be named.
    """

    line: str
    talk: tuple[tuple[str, str], ...]
    case: Case | None
    is_verified: bool
    at: datetime

    @property
    def use(self) -> str:
        return COACH

    @cached_property
    def _concealed(self) -> Concealed:
        case = self.case
        known = words_of_case(case.borrower_name, case.creditor, case.product, case.id_last4) if case else {}
        return Concealed(self.at, known)

    @cached_property
    def _shown(self) -> str:
        return self._concealed.conceal(self.line, is_ours=True)

    def messages(self) -> Sequence[Message]:
        """The end of the talk and the suggestion, with marks for every fact."""
        line = self._shown
        return question(COACH, talk=talk_shown(self._concealed, self.talk), line=line)

    def judged(self, reply: str) -> Verdict:
        """The reply with its facts filled in, unless it says something else or what nobody may say."""
        said = trimmed(reply)
        broken = broken_form(said, frame_of(self._shown, self.at)) or self._broken_sense(said)
        if broken:
            return Verdict(None, broken)
        text = self._concealed.reveal(said)
        broken = self._broken_conduct(text)
        return Verdict(None, broken) if broken else Verdict(text)

    def _broken_sense(self, said: str) -> str | None:
        if broken := broken_words(said, self.line):
            return broken
        known = " ".join([self.line, *(text for _, text in self.talk), _playbook()])
        if is_strange(said, known):
            return "strange"
        return "drift" if drifts(said, self._shown) else None

    def _broken_conduct(self, text: str) -> str | None:
        if rules := check_line(text):
            return rules[0].rule
        if self.case and not self.is_verified and reveals_debt(text, self.case):
            return "disclosure"
        policy = default_contact_policy()
        new = names_consequences(text, policy) and not names_consequences(self.line, policy)
        return "consequences" if new else None


@cache
def _playbook() -> str:
    return " ".join(line.text for state in STATES for line in lines(state))
