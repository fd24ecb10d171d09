"""Where data keys come from: the environment, else the key file, made on the first start. Several have numbers.

One key by itself is number 1; several are written `1:BASE64,2:BASE64` (in the file: one a line).
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from heyue.errors import BadInput, StoreUnavailable

KEY_BYTES = 32
KEY_VARIABLE = "HEYUE_DATA_KEY"
FILE = "data.key"
FIRST, LAST = 1, 255  # a number stands in one byte before each sealed value


def data_keys(data_folder: Path, may_make: bool) -> dict[int, bytes]:
    """The data keys of this process by their numbers. `may_make`: the key file, where there are none.

    Raises:
        BadInput: the variable or the file does not hold keys of 32 bytes in base64, or there are none and none may be made.
        StoreUnavailable: the key file cannot be read or made.
    """
    if encoded := os.environ.get(KEY_VARIABLE):
        return keys_in(encoded, f"the variable {KEY_VARIABLE}")
    return _from_file(data_folder / FILE, may_make)


def are_there(data_folder: Path) -> bool:
    """Whether this process has data keys without making any."""
    return are_from_environment() or (data_folder / FILE).exists()


def are_from_environment() -> bool:
    """Whether the keys stand in the environment, which a running process does not read again."""
    return bool(os.environ.get(KEY_VARIABLE))


def keys_in(encoded: str | bytes, origin: str) -> dict[int, bytes]:
    """The keys in a text, by their numbers.

    Raises:
        BadInput: they cannot be read; the message names the origin and repeats no key.
    """
    try:
        text = encoded.decode("ascii") if isinstance(encoded, bytes) else encoded
    except UnicodeDecodeError:
        text = ""
    if ":" not in text:
        return {FIRST: _decoded(text, origin)}
    found: dict[int, bytes] = {}
    for word in re.split(r"[\s,]+", text.strip()):
        number, _, key = word.partition(":")
        if not number.isdecimal() or not FIRST <= int(number) <= LAST or int(number) in found:
            raise BadInput(f"{origin} must number its keys from {FIRST} to {LAST}, each once: 1:BASE64,2:BASE64")
        found[int(number)] = _decoded(key, origin)
    return found


def _decoded(encoded: str, origin: str) -> bytes:
    try:
        data_key = base64.b64decode(encoded.strip(), validate=True)
    except ValueError:  # not base64, or not even ASCII
        data_key = b""
    if len(data_key) != KEY_BYTES:
        raise BadInput(f"{origin} must hold 32 bytes in base64, such as `openssl rand -base64 32` gives")
    return data_key


def add_to_file(data_folder: Path) -> int:
    """Put a new key into the key file beside those that it holds; its number.

    Raises:
        BadInput: the keys stand in the environment, there are none, or all numbers are taken. StoreUnavailable: the file cannot be written.
    """
    _refuse_environment()
    path = data_folder / FILE
    known = _from_file(path, may_make=False)
    if max(known) == LAST:
        raise BadInput(f"{path} has a key of the last number, {LAST}")
    _replace(path, known | {max(known) + 1: os.urandom(KEY_BYTES)})
    return max(known) + 1


def drop_from_file(data_folder: Path, number: int) -> None:
    """Take a key out of the key file.

    Raises:
        BadInput: the keys stand in the environment, there is none of this number, or it is the only one.
    """
    _refuse_environment()
    path = data_folder / FILE
    known = _from_file(path, may_make=False)
    if number not in known or len(known) == 1:
        raise BadInput(f"{path} has no key {number} beside others")
    _replace(path, {each: key for each, key in known.items() if each != number})


def _refuse_environment() -> None:
    if are_from_environment():
        raise BadInput(f"the keys stand in {KEY_VARIABLE}: write 1:OLD,2:NEW there, made by `openssl rand -base64 32`")


def _from_file(path: Path, may_make: bool) -> dict[int, bytes]:
    """The keys in `path`; one is made with owner-only rights when the file does not exist and that may be."""
    try:
        if not path.exists():
            if not may_make:
                raise BadInput(f"there is no data key: put the one of this store at {path}, or set {KEY_VARIABLE} to it")
            path.parent.mkdir(parents=True, exist_ok=True)
            with _draft(path, base64.b64encode(os.urandom(KEY_BYTES))) as draft, contextlib.suppress(FileExistsError):
                os.link(draft, path)  # of two starters at once the first one's key stands
        return keys_in(path.read_bytes(), f"the key file {path}")
    except OSError as error:
        raise StoreUnavailable(f"the key file {path} cannot be used: {error.strerror}") from error


def _replace(path: Path, known: Mapping[int, bytes]) -> None:
    lines = "".join(f"{number}:{base64.b64encode(key).decode()}\n" for number, key in sorted(known.items()))
    try:
        with _draft(path, lines.encode()) as draft:
            os.replace(draft, path)
    except OSError as error:
        raise StoreUnavailable(f"the key file {path} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def _draft(path: Path, content: bytes) -> Iterator[str]:
    """A file beside `path` with this content, readable by its owner alone: what takes its place is whole or not there."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        yield draft
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
