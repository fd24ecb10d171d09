"""The rows of a CSV file as people's programs write it: any usual delimiter, and quotes that do not pair up."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from heyue.intake.transcript_columns import guess_mapping
from heyue.intake.transcript_problem import RowProblem, problem

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 20  # lines
MOST_RECORD_LINES = 200  # a quote that is not closed by then is no quote
FORCED_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # how programs keep Excel from reading an id as a number
Cells = tuple[int, list[str]]


class RecordNotClosed(Exception):
    """A quoted field goes on for longer than any message does."""


class RecordLines:
    """Feeds a csv reader line by line and can take the lines of a broken record back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines, self.again = iter(lines), deque[str]()
        self.number, self.record, self.ended = 0, list[str](), False

    def __iter__(self) -> RecordLines:
        return self

    def __next__(self) -> str:
        if len(self.record) >= MOST_RECORD_LINES:
            raise RecordNotClosed
        try:
            line = self.again.popleft() if self.again else next(self.lines)
        except StopIteration:
            self.ended = True
            raise
        self.record.append(line)
        self.number += 1
        return line

    def begin(self) -> int:
        """Start a record; its line number."""
        self.record, self.ended = [], False
        return self.number + 1

    def take_back(self) -> str:
        """Return all lines of the record but the first, which is the answer."""
        first, *rest = self.record
        self.again.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


def csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[Cells | RowProblem]:
    """The rows with their line numbers, cells as written. A row with an unpaired quote is read as it stands."""
    source = RecordLines(lines)
    reader, width = csv.reader(source, delimiter=delimiter), 0
    while True:
        line = source.begin()
        try:
            cells = next(reader)
            whole = not source.ended and not swallows_rows(source.record, delimiter, width)
        except StopIteration:
            return
        except (csv.Error, RecordNotClosed):
            whole = False
        if not whole:
            yield problem("unpaired_quote", line)
            cells = source.take_back().rstrip("\r\n").split(delimiter)
        width = max(width, len(cells))
        if any(cells):
            yield line, cells


def swallows_rows(record: list[str], delimiter: str, width: int) -> bool:
    """Whether a record over several lines holds a line that looks like a row of its own."""
    return width > 2 and any(line.count(delimiter) >= width - 1 and '"' not in line for line in record[1:])


def cell_of(cell: str) -> str:
    """A cell as it is meant: trimmed, without Excel's wrapping."""
    cell = cell.strip()
    if cell.startswith('="') and (forced := FORCED_TEXT.fullmatch(cell)):
        return forced[1]
    return cell


def delimiter_of(lines: Iterable[str]) -> str:
    """The delimiter with which the first lines name the most fields, else make the most cells."""
    first = [line.rstrip("\r\n") for line in islice(lines, HEADER_WITHIN)]

    def fit(delimiter: str) -> tuple[int, int]:
        rows = [[cell.strip(' "') for cell in line.split(delimiter)] for line in first]
        return (
            max((len(guess_mapping(cells).chosen) for cells in rows), default=0),
            max((len(cells) for cells in rows), default=0),
        )

    return max(DELIMITERS, key=fit)
