"""The scorecard of quality review: yes/no questions with weights and vetoes, and what the answers are worth.

Review, live and practice use the same file (scorecard.yml).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from heyue.conduct.rules import LINE_RULES, TALK_RULES
from heyue.errors import BadInput
from heyue.review.conditions import ALWAYS, CONDITIONS
from heyue.review.data_file import DataFile

YES, NO, NOT_APPLICABLE = "yes", "no", "not_applicable"
VERDICTS = (YES, NO, NOT_APPLICABLE)
FULL_WEIGHT = 100
RULES = (*LINE_RULES, *TALK_RULES)


@dataclass(frozen=True)
class Item:
    """One question; "yes" is good. `rules`: rules of conduct whose confirmed hit answers it with "no"."""

    id: str
    section: str
    question: str
    weight: int
    help: str
    veto: bool = False
    rules: tuple[str, ...] = ()
    applies_when: str = "always"


@dataclass(frozen=True)
class Scorecard:
    """A version of the card. `sections`: names by identifier, in order; `pass_points`: what a good talk reaches."""

    version: str
    pass_points: int
    sections: Mapping[str, str]
    items: tuple[Item, ...]

    def item(self, identifier: str) -> Item:
        """The item of this identifier.

        Raises:
            BadInput: the card has none.
        """
        for each in self.items:
            if each.id == identifier:
                return each
        raise BadInput(f"item: {identifier!r} is not on scorecard {self.version}; take one of its items")


class Quote(NamedTuple):
    """Words of a talk: the number of their turn (from 0) and the words themselves."""

    turn: int
    text: str


@dataclass(frozen=True)
class Answer:
    """The answer to one item, by a reviewer or by the machine. `verdict`: one of VERDICTS."""

    item: str
    verdict: str
    evidence: tuple[Quote, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class ScoreResult:
    """What a talk is worth.

    `points`, `sections`: 0 to 100, None where no item was answered yes or no. `passed`: every item is answered, no
    veto, and the points reach the card's `pass_points`.
    """

    points: float | None
    vetoed_by: tuple[str, ...]
    sections: Mapping[str, float | None]
    unanswered: tuple[str, ...]
    passed: bool


def score(scorecard: Scorecard, answers: Sequence[Answer]) -> ScoreResult:
    """The points of a talk: 100 × (weights answered yes) / (weights answered yes or no), rounded to one digit.

    What does not apply or is not answered weighs nothing. A veto item answered no makes the points 0; the points of
    the sections stay, so that the rest can still be learnt from.

    Raises:
        BadInput: an item is unknown or answered twice, or a verdict is not one of VERDICTS.
    """
    verdicts = _verdicts(scorecard, answers)
    vetoed_by = tuple(each.id for each in scorecard.items if each.veto and verdicts.get(each.id) == NO)
    unanswered = tuple(each.id for each in scorecard.items if each.id not in verdicts)
    points = 0.0 if vetoed_by else _points(scorecard.items, verdicts)
    sections = {
        section: _points([each for each in scorecard.items if each.section == section], verdicts)
        for section in scorecard.sections
    }
    passed = not vetoed_by and not unanswered and points is not None and points >= scorecard.pass_points
    return ScoreResult(points, vetoed_by, sections, unanswered, passed)


def check_evidence(answers: Sequence[Answer], turns: Sequence[str]) -> None:
    """Make sure that every quote stands in its turn.

    Args:
        turns: the texts of the talk, in order.

    Raises:
        BadInput: it does not; the message names item and turn.
    """
    for answer in answers:
        for quote in answer.evidence:
            if not 0 <= quote.turn < len(turns):
                raise BadInput(f"{answer.item}: the talk has no turn {quote.turn}; quote a turn from 0 on")
            if not quote.text.strip() or quote.text not in turns[quote.turn]:
                raise BadInput(
                    f"{answer.item}: {quote.text!r} does not stand in turn {quote.turn}; quote its very words"
                )


def load_scorecard(path: Path | None = None) -> Scorecard:
    """The scorecard of `path`, or the one shipped with the package.

    Raises:
        BadInput: the file cannot be read or a field is wrong; the message names file and field.
    """
    data = DataFile.read(path if path is not None else files("heyue.review") / "scorecard.yml")
    data.only("version", "pass_points", "sections", "items")
    names = data.part("sections")
    sections = {name: names.text(name) for name in names.fields}
    items = tuple(_item(identifier, raw, sections) for identifier, raw in data.parts("items"))
    _check_whole(data, items)
    return Scorecard(data.text("version"), data.count("pass_points", 0, FULL_WEIGHT), sections, items)


@cache
def default_scorecard() -> Scorecard:
    """The shipped scorecard, read once."""
    return load_scorecard()


def _item(identifier: str, raw: DataFile, sections: Mapping[str, str]) -> Item:
    raw.only("section", "question", "weight", "help", "veto", "rules", "applies_when")
    return Item(
        id=identifier,
        section=_one_of(raw, "section", raw.text("section"), tuple(sections)),
        question=raw.text("question"),
        weight=raw.count("weight", 1, FULL_WEIGHT),
        help=raw.text("help"),
        veto=raw.flag("veto"),
        rules=tuple(_one_of(raw, "rules", rule, RULES) for rule in raw.texts("rules")),
        applies_when=_one_of(raw, "applies_when", raw.text("applies_when", ALWAYS), CONDITIONS),
    )


def _one_of(raw: DataFile, field: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise raw.wrong(field, f"names {value!r}; take one of {', '.join(known)}")
    return value


def _check_whole(data: DataFile, items: Sequence[Item]) -> None:
    total = sum(each.weight for each in items)
    if total != FULL_WEIGHT:
        raise data.wrong(
            "items", f"weigh {total} together; change their weights until they add up to {FULL_WEIGHT}"
        )
    answered = [rule for each in items for rule in each.rules]
    for rule in answered:
        if answered.count(rule) > 1:
            raise data.wrong("items", f"answer the rule {rule} twice; leave it at one item")


def _verdicts(scorecard: Scorecard, answers: Sequence[Answer]) -> dict[str, str]:
    verdicts: dict[str, str] = {}
    for answer in answers:
        item = scorecard.item(answer.item).id
        if item in verdicts:
            raise BadInput(f"item: {item} is answered twice; leave one answer")
        if answer.verdict not in VERDICTS:
            raise BadInput(
                f"{item}: verdict {answer.verdict!r} is not known; take one of {', '.join(VERDICTS)}"
            )
        verdicts[item] = answer.verdict
    return verdicts


def _points(items: Sequence[Item], verdicts: Mapping[str, str]) -> float | None:
    """The share of the weights that was answered yes, of those answered yes or no, times 100."""
    good = sum(each.weight for each in items if verdicts.get(each.id) == YES)
    asked = sum(each.weight for each in items if verdicts.get(each.id) in (YES, NO))
    return round(FULL_WEIGHT * good / asked, 1) if asked else None
