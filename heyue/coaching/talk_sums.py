"""The sums of what is promised over a whole talk: said in another turn than the day, in answer to how much, put anew, or restated by the
collector."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heyue.coaching.asked import first_words, is_asked_how_much
from heyue.coaching.standing import Standing, runs_in_sitting
from heyue.coaching.talk_cues import talk_cue
from heyue.coaching.transcript import Said
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import find_dates

BESIDE_SUM = 2  # characters that may stand beside a sum that is an answer: "就两千"


def with_sum_answered(standing: list[Standing], turns: Sequence[Said], number: int) -> list[Standing]:
    """A promise that names no sum is of the sum with which the borrower's turn begins where he was asked how much ("9150都交？" -
    "全交。拖你们这些天…"; "还多少呢？" - "两千三，一分不少")."""
    if not standing or not standing[-1].lacks_sum or not is_asked_how_much(turns, number):
        return standing
    answer = first_words(turns[number].text)
    if talk_cue("all_of_it").fullmatch(answer):
        return [*standing[:-1], standing[-1].of("full")]
    sums = find_amounts(answer)
    if len({each.amount for each in sums}) != 1 or len(answer) > sum(len(each.text) for each in sums) + BESIDE_SUM:
        return standing
    return [*standing[:-1], standing[-1].of(sums[0].amount)]


def with_sum_changed(standing: list[Standing], text: str, at: datetime) -> list[Standing]:
    """The sum of a day that stands is put anew ("2号那笔改两千八")."""
    if not standing or talk_cue("sum_changes").search(text) is None:
        return standing
    days = {(each.start, each.end): each.span[1] for each in find_dates(text, at)}
    sums = find_amounts(text)
    changed = {
        named: each.amount
        for named, end in days.items()
        for each in sums
        if each.span[0] >= end and talk_cue("sum_changes").fullmatch(text[end : each.span[0]])
    }
    return [each.of(changed[each.days]) if each.days in changed else each for each in standing]


def with_sum_for_each(standing: list[Standing], text: str, at: datetime) -> list[Standing]:
    """The one sum of a turn is that of each payment promised in this sitting without one, where it says so ("两次一样多，都是1340块2")."""
    sums = {each.amount for each in find_amounts(text)} if talk_cue("for_each").search(text) else set()
    if len(sums) != 1:
        return standing
    amount = sums.pop()
    return [each.of(amount) if each.lacks_sum and runs_in_sitting(each, at) else each for each in standing]


def with_restated_sum(
    standing: list[Standing], turns: Sequence[Said], number: int, at: datetime
) -> list[Standing]:
    """The collector's one sum for the day just promised is its sum, unless he asks and gets no yes ("11号，1730元，对吗？" - "对"); the
    day need not be said again where he asks at once ("明天去存" - "1358元对吧？" - "对")."""
    if not standing or not standing[-1].lacks_sum:
        return standing
    last = standing[-1]
    text, following = turns[number].text, turns[number + 1 : number + 2]
    sums = {each.amount for each in find_amounts(text)}
    if len(sums) != 1:
        return standing
    if talk_cue("proposes").search(text) and not (following and talk_cue("agrees").match(following[0].text)):
        return standing
    named = find_dates(text, at)
    days = [(day.start, day.end) for day in named if day.kind == "future"]
    at_once = not named and last.turn == number - 1 and talk_cue("proposes").search(text) is not None
    if not at_once and last.days not in days:
        return standing
    return [*standing[:-1], last.of(sums.pop())]


def with_earlier_sum(replaced: list[Standing], dated: list[Standing]) -> list[Standing]:
    """One newly named day keeps the sum of what it replaces, said before in the same sitting."""
    if len(dated) > 1 or dated[0].promise.amount is not None:
        return dated
    sums = [each.promise.amount for each in replaced if runs_in_sitting(each, dated[0].said_at) and each.promise.amount]
    return [dated[0].of(sums[-1])] if len(sums) == 1 else dated


def with_later_sum(standing: list[Standing], said: Standing) -> list[Standing]:
    """A sum said after the day belongs to the promise that lacks one."""
    if said.promise.amount is None:
        return standing
    return [
        each.of(said.promise.amount) if each.promise.amount is None and runs_in_sitting(each, said.said_at) else each
        for each in standing
    ]
