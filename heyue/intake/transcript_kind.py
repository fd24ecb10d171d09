"""What kind of file an upload is: by its first bytes, then its name, then its first lines."""

from __future__ import annotations

import re
from pathlib import PurePath

from heyue.intake.transcript_bytes import CHUNK, check_size, encoding_of, text_lines
from heyue.intake.transcript_columns import guess_mapping
from heyue.intake.transcript_csv import DELIMITERS, HEADER_WITHIN
from heyue.intake.transcript_problem import refusal

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".srt": "txt",
    ".vtt": "txt",
}


def kind_of(name: str, data: bytes) -> str:
    """jsonl, csv, xlsx or txt.

    Raises:
        BadInput: empty, too big, or of a kind that is not read.
    """
    check_size(data)
    if data.startswith(OLE):
        raise refusal("old_spreadsheet")
    if data.startswith(ZIP):
        return "xlsx"
    suffix = PurePath(name).suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        raise refusal("not_spreadsheet")
    first = first_lines(data)
    if re.match(r"\s*\[\s*[{\[]", first):
        raise refusal("json_array")
    return SUFFIXES.get(suffix) or kind_by_text(first)


def first_lines(data: bytes) -> str:
    """The beginning of a text."""
    start = data[:CHUNK]
    return "".join(text_lines(start, encoding_of(start)))


def kind_by_text(first: str) -> str:
    """The kind that the first lines look like: objects, a header that names speaker and text, or a chat."""
    lines = [line for line in first.splitlines() if line.strip()][:HEADER_WITHIN]
    if lines and lines[0].lstrip().startswith("{"):
        return "jsonl"
    tables = (
        guess_mapping([cell.strip(' "') for cell in line.split(each)])
        for line in lines
        for each in DELIMITERS
    )
    return "csv" if any(not mapping.unclear for mapping in tables) else "txt"
