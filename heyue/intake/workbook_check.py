"""What must hold of a workbook's archive before anything in it is read: what comes here was written by anybody."""

from __future__ import annotations

from zipfile import ZipFile

MIB = 1 << 20
MOST_UNPACKED_MIB = 256
MOST_ROWS, MOST_COLUMNS = 1_048_576, 64  # a sheet of Excel has no more rows; a table of ours no more columns
PROLOGUE = 1 << 16  # bytes; a document type stands before the first element
# no spreadsheet writes one, and entities are declared there (OWASP: XML external entity prevention)
DOCUMENT_TYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def is_too_big(archive: ZipFile) -> bool:
    """Whether the parts would be too big once unpacked; the archive's own sizes hold, zipfile reads no further."""
    return sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED_MIB * MIB


def has_document_type(archive: ZipFile) -> bool:
    """Whether a part declares a document type."""
    for part in archive.infolist():
        with archive.open(part) as source:
            beginning = source.read(PROLOGUE)
        if any(each in beginning for each in DOCUMENT_TYPES):
            return True
    return False
