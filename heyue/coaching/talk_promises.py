"""What a borrower has promised over a whole talk: later days replace earlier ones, sums said apart come together.

Source: contracts.md section 2 ("A date changed within the same message or sitting leaves only the last one").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from heyue.coaching.asked import (
    FirstAndLast,
    asked_before,
    days_turned_down,
    first_words,
    is_asked_how_much,
    is_beside_the_point,
    moved_to,
    said_in,
)
from heyue.coaching.awaited import awaited_day
from heyue.coaching.read_back import read_back, struck_out
from heyue.coaching.talk_cues import talk_cue
from heyue.coaching.transcript import BORROWER, Said
from heyue.coaching.turn_reading import SITTING, TurnReading, times
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import DateMention, find_dates
from heyue.understanding.promises import Promise

BESIDE_SUM = 2  # characters that may stand beside a sum that is an answer: "就两千"


@dataclass(frozen=True)
class Standing:
    """A promise that stands: what was said, in which turn, when. `is_rest`: it is of what an earlier one leaves."""

    promise: Promise
    turn: int
    said_at: datetime
    is_rest: bool = False

    @property
    def days(self) -> FirstAndLast:
        """The first and the last day promised."""
        return self.promise.start, self.promise.end

    @property
    def lacks_sum(self) -> bool:
        """A day is promised, and no sum for it."""
        return self.promise.start is not None and not self.promise.amount

    def of(self, amount: str | None) -> Standing:
        """The same promise of this sum."""
        return replace(self, promise=replace(self.promise, amount=amount))


def talk_promises(turns: Sequence[Said], readings: Sequence[TurnReading], now: datetime) -> list[Standing]:
    """The promises that a borrower has made in a talk and not taken back, in the order said.

    Args:
        turns: the talk; readings: one a turn; now: the time of turns without one.
    """
    standing: list[Standing] = []
    moments = times(turns, now)
    for number, (turn, reading, at) in enumerate(zip(turns, readings, moments, strict=True)):
        if turn.speaker == BORROWER:
            said = [] if is_beside_the_point(turns, number, at) else said_in(turns, number, reading, at)
            if withdraws := talk_cue("withdraws").search(turn.text):
                withdrawn = [each for each in standing if runs_in_sitting(each, at)]
                standing = [each for each in standing if not runs_in_sitting(each, at)]
                said = [each for each in said if not named_to_withdraw(each, withdrawn, withdraws.end())]
            standing, said = with_day_moved(standing, said, turn.text, at)
            standing = with_sum_for_each(with_sum_answered(standing, turns, number), turn.text, at)
            if any(each.certainty == "conditional" and each.start is None for each in said):
                said, standing = with_awaited_day(said, standing, awaited_day(turns, number, moments))
            more = talk_cue("more_to_come").search(said_around(turns, number)) is not None or told_on(
                turns, number, standing, said
            )
            if is_rest(turns, number, said, standing):
                standing = [*standing, *(Standing(each, number, at, is_rest=True) for each in said)]
            else:
                standing = after(standing, [Standing(each, number, at) for each in said], more)
        else:
            standing = with_plan_read_back(with_restated_sum(standing, turns, number, at), turns, number, at)
    return without_empty_words(standing)


def is_rest(turns: Sequence[Said], number: int, said: list[Promise], standing: list[Standing]) -> bool:
    """What is promised without a day is what an earlier promise leaves ("周六先1500" … "剩下的后头慢慢给")."""
    loose = len(said) == 1 and said[0].start is None and said[0].certainty != "firm"
    return loose and bool(standing) and talk_cue("rest").search(turns[number].text) is not None


def runs_in_sitting(earlier: Standing, at: datetime) -> bool:
    """The promise was made in the sitting of this moment."""
    return at - earlier.said_at < SITTING


def named_to_withdraw(said: Promise, withdrawn: list[Standing], end: int) -> bool:
    """A day is named again only to take it back ("25号那个不算数了"), in the words up to `end`."""
    return said.span[0] < end and said.start is not None and (said.start, said.end) in {each.days for each in withdrawn}


def with_day_moved(
    standing: list[Standing], said: list[Promise], text: str, at: datetime
) -> tuple[list[Standing], list[Promise]]:
    """One part of a plan gets another day ("周四转，不要等周五了"); the other parts stand. The rest of what was `said`."""
    refused = days_turned_down(text, at)
    said = [each for each in said if (each.start, each.end) not in refused]
    running = [each for each in standing if each.promise.start is not None and runs_in_sitting(each, at)]
    moved = [each for each in running if each.days in refused]
    if not said and len(running) == 1:
        said, moved = list(moved_to(text, at)), running
    if len(moved) != 1 or len(said) != 1 or said[0].start is None:
        return standing, said
    now = replace(said[0], amount=said[0].amount or moved[0].promise.amount)
    return [replace(each, promise=now) if each is moved[0] else each for each in standing], []


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


def with_sum_for_each(standing: list[Standing], text: str, at: datetime) -> list[Standing]:
    """The one sum of a turn is that of each payment promised in this sitting without one, where it says so ("两次一样多，都是1340块2")."""
    sums = {each.amount for each in find_amounts(text)} if talk_cue("for_each").search(text) else set()
    if len(sums) != 1:
        return standing
    amount = sums.pop()
    return [each.of(amount) if each.lacks_sum and runs_in_sitting(each, at) else each for each in standing]


def with_awaited_day(
    said: list[Promise], standing: list[Standing], event: tuple[int, DateMention] | None
) -> tuple[list[Promise], list[Standing]]:
    """A conditional promise gets the day of the event that it waits for, told in an earlier turn. What that turn was taken to
    promise for the day falls away: it told of the event (`awaited_day` leaves out turns that speak of paying the lender)."""
    if event is None:
        return said, standing
    turn, day = event
    told = [
        replace(each, start=day.start, end=day.end)
        if each.certainty == "conditional" and each.start is None
        else each
        for each in said
    ]
    return told, [
        each for each in standing if each.turn != turn or each.days != (day.start, day.end)
    ]


def said_around(turns: Sequence[Said], number: int) -> str:
    """A turn with the collector's question that it answers ("剩下的呢？")."""
    return f"{asked_before(turns, number)}\n{turns[number].text}"


def told_on(turns: Sequence[Said], number: int, standing: list[Standing], said: list[Promise]) -> bool:
    """Instalments told one by one: a later day with its sum, right after a day with its sum ("14号600" "21号1000")."""
    last = standing[-1] if standing else None
    if last is None or len(said) != 1 or not said[0].start or not last.promise.start:
        return False
    alone = last.turn == number - 1 and turns[number - 1].speaker == BORROWER
    return alone and last.promise.start < said[0].start and None not in (last.promise.amount, said[0].amount)


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


def with_plan_read_back(
    standing: list[Standing], turns: Sequence[Said], number: int, at: datetime
) -> list[Standing]:
    """What the collector reads back replaces what was read of this sitting, unless he leaves out a part of it."""
    struck = struck_out(turns, number, at)
    standing = [each for each in standing if each.days not in struck or not runs_in_sitting(each, at)]
    running = [each for each in standing if each.promise.start and runs_in_sitting(each, at)]
    noted = read_back(turns, number, at) if running or struck else []
    if not noted:
        return standing
    sums = {each.days: each.amount for each in noted}
    left_out = [each for each in running if each.days not in sums]
    others = {each.promise.amount for each in running} - set(sums.values())
    if len(noted) < len(running) or (len(noted) == 1 and left_out and others):
        return [
            each.of(sums.get(each.days)) if each.lacks_sum and runs_in_sitting(each, at) else each for each in standing
        ]
    before = max(place for place in range(number) if turns[place].speaker == BORROWER)
    words = turns[before].text
    plan = [Promise(each.start, each.end, each.amount, "firm", words, (0, len(words))) for each in noted]
    kept = [each for each in standing if each not in running]
    told = [as_said(Standing(each, before, at), running) for each in plan]
    order = [each.days for each in running]
    if all(each.days in order for each in told):
        told.sort(key=lambda each: order.index(each.days))
    return [*kept, *told]


def as_said(noted: Standing, running: list[Standing]) -> Standing:
    """A promise that was read back, in the borrower's own words and as firmly as they were, where they were read."""
    same = same_day(running, noted)
    return noted if same is None else same.of(noted.promise.amount)


def after(standing: list[Standing], said: list[Standing], more: bool) -> list[Standing]:
    """What stands once a turn has been heard. `more`: it adds to what was promised before."""
    dated = [each for each in said if each.promise.start is not None]
    if dated and all(same_day(standing, each) for each in dated):
        return [repeated(each, dated) for each in standing]
    if dated:
        kept = kept_beside(standing, dated, more)
        return [*kept, *with_earlier_sum([each for each in standing if each not in kept], dated)]
    if not said:
        return standing
    latest = said[-1]
    if any(runs_in_sitting(each, latest.said_at) and each.promise.start is not None for each in standing):
        return with_later_sum(standing, latest)
    same = [each for each in standing if each.promise.certainty == latest.promise.certainty]
    return standing if same and latest.promise.amount is None else [
        *(each for each in standing if each.promise.start is not None or not runs_in_sitting(each, latest.said_at)), latest
    ]  # fmt: skip


def same_day(standing: list[Standing], said: Standing) -> Standing | None:
    """The standing promise for the same days."""
    return next((each for each in standing if each.days == said.days), None)


def repeated(earlier: Standing, dated: list[Standing]) -> Standing:
    """A promise whose day was named again, with the sum where one was."""
    again = same_day(dated, earlier)
    return earlier if again is None else again.of(again.promise.amount or earlier.promise.amount)


def kept_beside(standing: list[Standing], dated: list[Standing], more: bool) -> list[Standing]:
    """The earlier promises that a newly named day leaves standing: instalments, and those of an earlier sitting."""
    return [
        each
        for each in standing
        if not same_day(dated, each)
        and ((more and each.promise.start is not None) or not runs_in_sitting(each, dated[0].said_at))
    ]


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


def without_empty_words(standing: list[Standing]) -> list[Standing]:
    """Vague words beside a real promise of the same sitting add nothing."""
    real = [each for each in standing if each.promise.certainty != "vague"]
    return [
        each
        for each in standing
        if each.promise.certainty != "vague"
        or each.is_rest
        or not any(abs(each.said_at - other.said_at) < SITTING for other in real)
    ]
