"""What the machine answers on the scorecard, with the words that show it; silent where it cannot know."""

from __future__ import annotations

from heyue.coaching.assessment import Assessment
from heyue.coaching.transcript import Transcript
from heyue.review.answer_cues import AnswerCues, answer_cues
from heyue.review.conditions import holds
from heyue.review.findings import FINDERS, Talk, quote_of
from heyue.review.scorecard import NO, NOT_APPLICABLE, YES, Answer, Item, Quote, Scorecard


def propose_answers(transcript: Transcript, assessment: Assessment, scorecard: Scorecard) -> list[Answer]:
    """The answers that the talk itself shows, in the order of the card.

    A hit of one of the item's rules is a no; else the cues and findings decide; else, where the item does not apply,
    not applicable. To leave rejected flags out, pass the assessment without them.
    """
    talk = Talk(transcript, assessment)
    proposed = (_answer(talk, item) for item in scorecard.items)
    return [each for each in proposed if each is not None]


def _answer(talk: Talk, item: Item) -> Answer | None:
    cues = answer_cues().get(item.id)
    rules = {*item.rules, *(cues.broken_by if cues else ())}
    hits = [Quote(each.turn, each.text) for each in talk.found.violations if each.rule in rules]
    if hits:
        return Answer(item.id, NO, tuple(each for each in hits if each.text.strip()))
    said = _said(talk, item.id, cues) if cues else None
    applies = holds(item.applies_when, talk.transcript, talk.found)
    if said is not None and (said.evidence or applies):
        return said
    if not applies:
        return Answer(item.id, NOT_APPLICABLE)
    otherwise = cues.otherwise if cues else (YES if item.rules else None)
    return Answer(item.id, otherwise) if otherwise is not None else None


def _said(talk: Talk, item: str, cues: AnswerCues) -> Answer | None:
    """What the words of the collector answer: a no before a yes."""
    lines = talk.collector[-cues.within_last :] if cues.within_last else talk.collector
    heard = [line for line in lines if not cues.skip.search(line.plain)]
    for verdict, pattern in ((NO, cues.unsaid), (YES, cues.said)):
        found = [quote_of(line, match.span()) for line in heard if (match := pattern.search(line.plain))]
        if found:
            return Answer(item, verdict, (found[0],))
    finding = FINDERS[item](talk) if item in FINDERS else None
    if finding is None:
        return None
    return Answer(item, finding.verdict, (finding.quote,) if finding.quote else ())
