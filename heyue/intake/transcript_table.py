"""Tables of talks, one row a turn: CSV and XLSX. Rows of one talk may stand anywhere in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from heyue.intake.raw_talk import RawTalk
from heyue.intake.transcript_bytes import clean, encoding_of, text_lines
from heyue.intake.transcript_columns import ColumnMapping, guess_mapping
from heyue.intake.transcript_csv import HEADER_WITHIN, Cells, cell_of, csv_rows, delimiter_of
from heyue.intake.transcript_problem import RowProblem, field_name, problem, refusal
from heyue.intake.transcript_sheet import opened_sheet

MOST_OPEN = 50_000_000  # characters of talks whose last row has not come yet
PACKED = "\x1f"  # between the cells of a sheet's row held as one string; XML cannot hold this character
FACTS = ("channel", "collector", "days_overdue", "amount_due", "broken_promises")
Rows = Callable[[], Iterator[Cells | RowProblem]]


@dataclass(frozen=True)
class Table:
    """A table whose header was found. `rows`: the rows below it, from the first each time it is called.

    `lines`: how many the file has, about.
    """

    columns: tuple[str, ...]
    rows: Rows
    lines: int
    problems: tuple[RowProblem, ...]

    def mapping(self, chosen: ColumnMapping | None) -> ColumnMapping:
        """The person's choice of columns, else the guess.

        Raises:
            BadInput: a chosen column is not there.
        """
        mapping = chosen or guess_mapping(self.columns)
        absent = [column for column in mapping.chosen.values() if column not in self.columns]
        if absent:
            raise refusal("column_not_there", said="、".join(absent))
        return mapping


def csv_table(data: bytes) -> Table:
    """The table in a CSV file, read anew from the bytes whenever its rows are asked for."""
    encoding = encoding_of(data)
    delimiter = delimiter_of(text_lines(data, encoding))
    return table_of(lambda: csv_rows(text_lines(data, encoding), delimiter), data.count(b"\n") + 1, [])


def sheet_table(data: bytes, most: int | None = None) -> Table:
    """The table in an XLSX file, its first `most` rows. They are unpacked once and held: that takes the most time."""
    with opened_sheet(data) as sheet:
        packed = [(line, PACKED.join(cells).rstrip(PACKED)) for line, cells in islice(sheet.rows, most)]
        other = [problem("other_sheets", count=sheet.sheets, said=sheet.title)] if sheet.sheets > 1 else []
    lines = max(sheet.lines, packed[-1][0])
    return table_of(lambda: ((line, cells.split(PACKED)) for line, cells in packed), lines, other)


def table_of(rows: Rows, lines: int, problems: list[RowProblem]) -> Table:
    """The table below the header: the first row that names speaker and text, else the first with two names."""
    first = [row for row, _ in zip(rows(), range(HEADER_WITHIN), strict=False) if isinstance(row, tuple)]
    candidates = [row for row in first if sum(map(bool, row[1])) > 1]
    if not candidates:
        raise refusal("no_header")
    found = next((row for row in candidates if not guess_mapping(row[1]).unclear), candidates[0])
    line, names = found
    if found is not first[0]:
        problems = problems + [problem("title_rows", line)]

    def below() -> Iterator[Cells | RowProblem]:
        return (row for row in rows() if not isinstance(row, tuple) or row[0] > line)

    return Table(column_names(names), below, lines, tuple(problems))


def column_names(cells: list[str]) -> tuple[str, ...]:
    """The header's names, each once: an empty one is numbered, a second one too."""
    seen = Counter[str]()
    names = []
    for number, cell in enumerate(cells, start=1):
        name = clean(cell_of(cell)) or f"第{number}列"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}({seen[name]})")
    return tuple(names)


@dataclass(frozen=True)
class TableTurns:
    """The turns of a table by a mapping."""

    table: Table
    mapping: ColumnMapping

    def __post_init__(self) -> None:
        """Raises BadInput where a needed column is not chosen."""
        if missing := self.mapping.unclear:
            raise refusal("columns_missing", said="、".join(map(field_name, missing)))

    def rows(self, only: str | None = None) -> Iterator[tuple[int, dict[str, str]] | RowProblem]:
        """The fields of each row that has any of them, or `only` one field beside the talk's id.

        A row without an id continues the talk before it: merged cells are written so.
        """
        places = {
            field: self.table.columns.index(column)
            for field, column in self.mapping.chosen.items()
            if only in (None, field) or field == "transcript_id"
        }
        width, talk_id, told = len(self.table.columns), "", not self.mapping.transcript_id
        for row in self.table.rows():
            if isinstance(row, RowProblem):
                yield row
                continue
            line, cells = row
            if len(cells) < width:
                cells = cells + [""] * (width - len(cells))
            values = {field: cell_of(cells[place]) for field, place in places.items()}
            if not any(values.values()):
                continue
            if not told and not values["transcript_id"]:
                told = True
                yield problem("blank_id", line, self.mapping.transcript_id)
            talk_id = values["transcript_id"] = values.get("transcript_id") or talk_id
            yield line, values

    def talks(self) -> Iterator[RawTalk | RowProblem]:
        """Each talk once its last row has come; problems of rows as they come."""
        last, open_talks, held = self.last_lines(), dict[str, RawTalk](), 0
        if not self.mapping.transcript_id:
            yield problem("no_id_column")
        for row in self.rows():
            if isinstance(row, RowProblem):
                yield row
                continue
            line, values = row
            talk_id = values["transcript_id"]
            talk = open_talks.get(talk_id)
            if talk is None:
                talk = open_talks[talk_id] = RawTalk(line, clean(talk_id))
            before = talk.characters
            yield from take_row(talk, line, values)
            held += talk.characters - before
            if line == last.get(talk_id):
                held -= talk.characters
                yield open_talks.pop(talk_id)
            elif held > MOST_OPEN and len(open_talks) > 1:
                raise refusal("too_interleaved")

    def last_lines(self) -> dict[str, int]:
        """The line of the last row of each talk."""
        rows = self.rows(only="text")
        return {row[1]["transcript_id"]: row[0] for row in rows if not isinstance(row, RowProblem)}


def take_row(talk: RawTalk, line: int, values: dict[str, str]) -> Iterator[RowProblem]:
    """Add a row to its talk, or tell why not. The first value of each fact counts."""
    talk.last_line = line
    for fact in FACTS:
        if value := values.get(fact):
            talk.facts.setdefault(fact, clean(value))
    if not values["text"]:
        yield problem("no_text", line, "text")
    elif not values["speaker"]:
        yield problem("no_speaker", line, "speaker")
    else:
        at = talk.clock.moment(written_time(talk, values), line)
        talk.say(line, values["speaker"], values["text"], at)


def written_time(talk: RawTalk, values: dict[str, str]) -> str:
    """The time of a row as written, after its day of another column was noted."""
    day, time = values.get("day", ""), values.get("time", "")
    if day and time:
        talk.clock.note(day)
    return time or day
