"""What a borrower has promised over a whole talk: later days replace earlier ones, sums said apart come together.

Source: contracts.md section 2 ("A date changed within the same message or sitting leaves only the last one").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from heyue.coaching.asked import (
    asked_before,
    days_named,
    days_turned_down,
    is_beside_the_point,
    is_named_rest,
    moved_to,
    said_in,
)
from heyue.coaching.awaited import awaited_day
from heyue.coaching.read_back import read_back, struck_out
from heyue.coaching.standing import Standing, runs_in_sitting, same_day
from heyue.coaching.talk_cues import talk_cue
from heyue.coaching.talk_sums import (
    with_earlier_sum,
    with_later_sum,
    with_restated_sum,
    with_sum_answered,
    with_sum_changed,
    with_sum_for_each,
)
from heyue.coaching.transcript import BORROWER, Said
from heyue.coaching.turn_reading import SITTING, TurnReading, times
from heyue.understanding.dates import DateMention
from heyue.understanding.promises import Promise


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
            standing = with_sum_changed(standing, turn.text, at)
            if any(each.certainty == "conditional" and each.start is None for each in said):
                said, standing = with_awaited_day(said, standing, awaited_day(turns, number, moments))
            more = is_added(turns, number, standing, said)
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


def named_to_withdraw(said: Promise, withdrawn: list[Standing], end: int) -> bool:
    """A day is named again only to take it back ("25号那个不算数了"), in the words up to `end`."""
    return said.span[0] < end and said.start is not None and (said.start, said.end) in {each.days for each in withdrawn}


def with_day_moved(
    standing: list[Standing], said: list[Promise], text: str, at: datetime
) -> tuple[list[Standing], list[Promise]]:
    """One part of a plan gets another day ("周四转，不要等周五了"); the other parts stand. The rest of what was `said`."""
    if not said and not standing:
        return standing, said
    refused = days_turned_down(text, at)
    said = [each for each in said if (each.start, each.end) not in refused]
    running = [each for each in standing if each.promise.start is not None and runs_in_sitting(each, at)]
    moved = [each for each in running if each.days in refused]
    if not moved and len(said) == 1 and said[0].amount is not None:  # "12号……等等，那天要交社保。15号，八千"
        moved = [each for each in running if each.promise.amount == said[0].amount and each.days in days_named(text, at)]
    if not said and len(running) == 1:
        said, moved = list(moved_to(text, at)), running
    if len(moved) != 1 or len(said) != 1 or said[0].start is None:
        return standing, said
    now = replace(said[0], amount=said[0].amount or moved[0].promise.amount)
    return [replace(each, promise=now) if each is moved[0] else each for each in standing], []


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


def is_added(turns: Sequence[Said], number: int, standing: list[Standing], said: list[Promise]) -> bool:
    """Whether what a turn promises comes on top of what stands, since it or the collector's question speaks of what is left ("剩下的呢？"), or
    its sum is what the collector has called the rest, or it is told on."""
    around = f"{asked_before(turns, number)}\n{turns[number].text}"
    if talk_cue("more_to_come").search(around) or told_on(turns, number, standing, said):
        return True
    return len(said) == 1 and said[0].amount is not None and is_named_rest(turns, number, said[0].amount)


def told_on(turns: Sequence[Said], number: int, standing: list[Standing], said: list[Promise]) -> bool:
    """Instalments told one by one: a later day with its sum, right after a day with its sum ("14号600" "21号1000")."""
    last = standing[-1] if standing else None
    if last is None or len(said) != 1 or not said[0].start or not last.promise.start:
        return False
    alone = last.turn == number - 1 and turns[number - 1].speaker == BORROWER
    return alone and last.promise.start < said[0].start and None not in (last.promise.amount, said[0].amount)


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
