"""What the models see of a talk: the borrower's words, and how he behaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from heyue.coaching.behaviour import behaviour_flags, some
from heyue.coaching.standing import Standing
from heyue.coaching.talk_promises import talk_promises
from heyue.coaching.transcript import BORROWER, Said, Transcript
from heyue.coaching.turn_reading import (
    READ_CHARACTERS,
    REMEMBERED_TURNS,
    SITTING,
    TurnReading,
    read_turn,
    times,
)
from heyue.understanding.concepts import concepts
from heyue.understanding.linear_text import Blocks, blocks_of_all

SEEN_TURNS = 100  # the last ones: talks have some ten, and an endless one must not cost endless time
CONTEXT = (
    "c@"  # marks what only the situation model sees: what the collector speaks of, how far ahead days lie
)
# The last day of each step of how far ahead money or a promise is; "within about a month" divides short from long
# inability (contracts.md section 4).
STEPS_AHEAD = {"now": 2, "week": 9, "month": 35, "quarter": 100}


class TalkReading(NamedTuple):
    """A talk as the models see it.

    `turns`: one a turn of the transcript. `standing`: what the borrower has promised and not taken back. `own`: his masked
    turns, one a line. `flags`: his behaviour. `collector`: those of the people who speak for the lender, not of the bot.
    `ended`: when the last turn was said.
    """

    turns: tuple[TurnReading, ...]
    standing: tuple[Standing, ...]
    own: str
    flags: tuple[str, ...]
    collector: str
    ended: datetime

    @property
    def blocks(self) -> Blocks:
        """What a LinearText takes."""
        return talk_blocks([self])[0]


def talk_blocks(talks: Sequence[TalkReading]) -> list[Blocks]:
    """What a LinearText takes of each talk."""
    return blocks_of_all([(talk.own, talk.flags) for talk in talks])


def collector_blocks(talks: Sequence[TalkReading]) -> list[Blocks]:
    """What a LinearText takes of the collector's words in each talk."""
    return blocks_of_all([(talk.collector, ()) for talk in talks])


def read_talk(transcript: Transcript, now: datetime) -> TalkReading:
    """Read a talk. Days are counted from each turn's time, or from `now` where the transcript has none."""
    said = transcript.turns
    moments = times(said, now)
    turns = tuple(
        read_turn(turn.speaker, turn.text[:READ_CHARACTERS], at)
        for turn, at in zip(said, moments, strict=True)
    )
    seen = list(zip(said, turns, strict=True))[-SEEN_TURNS:]
    own = [reading.masked for turn, reading in seen if turn.speaker == BORROWER]
    # The bot's standing phrases ("谢谢您的核实", "已登记") would pass for what a person says where something has been paid.
    lender = [number for number in range(len(said))[-SEEN_TURNS:] if said[number].speaker != BORROWER]
    asked = [turns[number].masked for number in lender if number not in transcript.bot_turns]
    by_bot = [turns[number].masked for number in lender if number in transcript.bot_turns]
    standing = tuple(talk_promises(said, turns, now))
    gone_by = sum(each.promise.end is not None and each.promise.end < moments[-1].date() for each in standing)
    flags = behaviour_flags(own, asked, [reading.promises for _, reading in seen], gone_by, transcript.case, by_bot)
    context = {concept for text in asked for concept in _concepts(text)}
    context |= _ahead([reading for _, reading in seen]) | _silence(said, moments)
    seen_flags = (*flags, *sorted(CONTEXT + each for each in context))
    return TalkReading(turns, standing, "\n".join(own), seen_flags, "\n".join(asked), moments[-1] if moments else now)


def _silence(said: Sequence[Said], moments: Sequence[datetime]) -> set[str]:
    """How many of the collector's turns stand unanswered at the end, and in how many sittings the talk was held."""
    last = max((number for number, turn in enumerate(said) if turn.speaker == BORROWER), default=-1)
    sittings = 1 + sum(later - earlier > SITTING for earlier, later in pairwise(moments))
    return {f"unanswered:{some(len(said) - 1 - last)}", f"sittings:{some(sittings)}"}


def _ahead(readings: Sequence[TurnReading]) -> set[str]:
    """How far ahead the days lie that the borrower names, the nearest and the farthest."""
    named = [day for reading in readings for day in reading.ahead]
    coming = [day for day in named if day >= 0]
    if not coming:
        return {"ahead:none", *("ahead:past" for _ in named[:1])}
    return {
        f"nearest:{_step(min(coming))}",
        f"farthest:{_step(max(coming))}",
        *(f"ahead:{_step(day)}" for day in named),
    }


def _step(days: int) -> str:
    if days < 0:
        return "past"
    return next((step for step, last in STEPS_AHEAD.items() if days <= last), "later")


@lru_cache(REMEMBERED_TURNS)
def _concepts(masked: str) -> frozenset[str]:
    return frozenset(concepts(masked))
