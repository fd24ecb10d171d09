"""The second look at days and messages of which the first is unsure: what it said of all of them together. Pure Python.

The first look (promise_model.py) judges each day by itself. Here small trees weigh its scores of the day against those of
the other days, of the sums and of the whole message, and what stands between them: of two days one is often the other's reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from heyue.understanding.cues import cue
from heyue.understanding.dates import DateMention
from heyue.understanding.promise_features import Sketch, part_letters
from heyue.understanding.promise_rules import TODAY

NOTHING = "none"  # the label of what is not promised
DATED = "dated"  # the label of a message in which a day is promised firmly
DATED_WAITS = "dated, conditional"
OFFERED = "offered"  # the label of a sum that is to be paid
CERTAINTIES = ("firm", "conditional", "vague", TODAY)
GRAINS = ("day", "few", "week", "part", "month", "year", "hour")
FAR = -6000  # the score of what is not there
UNKNOWN = 99  # days between two of which one is not there
NEAR_CLAUSES = 2  # clauses beside a day's own whose words count
Scores = Mapping[str, int]


class FirstLook(NamedTuple):
    """Scores by label, in thousandths: of each day, of each sum, and of the message as a whole."""

    days: list[Scores]
    sums: list[Scores]
    whole: Scores


@dataclass(frozen=True)
class Forest:
    """Trees that add up to scores. A tree is a leaf's number or [place in the row, threshold, tree up to it, tree above]."""

    labels: tuple[str, ...]
    base: tuple[float, ...]
    trees: Sequence[Sequence[Any]]  # for each label its trees; for two labels only those of the second

    def label(self, row: Sequence[float]) -> str:
        """The likeliest label."""
        scores: list[float] = []
        for start, trees in zip(self.base, self.trees, strict=True):
            score = start
            for tree in trees:  # a call for each tree would cost as much again
                while type(tree) is list:
                    tree = tree[2] if row[tree[0]] <= tree[1] else tree[3]
                score += tree
            scores.append(score)
        if len(scores) == 1:
            return self.labels[scores[0] > 0]
        return self.labels[scores.index(max(scores))]


def promised_over_not(scores: Scores) -> int:
    """How much likelier a day is promised than not."""
    return max(scores.get("firm", FAR), scores.get("conditional", FAR)) - scores.get(NOTHING, FAR)


def undated_label(whole: Scores) -> str:
    """What a message in which no day is promised may promise."""
    return max(CERTAINTIES, key=lambda name: whole.get(name, FAR))


def undated_over_not(whole: Scores) -> int:
    """How much likelier a message without a promised day promises something than not."""
    return whole.get(undated_label(whole), FAR) - whole.get(NOTHING, FAR)


def doubt(scores: Scores) -> int:
    """How close the best two labels are."""
    best = sorted(scores.values())
    return best[-1] - best[-2] if len(best) > 1 else -FAR


def day_row(sketch: Sketch, place: int, look: FirstLook) -> list[float]:
    """What the trees see of the day at `place` among the placed days."""
    days, rules = sketch.placed_days, sketch.rules
    day, own, count = days[place], look.days[place], len(days)
    index = sketch.places[day.span][0]
    clause, surety = sketch.clauses[index], [promised_over_not(each) for each in look.days]
    others = [number for number in range(count) if number != place]
    sums = [each.get(OFFERED, FAR) - each.get(NOTHING, FAR) for each in look.sums]
    same = [
        surety_of_sum
        for surety_of_sum, each in zip(sums, sketch.placed_sums, strict=True)
        if sketch.places[each.span][0] == index
    ]
    return [
        *(own.get(name, FAR) for name in ("conditional", "firm", NOTHING)), surety[place], *whole_row(look),
        max((surety[each] for each in others), default=FAR),
        surety[place + 1] if place + 1 < count else FAR, surety[place - 1] if place else FAR,
        max((surety[each] for each in others if holds(day, days[each])), default=FAR),
        max((surety[each] for each in others if holds(days[each], day)), default=FAR),
        max((waiting(look.days[each]) for each in others if surety[each] > 0), default=FAR),
        count, place, count - 1 - place, certainty_number(rules.days.get(day.span)), GRAINS.index(day.grain),
        (day.start - sketch.today).days if day.start else -1,
        (day.end - day.start).days if day.end and day.start else -1,
        max(sums, default=FAR), max(same, default=FAR), index, len(sketch.clauses) - index, clause.pays, clause.is_bare,
        *message_facts(sketch), *neighbour_facts(sketch, place), *parts_around(sketch, place),
    ]  # fmt: skip


def neighbour_facts(sketch: Sketch, place: int) -> list[float]:
    """What stands between a day and those named before and after it: the day of an event beside that of its paying, one corrected."""
    days, day = sketch.placed_days, sketch.placed_days[place]
    last = days[place - 1] if place else None
    following = days[place + 1] if place + 1 < len(days) else None
    begin, stop = last.span[1] if last else 0, following.span[0] if following else len(sketch.plain)
    ahead, behind = sketch.plain[begin : day.span[0]], sketch.plain[day.span[1] : stop]
    sums = [each.span[0] for each in sketch.placed_sums]
    return [
        len(behind), len(ahead), sum(day.span[1] <= each < stop for each in sums), sum(begin <= each < day.span[0] for each in sums),
        *(cue(name).search(words) is not None for name in ("pay", "corrected") for words in (behind, ahead)),
        cue("negated").search(behind) is not None, days_apart(day, following), days_apart(last, day), len(sums),
        sum((each.start, each.end) == (day.start, day.end) for each in days), cue("each").search(sketch.plain) is not None,
    ]  # fmt: skip


def days_apart(first: DateMention | None, second: DateMention | None) -> int:
    """How many days lie between the beginnings of two; UNKNOWN where one has none."""
    if first is None or second is None or first.start is None or second.start is None:
        return UNKNOWN
    return (second.start - first.start).days


def parts_around(sketch: Sketch, place: int) -> list[float]:
    """Which parts words play after a day, up to the next one, and before it, from the last one on; in clauses that are near."""
    days, here = sketch.placed_days, sketch.places[sketch.placed_days[place].span]
    last = sketch.places[days[place - 1].span] if place else (-1, 0)
    following = sketch.places[days[place + 1].span] if place + 1 < len(days) else (len(sketch.texts), 0)
    near = range(max(0, here[0] - NEAR_CLAUSES), min(len(sketch.texts), here[0] + NEAR_CLAUSES + 1))
    said = [((index, at), letter) for index in near for at, letter in sketch.parts[index]]
    behind = {letter for where, letter in said if here < where < following}
    ahead = {letter for where, letter in said if last < where < here}
    letters = part_letters()
    return [*(each in behind for each in letters), *(each in ahead for each in letters)]


def message_row(sketch: Sketch, look: FirstLook) -> list[float]:
    """What the trees see of a message in which no day is promised."""
    sums = [each.get(OFFERED, FAR) - each.get(NOTHING, FAR) for each in look.sums]
    return [
        *whole_row(look), max((promised_over_not(each) for each in look.days), default=FAR), len(look.days),
        max(sums, default=FAR), len(sums), certainty_number(undated_label(look.whole)), *message_facts(sketch),
        *(sum(each.count(letter) for each in sketch.outlines) for letter in part_letters()), sketch.plain.count("不"),
    ]  # fmt: skip


def whole_row(look: FirstLook) -> list[float]:
    """The scores of the message as a whole."""
    return [
        *(look.whole.get(name, FAR) for name in (*CERTAINTIES, DATED, DATED_WAITS, NOTHING)),
        undated_over_not(look.whole),
    ]


def message_facts(sketch: Sketch) -> list[float]:
    """What the rules and the clauses say of the message."""
    return [
        certainty_number(sketch.rules.undated), len(sketch.rules.days), len(sketch.plain), len(sketch.clauses),
        sum(clause.pays for clause in sketch.clauses),
    ]  # fmt: skip


def certainty_number(certainty: str | None) -> int:
    return CERTAINTIES.index(certainty) + 1 if certainty in CERTAINTIES else 0


def waiting(scores: Scores) -> int:
    """How much likelier a day is promised on a condition than firmly."""
    return scores.get("conditional", FAR) - scores.get("firm", FAR)


def holds(wide: DateMention, narrow: DateMention) -> bool:
    """Whether the first days hold the other ones."""
    if wide.start is None or narrow.start is None or narrow.end is None:
        return False
    return wide.start <= narrow.start and (wide.end is None or narrow.end <= wide.end)
