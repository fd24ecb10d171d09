"""The bytes of an uploaded file as lines of text: limits, encoding, damage. Nothing is held twice."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

from heyue.intake.transcript_problem import refusal

MIB = 1 << 20
MOST_MIB = 256  # a file
MOST_LINE = 2 * MIB  # characters; the longest transcript that is read takes less than one
SAMPLE, CHUNK = MIB, 1 << 16
MOST_DAMAGE = (
    0.25  # share of the characters beyond ASCII that are no text: more is another encoding, or no text
)
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff]|[\ud800-\udfff]")


def check_size(data: bytes) -> None:
    """Raises BadInput for a file that is empty or too big."""
    if not data:
        raise refusal("empty")
    if len(data) > MOST_MIB * MIB:
        raise refusal("too_big", size=len(data) // MIB, most=MOST_MIB)


def encoding_of(data: bytes) -> str:
    """The encoding of a text: by its mark, else UTF-8 where it fits, else GB18030.

    A UTF-8 file with a character cut in two stays UTF-8: as GB18030 all of it would be unreadable.

    Raises:
        BadInput: this is no text.
    """
    marked = next((encoding for mark, encoding in BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if marked is None and b"\0" in data[:CHUNK]:
        raise refusal("not_text")
    if marked is None and is_utf8(data):
        return "utf-8"
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        if damage_of(data[:SAMPLE], encoding) <= MOST_DAMAGE:
            return encoding
    raise refusal("not_text")


def is_utf8(data: bytes) -> bool:
    """Whether all of the data decodes as UTF-8, piece by piece."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(data), CHUNK):
            decoder.decode(view[start : start + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def damage_of(sample: bytes, encoding: str) -> float:
    """The share of a sample's characters beyond ASCII that this encoding cannot read."""
    text = sample.decode(encoding, "replace")
    beyond = sum(1 for character in text if not character.isascii())
    return text.count("\ufffd") / max(beyond, 1)


def text_lines(data: bytes, encoding: str) -> Iterator[str]:
    """The lines with their ends, one at a time; a line is cut at MOST_LINE characters, NUL is left out."""
    source = io.TextIOWrapper(io.BytesIO(data), encoding, errors="replace", newline="")
    while line := source.readline(MOST_LINE):
        rest = line
        while len(rest) == MOST_LINE and rest[-1] not in "\r\n":
            rest = source.readline(MOST_LINE)
        yield line.replace("\0", "")


def clean(text: str) -> str:
    """A text trimmed and without what no database takes: control characters and halves of characters."""
    text = text.strip()
    if text.isprintable():
        return text
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
