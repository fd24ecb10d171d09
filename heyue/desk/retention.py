"""The use cases of retention: what would go and why, the nightly run, legal holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from heyue.access.people import User
from heyue.desk.base import DeskBase, require
from heyue.errors import Unknown, UnknownCase
from heyue.retention.judge import DELETE, KEEP, RELEASE, RESTRICT, CaseFacts, Ruling, judge_case
from heyue.retention.policy import Reason, RowPolicy
from heyue.store import Tx
from heyue.store.retention_queries import LegalHold

CASES_AT_ONCE, ROWS_AT_ONCE = 50, 500
LEASE, LEASE_TIME = "retention", timedelta(minutes=10)


class UnknownHold(Unknown):
    """No hold that still stands has this number."""


@dataclass(frozen=True)
class RetentionStep:
    """What is due. `case_id`: of a case; else so many `rows` of a `kind` of retention.yml."""

    action: str
    why: tuple[Reason, ...]
    case_id: str | None = None
    kind: str = "case"
    rows: int = 1
    until: datetime | None = None


class RetentionDesk(DeskBase):
    """Retention and legal holds."""

    def plan_retention(self, at: datetime) -> Iterator[RetentionStep]:
        """What the job would do now and why; also settled cases that stay, with what keeps them and until when."""
        after = ""
        while True:
            with self.store.reading() as tx:
                case_ids = tx.cases_to_judge(after, CASES_AT_ONCE)
                facts = tx.retention_facts(case_ids)
            if not case_ids:
                break
            after = case_ids[-1]
            for each in facts:
                ruling = judge_case(each, self.retention_policy.case, at)
                yield RetentionStep(ruling.action, ruling.why, each.case_id, until=ruling.until)
        with self.store.reading() as tx:
            for policy in self.retention_policy.rows:
                if rows := tx.count_expired(policy, at):
                    yield RetentionStep(DELETE, (policy,), kind=policy.name, rows=rows)

    def run_retention(
        self, at: datetime, holder: str, is_stopping: Callable[[], bool] = lambda: False
    ) -> Counter[str]:
        """Restrict and delete what is due, in batches; a run that was cut off goes on where it stood.

        One run at a time, over all workers: `holder` names this one. How many of what became restricted or went.
        """
        done = Counter[str]()
        with self.store.transaction() as tx:
            if not tx.take_lease(LEASE, holder, at, at + LEASE_TIME):
                return done
        try:
            after: str | None = ""
            while after is not None and not is_stopping():
                after, some = self._judge_batch(after, at)
                done += some
            for policy in self.retention_policy.rows:
                while not is_stopping() and (rows := self._delete_batch(policy, at)):
                    done[policy.name] += rows
        finally:
            with self.store.transaction() as tx:
                tx.end_lease(LEASE, holder)
        return done

    def _judge_batch(self, after: str, at: datetime) -> tuple[str | None, Counter[str]]:
        """One transaction over some cases: the last of them (None: there was none), and what was done."""
        done = Counter[str]()
        with self.store.transaction() as tx:
            case_ids = tx.cases_to_judge(after, CASES_AT_ONCE)
            for facts in tx.retention_facts(case_ids, is_held=True) if case_ids else ():
                ruling = judge_case(facts, self.retention_policy.case, at)
                if ruling.action != KEEP:
                    carry_out(tx, facts, ruling, at, self.retention_policy.version)
                    done[ruling.action] += 1
        return (case_ids[-1] if case_ids else None), done

    def _delete_batch(self, policy: RowPolicy, at: datetime) -> int:
        with self.store.transaction() as tx:
            rows = tx.delete_expired(policy, at, ROWS_AT_ONCE)
            if rows:
                details = {"what": policy.name, "rows": rows, "rule": policy.rule, "policy": self.retention_policy.version}
                tx.audit("retention_rows_deleted", at, actor=LEASE, details=details)
            return rows

    def set_hold(self, by: User, case_id: str, why: str, at: datetime) -> int:
        """Forbid to delete a case until somebody lifts it; the number of the hold.

        Raises:
            NotAllowed: the role may not. UnknownCase: there is none of this number.
        """
        require(by, "hold_cases")
        with self.store.transaction() as tx:
            if not tx.has_case(case_id):
                raise UnknownCase(f"no case has the number {case_id!r}")
            hold_id = tx.add_hold(case_id, why, by.login, at)
            tx.audit("hold_set", at, case_id=case_id, actor=by.login, details={"hold": hold_id})
            return hold_id

    def lift_hold(self, by: User, hold_id: int, why: str, at: datetime) -> None:
        """Let a hold end.

        Raises:
            NotAllowed: the role may not. UnknownHold: there is none of this number that stands.
        """
        require(by, "hold_cases")
        with self.store.transaction() as tx:
            if not tx.lift_hold(hold_id, why, by.login, at):
                raise UnknownHold(f"no hold that still stands has the number {hold_id}")
            tx.audit("hold_lifted", at, actor=by.login, details={"hold": hold_id})

    def holds(self, by: User) -> list[LegalHold]:
        """All holds, also the lifted ones.

        Raises:
            NotAllowed: the role may not.
        """
        require(by, "hold_cases")
        with self.store.reading() as tx:
            return tx.holds()


def carry_out(tx: Tx, facts: CaseFacts, ruling: Ruling, at: datetime, version: str, actor: str = LEASE) -> None:
    """Do to a case what the ruling says, and keep the proof: its number, the rules and the version of the policy."""
    if ruling.action == DELETE:
        tx.delete_case(facts.case_id)
    else:
        tx.restrict_case(facts.case_id, at if ruling.action == RESTRICT else None)
    event = {DELETE: "retention_deleted", RESTRICT: "retention_restricted", RELEASE: "retention_released"}[ruling.action]
    details = {"rules": sorted({each.rule for each in ruling.why}), "policy": version}
    tx.audit(event, at, case_id=facts.case_id, actor=actor, details=details)
