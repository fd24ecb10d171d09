"""What outreach must know of cases, gathered from the store: whose they are, where they stand, when people answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from heyue.conduct.contact_checks import USABLE
from heyue.delivery.sms_text import compact, segments, signed
from heyue.ledger import settle
from heyue.outreach.best_hour import Evidence, evidence_of
from heyue.outreach.policy import HourRules
from heyue.outreach.standing import Notice, Standing, Way
from heyue.policy import Policy
from heyue.records import Case, OutboundMessage
from heyue.settings import ZONE
from heyue.store import Tx
from heyue.store.outreach_queries import CaseFacts, Reachable

CASES_AT_ONCE = 200
LEARN_FROM = 2_000  # cases written to lately
SMS_ADDRESS = "phone"  # what the contact point of an SMS is called
LONGEST_MEMORY = timedelta(days=120)  # a message longer ago says nothing about today's plan


def debtors(tx: Tx, case_ids: Sequence[str], wanted: Reachable) -> list[list[str]]:
    """The cases by person, with his other cases that are wanted: those bound by a shared address, or by the same name and
    identity digits. In the order given, what is not given last."""
    first: dict[str, str] = {}

    def root(node: str) -> str:
        while (above := first.get(node, node)) != node:
            first[node] = first.get(above, above)
            node = above
        return node

    bonds = tx.bonds(case_ids)
    for case_id, mark in bonds:
        ours, theirs = root(case_id), root(mark.hex())
        if ours != theirs:
            first[theirs] = ours
    others = {case_id for case_id, _ in bonds} - set(case_ids)
    groups: dict[str, list[str]] = defaultdict(list)
    for case_id in (*case_ids, *tx.reachable_among(wanted, others)):
        groups[root(case_id)].append(case_id)
    return list(groups.values())


def standings(tx: Tx, case_ids: Sequence[str], at: datetime, policy: Policy) -> dict[str, Standing]:
    """Where these cases stand."""
    facts = tx.case_facts(case_ids, at - LONGEST_MEMORY)
    return {case_id: standing_of(each, at, policy) for case_id, each in facts.items()}


def standing_of(facts: CaseFacts, at: datetime, policy: Policy) -> Standing:
    """Where one case stands."""
    heard_on = dict[str, datetime]()
    for moment, channel in facts.heard:
        heard_on[channel] = moment
    paid = [moment for moment, fen in facts.payments if fen > 0]
    return Standing(
        facts.case,
        max(facts.case.amount_due_fen - sum(fen for _, fen in facts.payments), 0),
        settle(facts.promises, facts.payments, at.astimezone(ZONE).date(), policy.promise),
        [_way(point.channel, point.address, point.state, heard_on) for point in facts.points],
        [Notice(*notice) for notice in facts.notices],
        [moment for moment, _ in facts.heard],
        paid[-1] if paid else None,
    )


def _way(point: str, address: str, state: str, heard_on: dict[str, datetime]) -> Way:
    channel = "sms" if point == SMS_ADDRESS else point
    return Way(channel, address, state in USABLE, heard_on.get(channel))


def evidence(tx: Tx, at: datetime, rules: HourRules) -> Evidence:
    """When borrowers answered lately."""
    since, found = at - timedelta(days=rules.learn_days), Evidence()
    lately = tx.lately_noticed(since, LEARN_FROM)
    for begin in range(0, len(lately), CASES_AT_ONCE):
        sent, heard = defaultdict[str, list[datetime]](list), defaultdict[str, list[datetime]](list)
        some = lately[begin : begin + CASES_AT_ONCE]
        for case_id, notice in tx.notices_of(some, since):
            if notice.is_counted and notice.at <= at:
                sent[case_id].append(notice.at)
        for case_id, moment, _ in tx.heard_of(some, since):
            heard[case_id].append(moment)
        for case_id in some:
            found.add(evidence_of(sent[case_id], heard[case_id], rules))
    return found


def sms_segments(message: OutboundMessage, case: Case, signature: str | None) -> int | None:
    """In how many segments an SMS goes; None for other channels. A signature that is not known is taken to be the creditor's name."""
    if message.channel != "sms":
        return None
    return segments(signed(compact(message.text), case.creditor if signature is None else signature))
