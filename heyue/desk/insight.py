"""The use cases of leads: what became of contacts, as figures, and to take them away in a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from heyue.access.people import User
from heyue.desk.base import DeskBase, NotAllowed, require
from heyue.insight.breaks import RuleBreak
from heyue.insight.choice import talks_to_look_at
from heyue.insight.contact import ContactFact, ContactRow, outcome_of, promise_of
from heyue.insight.promises import judged_promises
from heyue.records import RecordedPromise
from heyue.store import Tx

FIGURES = "dashboard"  # who opens this page may see the figures


class InsightDesk(DeskBase):
    """Figures."""

    def contact_facts(self, user: User, since: datetime, until: datetime, at: datetime) -> list[ContactFact]:
        """The contacts that began from `since` on and before `until`, in no order, as they count `at` now.

        Raises:
            NotAllowed: the role sees no figures.
        """
        _require_figures(user)
        with self.store.reading() as tx:
            attempts, marks = tx.attempt_outcomes(since), tx.marks(since)
            promised, people = self._promises(tx, since, at), _people(tx)
            return [
                self._fact(row, attempts.get(row.conversation_id, ()), promised.get(row.conversation_id, []),
                           marks.get(row.conversation_id, ()), people)
                for row in tx.contact_rows(since, until)
            ]  # fmt: skip

    def _fact(
        self, row: ContactRow, attempts: Collection[str], promised: list[RecordedPromise], marks: Collection[str],
        people: dict[str, str],
    ) -> ContactFact:  # fmt: skip
        days = (row.started_at.date() - row.due_date).days if row.due_date else row.days_overdue
        outcome = outcome_of(row, attempts, bool(promised))
        is_bots = row.origin == "bot" and row.handler is None
        return ContactFact(
            row.conversation_id, row.started_at, row.channel, "bot" if is_bots else "human",
            people.get(row.handler, row.handler) if row.handler else None,
            None if days is None else self.policy.stage(days), row.debtor_type, row.situation, row.reason, outcome,
            promise_of(row, outcome, [each.state for each in promised]),
            max((each.terms.end for each in promised if each.terms.end), default=None), row.confidence, row.peak_tension, tuple(sorted(marks)),
        )  # fmt: skip

    def _promises(self, tx: Tx, since: datetime, at: datetime) -> dict[str, list[RecordedPromise]]:
        """The promises of each conversation as they stand, by its id."""
        found: dict[str, list[RecordedPromise]] = defaultdict(list)
        paid = tx.payments_by_case(since)
        for case_id, made in tx.promises_by_case(since).items():
            promises = [promise for _, promise in made]
            judged = judged_promises(promises, paid.get(case_id, []), at.date(), self.policy.promise)
            for (conversation_id, _), promise in zip(made, judged, strict=True):
                if conversation_id is not None:
                    found[conversation_id].append(promise)
        return found

    def rule_breaks(self, user: User, since: datetime, until: datetime) -> list[RuleBreak]:
        """The rules that were broken in the talks that began from `since` on and before `until`.

        Raises:
            NotAllowed: the role sees no figures.
        """
        _require_figures(user)
        with self.store.reading() as tx:
            return tx.rule_breaks(since, until)

    def talks_to_look_at(
        self, user: User, since: datetime, until: datetime, at: datetime
    ) -> list[tuple[ContactFact, str]]:
        """The five talks that somebody should look at, and why (heyue.insight.choice).

        Raises:
            NotAllowed: the role sees no figures.
        """
        facts = self.contact_facts(user, since, until, at)
        return talks_to_look_at(facts, self.rule_breaks(user, since, until))

    def note_export(self, user: User, what: str, count: int, at: datetime) -> None:
        """Write down that somebody takes figures away in a file, before the file is made.

        Args:
            count: how many contacts stand in it.

        Raises:
            NotAllowed: the role may not.
        """
        require(user, "export")
        with self.store.transaction() as tx:
            tx.audit("figures_exported", at, actor=user.login, details={"what": what, "contacts": count})


def _require_figures(user: User) -> None:
    if not user.role.may_open(FIGURES) or user.role.sees != "all":
        raise NotAllowed(f"the role {user.role.key} sees no figures")


def _people(tx: Tx) -> dict[str, str]:
    """Who the logins are: the name, and the login because names repeat."""
    return {each.login: f"{each.name}（{each.login}）" for each in tx.users()}
