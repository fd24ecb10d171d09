"""The hash chain of the audit log: each entry holds the hash of the one before, so that no change goes unseen.

An entry is hashed with SHA-256 (FIPS 180-4) over its canonical JSON (RFC 8785: sorted names, no blanks, UTF-8; our values
are texts, whole numbers and null, for which Python's own form is the canonical one).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

GENESIS = bytes(32)  # stands before the first entry of a chain
SAID = ("event", "actor", "case_id", "conversation_id", "turn_id", "details")
CHECKPOINT = "heyue audit checkpoint 1"


@dataclass(frozen=True)
class ChainHead:
    """Where a chain ends, and up to where its entries lie in archives. Positions count from 1; 0: none yet."""

    chain: int
    position: int
    head_hash: bytes
    archived_position: int = 0
    archived_hash: bytes = GENESIS


@dataclass(frozen=True)
class BrokenEntry:
    """The first entry that is not as it was written. `why`: changed, missing, cut_off, inserted, reordered."""

    chain: int
    position: int
    why: str
    event_id: int | None = None


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one way to write a JSON object down (RFC 8785, section 3.2)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def entry_hash(entry: Mapping[str, Any]) -> bytes:
    """The hash of an entry: of what it says, its place in the chain, and the hash of the one before."""
    return hashlib.sha256(canonical(as_json(entry))).digest()


def as_json(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as it is hashed and archived."""
    return {name: entry[name] for name in (*SAID, "chain", "position")} | {
        "at": entry["at"].astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "previous": entry["previous_hash"].hex(),
    }


def chained(entries: Iterable[Mapping[str, Any]], chain: int, position: int, head: bytes) -> Iterator[dict[str, Any]]:
    """The entries with their places after `position` and their hashes."""
    for place, entry in enumerate(entries, position + 1):
        linked = {**entry, "chain": chain, "position": place, "previous_hash": head}
        head = entry_hash(linked)
        yield linked | {"entry_hash": head}


def first_broken(entries: Iterable[Mapping[str, Any]], heads: Mapping[int, ChainHead]) -> BrokenEntry | None:
    """The first entry that breaks its chain, or None. `entries`: of all chains, each in its order.

    Entries after a head are of writers that were quicker than this look; they must follow on all the same.
    """
    seen = {chain: (head.archived_position, head.archived_hash, 0) for chain, head in heads.items()}
    for entry in entries:
        chain = entry["chain"]
        if chain not in seen:
            return BrokenEntry(chain, entry["position"], "inserted", entry["event_id"])
        if (why := _flaw(entry, *seen[chain])) is not None:
            return BrokenEntry(chain, seen[chain][0] + 1, why, entry["event_id"])
        seen[chain] = entry["position"], entry["entry_hash"], entry["event_id"]
        head = heads[chain]
        if entry["position"] == head.position and entry["entry_hash"] != head.head_hash:
            return BrokenEntry(chain, entry["position"], "changed", entry["event_id"])
    ends = (BrokenEntry(chain, seen[chain][0] + 1, "cut_off") for chain in seen if seen[chain][0] < heads[chain].position)
    return next(ends, None)


def _flaw(entry: Mapping[str, Any], position: int, previous: bytes, event_id: int) -> str | None:
    if entry["position"] != position + 1:
        return "missing" if entry["position"] > position + 1 else "inserted"
    if entry["event_id"] <= event_id:  # its number is not hashed: the database gives it; but within a chain it only grows
        return "reordered"
    return None if entry["previous_hash"] == previous and entry["entry_hash"] == entry_hash(entry) else "changed"


def checkpoint_of(heads: Iterable[ChainHead], at: datetime) -> dict[str, Any]:
    """What to keep outside: where each chain ends now. Later logs must hold these hashes at these places."""
    return {
        "format": CHECKPOINT,
        "at": at.isoformat(),
        "chains": [{"chain": each.chain, "position": each.position, "hash": each.head_hash.hex()} for each in heads],
    }
