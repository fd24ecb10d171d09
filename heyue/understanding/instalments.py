"""Payments in parts: a day told just as one that is promised ("8号前付一千，月底再付一千，剩下的九月") is promised too, and what is
paid first, before any day ("先还三千，中秋再三千"), stands by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from heyue.understanding.amounts import AmountMention
from heyue.understanding.cues import cue
from heyue.understanding.dates import DateMention
from heyue.understanding.never_promised import never_promised
from heyue.understanding.promise_features import Sketch
from heyue.understanding.promise_rules import Span, Tail

TAILS = {"vague": "tail_vague", "conditional": "tail_waits"}  # certainty: cue


class Part(NamedTuple):
    """A day on which a part is paid, and the sum said with it, if any. `is_rest`: what is left."""

    day: Span
    sum: Span | None
    is_rest: bool = False


def parts_of(sketch: Sketch, promised: Collection[Span]) -> list[Part]:
    """The parts in which is paid, in their order; none where there is one only, or where words of others or corrections are in play.

    A day is one where a sum follows it, or what is left is paid on it, and it is promised or another part is.

    Args:
        promised: the spans of the days known to be promised.
    """
    if not promised or len(sketch.placed_days) < 2:
        return []
    if cue("corrected").search(sketch.plain) or cue("parts_doubted").search(words_to_last_day(sketch)):
        return []
    told = told_parts(sketch)
    known = [
        told[day.span]
        for day in sketch.placed_days
        if day.span in told and not never_promised(sketch.clauses, sketch.places[day.span][0], day, sketch.today)
    ]
    surely = any(part.day in promised and not part.is_rest for part in known)
    found = [
        part
        for part in known
        if part.day in promised or (min(promised) < part.day if part.is_rest else surely)
    ]
    return found if len(found) > 1 else []


def words_to_last_day(sketch: Sketch) -> str:
    """The message up to the end of the sentence in which its last day stands: what is sworn behind it doubts no part."""
    last = sketch.clauses[sketch.places[sketch.placed_days[-1].span][0]].sentence
    return ",".join(each.text for each in sketch.clauses if each.sentence <= last)


def told_parts(sketch: Sketch) -> dict[Span, Part]:
    """What is told to be paid on each day, whether it is promised or not; of a list each day as its last one."""
    told: dict[Span, Part] = {}
    for day in reversed(sketch.placed_days):
        listed = listed_before(sketch, day)
        part = part_by_itself(sketch, day) if listed is None else told.get(listed.span)
        if part is not None and listed is not None:
            part = Part(day.span, part.sum if cue("each").search(sketch.plain) else None)
        if part is not None:
            told[day.span] = part
    return told


def part_by_itself(sketch: Sketch, day: DateMention) -> Part | None:
    """The part that is paid on a day which stands in no list before another."""
    said = sum_after(sketch, day)
    numbers = [each for each in [*sum_of_rest_before(sketch, day), *sums_just_before(sketch, day)] if not each.rest]
    counted = any(each.amount[0].isdigit() for each in numbers)
    if said is not None and not said.rest and not (counted and said.amount == "full"):
        return Part(day.span, said.span)
    if said is None and not is_rest(sketch, day):
        return None
    own = numbers[-1] if numbers else all_of_it(sketch, day) or said
    return Part(day.span, own.span if own else None, is_rest=True)


def listed_before(sketch: Sketch, day: DateMention) -> DateMention | None:
    """The day that follows in a list: "5号、15号、25号各给三百"."""
    index, at = sketch.places[day.span]
    if at or sketch.texts[index] != "D" or not sketch.plain.startswith("、", day.span[1]):
        return None
    return next((each for each in sketch.placed_days if sketch.places[each.span] == (index + 1, 0)), None)


def words_after(sketch: Sketch, day: DateMention) -> tuple[str, str]:
    """The words after a day in its clause; the same with those of the next clause."""
    index, at = sketch.places[day.span]
    home = sketch.texts[index][at + 1 :]
    return home, "/".join([home, *sketch.texts[index + 1 : index + 2]])


def sum_after(sketch: Sketch, day: DateMention) -> AmountMention | None:
    """The sum that follows a day with nothing but words of paying between, in its clause or at the beginning of the next."""
    index, at = sketch.places[day.span]
    home, further = words_after(sketch, day)
    found = cue("part_after_day").match(further)
    if found is None:
        return None
    place = found.end() - 1  # where M stands: what follows it is only looked at
    where = (index, at + 1 + place) if place < len(home) else (index + 1, place - len(home) - 1)
    return next((each for each in sketch.placed_sums if sketch.places[each.span] == where), None)


def sums_just_before(sketch: Sketch, day: DateMention) -> list[AmountMention]:
    """The sums of a day's clause with nothing but words of what is left between: "剩下三千五4月15号", "剩下的月底"."""
    index, at = sketch.places[day.span]
    text = sketch.texts[index]
    placed = [(each, *sketch.places[each.span]) for each in sketch.placed_sums]
    return [
        each
        for each, place, start in placed
        if place == index and start < at and cue("rest_word_ends").fullmatch(text[start + 1 : at])
    ]


def sum_of_rest_before(sketch: Sketch, day: DateMention) -> list[AmountMention]:
    """The sum of what is left, said in a clause of its own right before that of the day: "剩的两千三，28号清掉"."""
    index, at = sketch.places[day.span]
    if at or not index or not cue("rest_sum_alone").fullmatch(sketch.texts[index - 1]):
        return []
    return [each for each in sketch.placed_sums if sketch.places[each.span][0] == index - 1]


def all_of_it(sketch: Sketch, day: DateMention) -> AmountMention | None:
    """The word that nothing stays owed, after a day in its clause or alone in the next: "余款付清", "剩下的，全部了断"."""
    index, at = sketch.places[day.span]
    following = (
        each
        for each in sketch.placed_sums
        if each.amount == "full" and not each.rest and (index, at) < sketch.places[each.span] < (index + 2, 0)
    )
    return next(following, None)


def is_rest(sketch: Sketch, day: DateMention) -> bool:
    """On this day comes what is left: "其余的2月20号", "另一半元宵"; not "剩下的年后再说"."""
    if cue("put_off").match(words_after(sketch, day)[1]) is not None:
        return False
    index, at = sketch.places[day.span]
    named = any(each.rest for each in sums_just_before(sketch, day))
    return named or cue("rest_before_day").search(sketch.texts[index][:at]) is not None


def paid_behind(sketch: Sketch, days: Mapping[Span, str]) -> Tail | None:
    """The last part, which has no day but an event or better times to wait for: "明天八百，余下的等工资发了再给".

    Args:
        days: the certainty of each promised day; only a firm one is a part before.
    """
    firm = [sketch.places[span][0] for span, certainty in days.items() if certainty == "firm"]
    if not firm:
        return None
    for place in range(min(firm) + 1, len(sketch.clauses)):
        clause, *following = sketch.clauses[place : place + 2]
        said = ",".join([clause.text, *(each.text for each in following if not each.dates)])
        if clause.dates or cue("tail_open").search(said):
            continue
        certainty = next((name for name, each in TAILS.items() if cue(each).search(said)), None)
        if certainty is not None:
            own = [each for each in clause.sums if not each.rest]
            return Tail(place, certainty, own[-1].span if own else None)
    return None


def paid_ahead(sketch: Sketch, promised: Collection[Span]) -> AmountMention | None:
    """The sum that is paid before the first promised day, which is of another part: "先还三千，中秋再三千"."""
    first = next(iter(sketch.placed_days), None)
    if first is None or first.span not in promised:
        return None
    where = sketch.places[first.span]
    before = (each for each in sketch.placed_sums if sketch.places[each.span] < where)
    ahead = next((each for each in before if is_first_part(sketch, each)), None)
    return ahead if ahead is not None and first.span in told_parts(sketch) else None


def is_first_part(sketch: Sketch, said: AmountMention) -> bool:
    """Nothing is said of this sum but that it is paid first."""
    index, at = sketch.places[said.span]
    text = sketch.texts[index]
    return (
        cue("first_part").fullmatch(text[:at]) is not None
        and cue("first_part_ends").match("/".join([text[at + 1 :], *sketch.texts[index + 1 :]])) is not None
    )
