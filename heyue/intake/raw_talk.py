"""A talk as an uploaded file tells it, and what becomes of it: a transcript, or the reasons why there is none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from heyue.coaching.transcript import (
    BORROWER,
    COLLECTOR,
    MOST_CHARACTERS,
    MOST_TURNS,
    CaseFacts,
    Said,
    Transcript,
)
from heyue.errors import BadInput
from heyue.intake.transcript_bytes import clean
from heyue.intake.transcript_columns import channel_named
from heyue.intake.transcript_problem import RowProblem, problem
from heyue.intake.transcript_speakers import IGNORED, Roles, is_only_a_role
from heyue.intake.transcript_time import TalkClock
from heyue.money import fen_from_yuan, yuan_from_fen

MOST_ID = 128  # characters
AMOUNT = re.compile(r"[¥￥]?\s*([0-9,，]{1,15}(?:\.[0-9]+)?)\s*元?")
COUNT = re.compile(r"(-?[0-9]{1,5})\s*[天次]?")


@dataclass(frozen=True)
class ReadTranscript:
    """A talk that was read: its id (given, or made from the content) and the lines of the file where it stands."""

    external_id: str
    transcript: Transcript
    collector: str | None
    line: int
    last_line: int


@dataclass(frozen=True)
class RawTurn:
    """One turn with the speaker's name as written."""

    line: int
    speaker: str
    text: str
    at: datetime | None


@dataclass
class RawTalk:
    """A talk on its way in. `facts`: channel, collector and case facts as written, by field of ColumnMapping."""

    line: int
    given_id: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    turns: list[RawTurn] = field(default_factory=list)
    clock: TalkClock = field(default_factory=TalkClock)
    problems: list[RowProblem] = field(default_factory=list)
    last_line: int = 0
    characters: int = 0

    def say(self, line: int, speaker: str, text: str, at: datetime | None) -> None:
        """Add a turn; of a talk beyond the limits of a transcript no more is kept."""
        self.last_line = line
        if not self.too_long:
            self.characters += len(text)
            self.turns.append(RawTurn(line, clean(speaker), clean(text), at))

    @property
    def too_long(self) -> bool:
        return self.characters > MOST_CHARACTERS or len(self.turns) > MOST_TURNS

    @property
    def external_id(self) -> str:
        """The given id, else one made from who said what when: the same for the same talk in any file."""
        if self.given_id:
            return self.given_id
        content = hashlib.sha256()
        for turn in self.turns:
            at = turn.at.isoformat() if turn.at else ""
            content.update(f"{at}\x1f{turn.speaker}\x1f{turn.text}\x1e".encode())
        return f"sha256-{content.hexdigest()[:32]}"


def finished(
    talk: RawTalk, roles: Roles, default_channel: str | None
) -> Iterator[ReadTranscript | RowProblem]:
    """The transcript of a talk and what was odd in it; only problems where it cannot be taken."""
    yield from talk.problems
    collector = talk.facts.get("collector", "")
    known = {name: roles.of(name, collector) for name in dict.fromkeys(turn.speaker for turn in talk.turns)}
    fault = refused(talk, known)
    if fault:
        yield fault
        return
    turns = [turn for turn in talk.turns if known[turn.speaker] != IGNORED]
    yield from oddities(talk, turns)
    case, channel, odd = read_facts(talk)
    yield from odd
    said = tuple(Said(known[turn.speaker] or "", turn.text, turn.at) for turn in in_order(turns))
    transcript = Transcript(said, channel or default_channel, case)
    yield ReadTranscript(
        talk.external_id, transcript, collector or only_name(known), talk.line, talk.last_line
    )


def refused(talk: RawTalk, known: dict[str, str | None]) -> RowProblem | None:
    """Why a talk cannot be taken. With one speaker unknown all of it is left: half a talk reads as another one."""
    if len(talk.given_id) > MOST_ID:
        return problem("bad_id", talk.line, said=talk.given_id, most=MOST_ID)
    if talk.too_long:
        return problem("too_long", talk.line, turns=MOST_TURNS, characters=MOST_CHARACTERS)
    if unknown := [name for name, role in known.items() if role is None]:
        first = next(turn.line for turn in talk.turns if turn.speaker == unknown[0])
        return problem("unknown_speaker", first, said="、".join(unknown))
    if not {COLLECTOR, BORROWER} & set(known.values()):
        return problem("no_turns", talk.line)
    return None


def oddities(talk: RawTalk, turns: list[RawTurn]) -> Iterator[RowProblem]:
    """What a reviewer should know of a talk that was taken: times, order, damaged characters."""
    for code, (line, said) in talk.clock.faults.items():
        yield problem(code, line, said=said)
    if in_order(turns) != turns:
        yield problem("out_of_order", talk.line)
    yield from (problem("damaged_text", turn.line) for turn in turns if "\ufffd" in turn.text)


def in_order(turns: list[RawTurn]) -> list[RawTurn]:
    """The turns by time where all have one; a file that begins with the newest is turned round first."""
    times = [turn.at for turn in turns if turn.at]
    if len(times) < len(turns) or all(a <= b for a, b in pairwise(times)):
        return turns
    newest_first = all(a >= b for a, b in pairwise(times))
    return sorted(reversed(turns) if newest_first else turns, key=lambda turn: turn.at or times[0])


def only_name(known: dict[str, str | None]) -> str | None:
    """The collector's name where the talk has one collector and the speaker's name is more than a role."""
    names = [name for name, role in known.items() if role == COLLECTOR and not is_only_a_role(name)]
    return names[0] if len(names) == 1 else None


def read_facts(talk: RawTalk) -> tuple[CaseFacts, str | None, list[RowProblem]]:
    """Case facts and channel of a talk; what cannot be read counts as not given and is told."""
    odd: list[RowProblem] = []
    said = {name: value for name, value in talk.facts.items() if value}
    channel = channel_named(said["channel"]) if "channel" in said else None
    if "channel" in said and channel is None:
        odd.append(problem("bad_channel", talk.line, "channel", said=said["channel"]))
    counts = {name: count(said[name]) for name in ("days_overdue", "broken_promises") if name in said}
    odd += [
        problem("bad_number", talk.line, name, said=said[name])
        for name, value in counts.items()
        if value is None
    ]
    amount = yuan(said["amount_due"]) if "amount_due" in said else None
    if "amount_due" in said and amount is None:
        odd.append(problem("bad_amount", talk.line, "amount_due", said=said["amount_due"]))
    return CaseFacts(counts.get("days_overdue"), amount, counts.get("broken_promises")), channel, odd


def count(said: str) -> int | None:
    found = COUNT.fullmatch(said)
    return int(found[1]) if found else None


def yuan(said: str) -> str | None:
    """An amount as contracts.md writes it ("3200.00"); None where it is none."""
    found = AMOUNT.fullmatch(said)
    try:
        return yuan_from_fen(fen_from_yuan(found[1].replace("，", ","))) if found else None
    except BadInput:
        return None
