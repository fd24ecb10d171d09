"""The states that stop messages of a case, for a person who answers for it: what holds, one more, one less. All is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from heyue.access.people import User
from heyue.conduct.contact_policy import ContactPolicy, StopRule
from heyue.desk.base import DeskBase, require
from heyue.desk.going_on import go_on
from heyue.desk.masking import masked_text
from heyue.errors import BadInput, Unknown
from heyue.records import Case
from heyue.store import Tx
from heyue.store.debtor_queries import Debtor

ACTION = "keep_stops"
OPTED_OUT = "OPTED_OUT"
RESTING = ("human", "stopped")  # status of a case with which outreach may go on once nothing holds it


class NotStopped(Unknown):
    """The state does not stand in this case."""


@dataclass(frozen=True)
class Stopped:
    """A state that stops messages. `case_id`: where it stands; another of the same person's where it holds for the person.

    `says`, `rule`: of contact_gate.yml; None: it is not listed there, and stops everything. `channels`: those that he refused.
    `has_ended`: its days are over.
    """

    state: str
    since: datetime
    case_id: str
    says: str | None
    rule: str | None
    has_ended: bool = False
    channels: tuple[str, ...] = ()


class StopDesk(DeskBase):
    """Stop states, kept by people: some only a person can know (a lawyer, a lawsuit), and only a person lifts one."""

    def stop_states(self, user: User, case_id: str, at: datetime) -> list[Stopped]:
        """What stops messages of this case, also from the person's other cases and by opt-out.

        Raises:
            NotAllowed: the role may not. UnknownCase: there is none of this number.
        """
        require(user, ACTION)
        with self.store.reading() as tx:
            return _standing(tx, tx.case(case_id), at, self.contact_policy)

    def add_stop(self, user: User, case_id: str, state: str, why: str, at: datetime) -> None:
        """From this moment the state stops messages of the case, queued ones too.

        Raises:
            NotAllowed, UnknownCase. BadInput: no such state, or no reason.
        """
        require(user, ACTION)
        if state not in self.contact_policy.stop_states:
            raise BadInput(f"{state!r} is no stop state: choose one of {', '.join(self.contact_policy.stop_states)}")
        with self.store.transaction() as tx:
            case, _ = _held(tx, case_id)
            details = {"state": state, "why": _reason(why, case)}
            found = _standing(tx, case, at, self.contact_policy)
            if any(each.state == state and each.case_id == case_id and each.has_ended for each in found):
                tx.lift_stop(case_id, state)  # its days begin anew
            tx.add_stop(case_id, state, at, None)
            tx.audit("stop_added", at, case_id=case_id, actor=user.login, details=details)

    def lift_stop(self, user: User, case_id: str, state: str, why: str, at: datetime) -> bool:
        """The state no longer stops messages; an opt-out ends on every channel and for all cases of the person.

        Returns:
            Whether outreach goes on with the case: nothing else holds it.

        Raises:
            NotAllowed, UnknownCase. NotStopped: it does not stand in this case. BadInput: no reason.
        """
        require(user, ACTION)
        with self.store.transaction() as tx:
            case, debtor = _held(tx, case_id)
            details = {"state": state, "why": _reason(why, case)}
            found = _standing(tx, case, at, self.contact_policy)
            if not any(each.state == state and each.case_id == case_id for each in found):
                there = "".join(f"; it stands in case {each.case_id}" for each in found if each.state == state)
                raise NotStopped(f"case {case_id} has no stop state {state}{there}")
            freed = {case_id} | (_end_opt_outs(tx, debtor, at) if state == OPTED_OUT else set())
            tx.audit("stop_lifted", at, case_id=case_id, actor=user.login, details=details)
            return {each: self._lifted(tx, each, state, at, user) for each in sorted(freed)}[case_id]

    def _lifted(self, tx: Tx, case_id: str, state: str, at: datetime, user: User) -> bool:
        """Take the state from a case; whether outreach goes on with it."""
        tx.lift_stop(case_id, state)
        case = tx.case(case_id)
        return case.status in RESTING and go_on(tx, case, at, self.contact_policy, user.login)


def _held(tx: Tx, case_id: str) -> tuple[Case, Debtor]:
    """The case and whose it is; nobody else decides on a message to him until the transaction ends."""
    case = tx.case(case_id)
    debtor = _debtor(tx, case)
    tx.hold_debtor(debtor)
    return case, debtor


def _debtor(tx: Tx, case: Case) -> Debtor:
    found: Debtor = tx.debtor(case, case.phone or case.wechat_openid or "")
    return found


def _reason(why: str, case: Case) -> str:
    if not why.strip():
        raise BadInput("say why: the reason is kept in the audit log")
    return masked_text(why.strip(), case)


def _standing(tx: Tx, case: Case, at: datetime, policy: ContactPolicy) -> list[Stopped]:
    """What stops messages of the case, in the order of the policy, what is not listed there first."""
    debtor, found = _debtor(tx, case), list[Stopped]()
    for case_id, state, since in tx.stops_of(debtor.case_ids):
        rule = policy.stop_states.get(state)
        if case_id == case.case_id or rule is None or rule.of_debtor:
            found.append(_of_rule(state, since, case_id, rule, at))
    if refused := tx.opt_outs_of(debtor):
        said = [each.since for each in found if each.state == OPTED_OUT]
        found = [each for each in found if each.state != OPTED_OUT]
        found.append(_opted_out(case, max([*refused.values(), *said]), tuple(sorted(refused)), at, policy))
    order = list(policy.stop_states)
    return sorted(found, key=lambda each: order.index(each.state) if each.state in order else -1)


def _of_rule(state: str, since: datetime, case_id: str, rule: StopRule | None, at: datetime) -> Stopped:
    if rule is None:
        return Stopped(state, since, case_id, None, None)
    return Stopped(state, since, case_id, rule.says, rule.rule, rule.has_ended(since, at))


def _opted_out(case: Case, since: datetime, channels: tuple[str, ...], at: datetime, policy: ContactPolicy) -> Stopped:
    """The refusals of a person, whichever way they came, as one state of the case."""
    ended = at - since >= timedelta(days=policy.opt_out_days)
    return Stopped(OPTED_OUT, since, case.case_id, policy.says("opt_out"), policy.rule_of("opt_out"), ended, channels)


def _end_opt_outs(tx: Tx, debtor: Debtor, at: datetime) -> set[str]:
    """The person takes messages again on every channel that he had refused. His cases in which the refusal stands."""
    channels = tx.opt_outs_of(debtor)
    for address in {point.address for case_id in debtor.case_ids for point in tx.contact_points(case_id)}:
        for channel in channels:
            tx.end_opt_out(address, channel)
        tx.set_contact_state(address, "usable", at, only_from="opted_out")
    return {case_id for case_id, state, _ in tx.stops_of(debtor.case_ids) if state == OPTED_OUT}
