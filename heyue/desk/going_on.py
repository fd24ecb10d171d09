"""When outreach may go on with a case that was with a person or stopped."""

from __future__ import annotations

from datetime import datetime

from heyue.conduct.contact_policy import ContactPolicy
from heyue.records import Case
from heyue.store import Tx
from heyue.store.outreach_queries import STANDING


def go_on(
    tx: Tx, case: Case, at: datetime, policy: ContactPolicy, actor: str, conversation_id: str | None = None
) -> bool:
    """Let outreach go on with a case, unless a stop state holds or a person has a talk or a task of it. Audited.

    A signed plan holds nothing: its due-date reminders go (N-03), and the gate sees to all else.
    """
    here = case.case_id
    if _is_stopped(tx, here, at, policy) or tx.is_held_by_human(here) or tx.is_to_be_done(here):
        return False
    stands = any(promise.state in STANDING for promise in tx.promises(here))
    status = "promised" if stands else "active"
    tx.set_case_state(here, status=status)
    tx.audit("note_case", at, case_id=here, conversation_id=conversation_id, actor=actor, details={"status": status})
    return True


def _is_stopped(tx: Tx, case_id: str, at: datetime, policy: ContactPolicy) -> bool:
    found = ((policy.stop_states.get(state), since) for _, state, since in tx.stops_of((case_id,)))
    return any(rule is None or not (rule.is_plan or rule.has_ended(since, at)) for rule, since in found)
