"""The use cases of keeping the audit log whole: verifying it, checkpoints to keep outside, archives of its oldest part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from heyue.access.audit_chain import BrokenEntry, ChainHead, checkpoint_of
from heyue.access.people import User
from heyue.desk.base import DeskBase, require
from heyue.retention.policy import years_before

ENTRIES_A_FILE = 100_000


@dataclass(frozen=True)
class WholeLog:
    """Nothing is missing and nothing was changed."""

    entries: int
    archived: int


class AuditLogDesk(DeskBase):
    """Keeping the audit log whole."""

    def verify_audit(self, by: User, checkpoint: Mapping[str, Any] | None = None) -> WholeLog | BrokenEntry:
        """Go through the whole log; with a checkpoint from outside also find a log that was written anew as a whole.

        Raises:
            NotAllowed: the role may not.
        """
        require(by, "read_audit")
        with self.store.reading(is_snapshot=True) as tx:
            heads = tx.chain_heads()
            broken = tx.first_broken_entry() or next(self._against(tx, heads, checkpoint), None)
        archived = sum(each.archived_position for each in heads.values())
        return broken or WholeLog(sum(each.position for each in heads.values()) - archived, archived)

    @staticmethod
    def _against(tx: Any, heads: Mapping[int, ChainHead], checkpoint: Mapping[str, Any] | None) -> Iterator[BrokenEntry]:
        for each in checkpoint["chains"] if checkpoint else ():
            chain, position, head = each["chain"], each["position"], heads.get(each["chain"])
            if head is None or head.position < position:
                yield BrokenEntry(chain, head.position + 1 if head else 1, "cut_off")
            elif (position == head.archived_position and position and head.archived_hash.hex() != each["hash"]) or (position > head.archived_position and tx.entry_hash_at(chain, position).hex() != each["hash"]):
                yield BrokenEntry(chain, position, "changed")

    def audit_checkpoint(self, by: User, at: datetime) -> dict[str, Any]:
        """Where each chain ends now, to be kept outside. That it was taken stands in the log, so that the chains bind each other.

        Raises:
            NotAllowed: the role may not.
        """
        require(by, "read_audit")
        with self.store.transaction() as tx:
            found = checkpoint_of(tx.chain_heads().values(), at)
            tx.audit("audit_checkpoint", at, actor=by.login, details={"chains": found["chains"]})
            return found

    def audit_to_archive(self, by: User, at: datetime) -> Iterator[tuple[ChainHead, list[dict[str, Any]]]]:
        """Of each chain what is older than the policy keeps in the store, a file's worth: the place it follows on, and the
        entries. To be asked again until nothing is left.

        Raises:
            NotAllowed: the role may not.
        """
        require(by, "read_audit")
        until = years_before(at, self.retention_policy.audit_years.value)
        with self.store.reading(is_snapshot=True) as tx:
            for chain, head in tx.chain_heads().items():
                if entries := list(islice(tx.entries(chain, until), ENTRIES_A_FILE)):
                    yield head, entries

    def drop_archived_audit(self, by: User, at: datetime, last: Mapping[str, Any], file: str) -> int:
        """Let go of a chain's entries up to `last`, which lie in an archive that was written and synced. How many.

        Raises:
            NotAllowed: the role may not.
        """
        require(by, "read_audit")
        with self.store.transaction() as tx:
            gone = tx.drop_archived(last["chain"], last["position"], last["entry_hash"])
            details = {"chain": last["chain"], "until": last["position"], "hash": last["entry_hash"].hex(), "file": file}
            tx.audit("audit_archived", at, actor=by.login, details=details)
            return gone
