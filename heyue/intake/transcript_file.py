"""Transcripts from other systems: what an upload page shows of a file, and the talks in it (contracts.md section 3).

`inspect_file` looks, and guesses what a person then confirms or changes; `read_transcripts` reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from heyue.coaching.transcript import CHANNELS
from heyue.intake.chat_export import chat_talks
from heyue.intake.raw_talk import RawTalk, ReadTranscript, finished
from heyue.intake.transcript_bytes import encoding_of, text_lines
from heyue.intake.transcript_columns import ColumnMapping
from heyue.intake.transcript_json import json_talks
from heyue.intake.transcript_kind import kind_of
from heyue.intake.transcript_preview import LOOKED_AT, FilePreview, preview_of_table, preview_of_talks
from heyue.intake.transcript_problem import RowProblem, problem, refusal
from heyue.intake.transcript_speakers import Roles
from heyue.intake.transcript_table import Table, TableTurns, csv_table, sheet_table

__all__ = ["ColumnMapping", "FilePreview", "ReadTranscript", "RowProblem", "inspect_file", "read_transcripts"]


def inspect_file(name: str, data: bytes, mapping: ColumnMapping | None = None) -> FilePreview:
    """What a file holds, by its beginning: columns, speakers and guesses. `mapping` is the choice made so far.

    Raises:
        BadInput: nothing in this file can be read; the message is for the page.
    """
    kind = kind_of(name, data)
    if kind in ("csv", "xlsx"):
        return preview_of_table(kind, data, opened_table(kind, data, LOOKED_AT), mapping)
    return preview_of_talks(kind, data, raw_talks(kind, data))


def read_transcripts(
    name: str,
    data: bytes,
    mapping: ColumnMapping | None = None,
    speakers: Mapping[str, str] | None = None,
    default_channel: str | None = None,
) -> Iterator[ReadTranscript | RowProblem]:
    """The talks of a file and what is wrong in it, in the order of the file; a problem hides no other row.

    Args:
        mapping: the columns of a table; None for the guess.
        speakers: speaker's name (or transcript_speakers.OTHERS) to collector, borrower or ignored.
        default_channel: the channel of talks that name none.

    Raises:
        BadInput: nothing in this file can be read; the message is for the page. Some of it shows only with the
            first item.
    """
    if default_channel is not None and default_channel not in CHANNELS:
        raise refusal("bad_default_channel", said=default_channel)
    kind, roles = kind_of(name, data), Roles(speakers or {})
    table = opened_table(kind, data) if kind in ("csv", "xlsx") else None
    talks = table_talks(table, mapping) if table else raw_talks(kind, data)
    return each_once(talks, roles, default_channel)


def opened_table(kind: str, data: bytes, most: int | None = None) -> Table:
    """The table in a file; of a sheet the first `most` rows."""
    return csv_table(data) if kind == "csv" else sheet_table(data, most)


def table_talks(table: Table, mapping: ColumnMapping | None) -> Iterator[RawTalk | RowProblem]:
    turns = TableTurns(table, table.mapping(mapping))
    return chain(table.problems, turns.talks())


def raw_talks(kind: str, data: bytes) -> Iterator[RawTalk | RowProblem]:
    """The talks of a file that is no table."""
    return json_talks(text_lines(data, encoding_of(data))) if kind == "jsonl" else chat_talks(data)


def each_once(
    talks: Iterator[RawTalk | RowProblem], roles: Roles, default_channel: str | None
) -> Iterator[ReadTranscript | RowProblem]:
    """The talks as transcripts; one whose id came before in the file is told and left."""
    lines: dict[str, int] = {}
    for talk in talks:
        if isinstance(talk, RowProblem):
            yield talk
            continue
        for item in finished(talk, roles, default_channel):
            if isinstance(item, ReadTranscript):
                first = lines.setdefault(item.external_id, item.line)
                if first != item.line:
                    code = "duplicate_id" if talk.given_id else "same_content"
                    item = problem(code, item.line, said=item.external_id, first=first)
            yield item
