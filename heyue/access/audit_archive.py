"""Archives of the audit log: JSON Lines, first where the entries follow on, then each entry with its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from heyue.access.audit_chain import BrokenEntry, ChainHead, as_json, canonical
from heyue.errors import BadInput

ARCHIVE = "heyue audit archive 1"


def archive_lines(head: ChainHead, entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of an archive of these entries of a chain."""
    first = {"chain": head.chain, "after": head.archived_position, "previous": head.archived_hash.hex()}
    yield json.dumps({"format": ARCHIVE, **first})
    for each in entries:
        yield canonical({**as_json(each), "event_id": each["event_id"], "hash": each["entry_hash"].hex()}).decode()


def broken_line(lines: Iterable[str], origin: str) -> BrokenEntry | tuple[int, int, str]:
    """The first entry of an archive that is not as it was written; else its chain, last place and last hash.

    Raises:
        BadInput: it is no archive.
    """
    reading = iter(lines)
    try:
        head = json.loads(next(reading, "null"))
        if not isinstance(head, dict) or head.get("format") != ARCHIVE:
            raise BadInput(f"{origin}, line 1: no archive of an audit log")
        chain, position, previous = head["chain"], head["after"], head["previous"]
        for line in reading:
            entry = json.loads(line)
            said = {name: value for name, value in entry.items() if name not in ("event_id", "hash")}
            position += 1
            is_next = (entry["chain"], entry["position"], entry["previous"]) == (chain, position, previous)
            if not is_next or hashlib.sha256(canonical(said)).hexdigest() != entry["hash"]:
                return BrokenEntry(chain, position, "changed", entry["event_id"])
            previous = entry["hash"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{origin}: no archive of an audit log: {error}") from error
    return chain, position, previous
