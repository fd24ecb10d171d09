"""What an upload page shows of a file before it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from heyue.intake.raw_talk import RawTalk
from heyue.intake.transcript_bytes import clean, encoding_of
from heyue.intake.transcript_columns import ColumnMapping
from heyue.intake.transcript_csv import cell_of
from heyue.intake.transcript_problem import RowProblem, field_name, problem
from heyue.intake.transcript_speakers import guess_role
from heyue.intake.transcript_table import Table, TableTurns

LOOKED_AT = 20_000  # turns
SHOWN_ROWS, SHOWN_SPEAKERS, SHOWN_PROBLEMS = 10, 50, 20
TURN_FIELDS = ("speaker", "time", "text")


@dataclass(frozen=True)
class SpeakerSeen:
    """A speaker among the first turns: how many, who that is by name (None: to be chosen), and the first words."""

    name: str
    turns: int
    guess: str | None
    example: str


@dataclass(frozen=True)
class FilePreview:
    """A file at a glance.

    `rows`: lines of the file, at most; ReadTranscript.last_line and RowProblem.line count in them.
    `mapping`: None where the file is no table. `first_rows`: cells below `columns`.
    `speakers`: the most frequent first; `more_speakers` others stand behind them.
    """

    kind: str
    encoding: str | None
    size: int
    rows: int
    columns: tuple[str, ...]
    mapping: ColumnMapping | None
    speakers: tuple[SpeakerSeen, ...]
    more_speakers: int
    first_rows: tuple[tuple[str, ...], ...]
    problems: tuple[RowProblem, ...]


@dataclass
class Speakers:
    """Counts who speaks."""

    turns: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def see(self, name: str, text: str) -> None:
        self.turns[name] = self.turns.get(name, 0) + 1
        self.examples.setdefault(name, text)

    def seen(self) -> tuple[SpeakerSeen, ...]:
        """The most frequent speakers."""
        names = sorted(self.turns, key=lambda name: -self.turns[name])[:SHOWN_SPEAKERS]
        return tuple(
            SpeakerSeen(name, self.turns[name], guess_role(name), self.examples[name]) for name in names
        )

    @property
    def more(self) -> int:
        return max(len(self.turns) - SHOWN_SPEAKERS, 0)


def preview_of_table(kind: str, data: bytes, table: Table, chosen: ColumnMapping | None) -> FilePreview:
    """A table with the chosen or guessed columns; without speaker and text column it shows no speakers."""
    mapping, speakers = table.mapping(chosen), Speakers()
    problems = list(table.problems) + [
        problem("column_unclear", said=field_name(each)) for each in mapping.unclear
    ]
    if not mapping.unclear:
        for row in islice(TableTurns(table, mapping).rows(), LOOKED_AT):
            if isinstance(row, RowProblem):
                problems.append(row)
            elif row[1]["speaker"]:
                speakers.see(clean(row[1]["speaker"]), row[1]["text"])
        if not mapping.transcript_id:
            problems.append(problem("no_id_column"))
    cells = (row[1] for row in table.rows() if not isinstance(row, RowProblem))
    return FilePreview(
        kind, encoding_of(data) if kind == "csv" else None, len(data), table.lines, table.columns, mapping,
        speakers.seen(), speakers.more, tuple(tuple(map(cell_of, row)) for row in islice(cells, SHOWN_ROWS)), tuple(problems[:SHOWN_PROBLEMS]),
    )  # fmt: skip


def preview_of_talks(kind: str, data: bytes, talks: Iterable[RawTalk | RowProblem]) -> FilePreview:
    """Talks that are no table, as rows of speaker, time and text."""
    speakers, problems, rows = Speakers(), list[RowProblem](), list[tuple[str, ...]]()
    for talk in islice(first_talks(talks), LOOKED_AT):
        if isinstance(talk, RowProblem):
            problems.append(talk)
            continue
        problems += talk.problems
        for turn in talk.turns:
            speakers.see(turn.speaker, turn.text)
            if len(rows) < SHOWN_ROWS:
                rows.append(
                    (turn.speaker, turn.at.isoformat(" ", "seconds")[:19] if turn.at else "", turn.text)
                )
    return FilePreview(
        kind, encoding_of(data), len(data), data.count(b"\n") + 1, tuple(map(field_name, TURN_FIELDS)), None,
        speakers.seen(), speakers.more, tuple(rows), tuple(problems[:SHOWN_PROBLEMS]),
    )  # fmt: skip


def first_talks(talks: Iterable[RawTalk | RowProblem]) -> Iterator[RawTalk | RowProblem]:
    """The talks until LOOKED_AT turns have come."""
    turns = 0
    for talk in talks:
        yield talk
        turns += len(talk.turns) if isinstance(talk, RawTalk) else 1
        if turns >= LOOKED_AT:
            return
