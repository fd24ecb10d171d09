"""A debtor's answer in the words of a language model: the same thing said, from the same facts, or not said so at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from heyue.coaching.behaviour import cues
from heyue.coaching.suggestions import is_like, pairs
from heyue.coaching.transcript import BORROWER
from heyue.language_model.concealed import Concealed, words_of_case
from heyue.language_model.endpoint import Message
from heyue.language_model.line_rules import DEBTOR, broken_form, broken_words, frame_of, trimmed
from heyue.language_model.model import Verdict
from heyue.language_model.prompts import question, talk_shown
from heyue.language_model.vocabulary import drifts, is_strange
from heyue.practice.debtor import Exercise, Turn
from heyue.practice.utterances import REASON_ACTS, store, stores
from heyue.settings import PRACTICE
from heyue.understanding.linear_text import mask
from heyue.understanding.promises import extract_promises
from heyue.understanding.reasons import reason_of
from heyue.understanding.signals import signals_of

SURE_OF_REASON = 0.6
USUAL = 0.04  # share of his lines that show a manner, from which it is one of his


@dataclass(frozen=True)
class DebtorLine:
    """The task to word the last answer of an exercise."""

    exercise: Exercise

    @property
    def use(self) -> str:
        return PRACTICE

    @property
    def turn(self) -> Turn:
        """The handwritten answer."""
        return self.exercise.turns[-1]

    @cached_property
    def _concealed(self) -> Concealed:
        persona = self.exercise.persona
        case = persona.case
        return Concealed(self.turn.at, words_of_case(persona.name, case.creditor, case.product, case.id_last4))

    @cached_property
    def _line(self) -> str:
        return self._concealed.conceal(self.turn.text, is_ours=True)

    def messages(self) -> Sequence[Message]:
        """The end of the talk, how he speaks, and the line, with marks for every fact."""
        line = self._line
        talk = talk_shown(self._concealed, [(each.speaker, each.text) for each in self.exercise.turns[:-1]])
        manner = self._concealed.conceal(self.exercise.persona.register, is_ours=True)
        return question(PRACTICE, manner=manner, talk=talk, line=line)

    def judged(self, reply: str) -> Verdict:
        """The reply with its facts filled in, unless it says something else than the handwritten line."""
        said = trimmed(reply)
        if broken := broken_form(said, frame_of(self._line, self.turn.at)):
            return Verdict(None, broken)
        worded = _Worded(self.exercise, self.turn, self._concealed.reveal(said), self._line, said)
        broken = next((name for name, is_broken in CHECKS.items() if is_broken(worded)), None)
        return Verdict(None, broken) if broken else Verdict(worded.text)


class _Worded(NamedTuple):
    """A reply beside the answer that it would replace. `line`, `reply`: the two with marks in place of facts."""

    exercise: Exercise
    turn: Turn
    text: str
    line: str
    reply: str


def _promises_otherwise(worded: _Worded) -> bool:
    """Another promise than the handwritten one, or one where there was none."""
    said, meant = (
        {(each.start, each.end, each.amount, each.certainty) for each in extract_promises(text, worded.turn.at)}
        for text in (worded.text, worded.turn.text)
    )
    rule, own = broken_words(worded.reply, "", DEBTOR), broken_words(worded.line, "", DEBTOR)
    return said != meant or (rule is not None and rule != own)


def _signals_more(worded: _Worded) -> bool:
    """Insult, despair, a death, a wish to be left alone, that the handwritten line does not show."""
    return bool(signals_of(worded.text) - signals_of(worded.turn.text))


def _gives_another_reason(worded: _Worded) -> bool:
    reason, confidence = reason_of(worded.reply)
    known = {reason_of(worded.line)[0]}
    if worded.turn.act in REASON_ACTS:
        known.add(worded.exercise.persona.card.reason)
    return reason is not None and confidence >= SURE_OF_REASON and reason not in known


def _breaks_type(worded: _Worded) -> bool:
    """A manner that neither the handwritten line shows nor, usually, others of his kind for the same act."""
    shown = _manners(worded.reply)
    return bool(shown - _manners(worded.line) - _manners_of(*_part(worded)))


def _repeats(worded: _Worded) -> bool:
    """What he has said before; a debtor says nothing twice."""
    before = [pairs(each.text) for each in worded.exercise.turns[:-1] if each.speaker == BORROWER]
    return is_like(pairs(worded.text), before)


def _drifts(worded: _Worded) -> bool:
    return drifts(worded.reply, worded.line)


def _brings_in(worded: _Worded) -> bool:
    """A thing that nobody has spoken of."""
    talk = (each.text for each in worded.exercise.turns)
    return is_strange(worded.reply, " ".join([*talk, *_lines_of(*_part(worded)), _lines_but_reasons()]))


Check = Callable[[_Worded], bool]
CHECKS: dict[str, Check] = {
    "promise": _promises_otherwise, "signal": _signals_more, "reason": _gives_another_reason, "type": _breaks_type,
    "repeat": _repeats, "drift": _drifts, "strange": _brings_in,
}  # fmt: skip


def _manners(text: str) -> frozenset[str]:
    masked = mask(text)
    return frozenset(
        name for name, cue in cues().items() if not name.startswith("asked_") and cue.pattern.search(masked)
    )


@cache
def _manners_of(kind: str, act: str, reason: str) -> frozenset[str]:
    """What his lines for the act show, and what his lines show altogether."""
    groups = [group for each in store(kind).by_mood.values() for group in each.values()]
    return _usual(_lines_of(kind, act, reason)) | _usual([line for group in groups for line in group])


def _usual(lines: Sequence[str]) -> frozenset[str]:
    shown = Counter(manner for line in lines for manner in _manners(line))
    return frozenset(manner for manner, times in shown.items() if times >= USUAL * len(lines))


def _part(worded: _Worded) -> tuple[str, str, str]:
    """What the handwritten line was chosen by."""
    persona = worded.exercise.persona
    return persona.kind, worded.turn.act or "", persona.card.reason


@cache
def _lines_of(kind: str, act: str, reason: str) -> tuple[str, ...]:
    """The handwritten lines of a kind of debtor for an act; where it tells why, for his reason."""
    if act in REASON_ACTS:
        return tuple(store(kind).by_reason[act].get(reason, ()))
    return tuple(line for group in store(kind).by_mood.get(act, {}).values() for line in group)


@cache
def _lines_but_reasons() -> str:
    """All handwritten lines but those that tell a reason: these are facts of one card."""
    acts = (act for _, lines in stores() for act in lines.by_mood.values())
    return " ".join(line for act in acts for group in act.values() for line in group)
