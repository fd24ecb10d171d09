"""May this message reach this borrower at this moment? Every message that goes out is judged here; unknown means no.

Source: compliance.md part C (gate order, settings block); numbers, rule ids and wording stand in contact_gate.yml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from heyue.conduct.contact_checks import (
    DEBT_AND_ROLE,
    MOMENT,
    STANDING,
    WORDS_TO_A_STRANGER,
    WORDS_TO_THE_DEBTOR,
    WORDS_UNASKED,
)
from heyue.conduct.contact_facts import NEVER_HEARD, Contact, Known, Question, Touch
from heyue.conduct.contact_policy import ContactPolicy, StopRule

__all__ = ["NEVER_HEARD", "Contact", "Known", "Touch", "Verdict", "judge_contact"]
CLOCK = frozenset(["wall", "window", "night_demand"])  # checks that waiting alone can satisfy


@dataclass(frozen=True)
class Verdict:
    """The answer: `asked` checks in the order of the gate, those that said no, their rule ids (compliance.md).

    `is_proactive`: it does not answer the borrower's own message, so it counts as a contact.
    `opens_at`: when it may go, if only the clock is against it.
    """

    allowed: bool
    asked: tuple[str, ...]
    refused: tuple[str, ...]
    rules: tuple[str, ...]
    policy_version: str
    is_proactive: bool = True
    opens_at: datetime | None = None


def judge_contact(contact: Contact, known: Known, policy: ContactPolicy) -> Verdict:
    """Ask every check that applies to the message; it may go only when none says no."""
    kind, channel = policy.kinds.get(contact.kind), policy.channels.get(contact.channel)
    if kind is None or channel is None:
        unknown = "kind" if kind is None else "channel"
        return Verdict(False, (unknown,), (unknown,), (policy.rule_of(unknown),), policy.version)
    question = Question(contact, known, policy, kind, channel)
    asked = dict(_answers(question))
    refused = tuple(name for name, passes in asked.items() if not passes)
    rules = tuple(dict.fromkeys(policy.rule_of(name) for name in refused))
    return Verdict(
        not refused, tuple(asked), refused, rules, policy.version, question.is_proactive,
        _opens_at(question, refused),
    )  # fmt: skip


def _opens_at(question: Question, refused: tuple[str, ...]) -> datetime | None:
    """When the message may go; None when more than the clock is against it."""
    if not refused or set(refused) - CLOCK:
        return None
    policy, at = question.policy, question.contact.at
    return policy.window.next_begin(at) if question.is_proactive else policy.no_demand.end_after(at)


def _answers(question: Question) -> Iterator[tuple[str, bool]]:
    """Each check that applies, and whether the message passes it: in the gate's order."""
    to_stranger = question.kind.to_stranger
    yield "channel", question.known.can_send is True
    for applies, checks in (
        (not to_stranger, DEBT_AND_ROLE),
        (question.is_proactive, STANDING),
        (True, MOMENT),
        (not to_stranger, WORDS_TO_THE_DEBTOR),
        (question.is_proactive, WORDS_UNASKED),
        (to_stranger, WORDS_TO_A_STRANGER),
    ):
        for name, check in checks.items() if applies else ():
            passes = check(question)
            if passes is not None:
                yield name, passes
        if checks is DEBT_AND_ROLE and question.is_proactive:
            yield from _stops(question)


def _stops(question: Question) -> Iterator[tuple[str, bool]]:
    """The states that stop messages, by their own names; one that is not listed says no under "stops"."""
    found = question.known.stops
    unlisted = found is None or any(state not in question.policy.stop_states for state in found)
    yield "stops", not unlisted
    for state, rule in question.policy.stop_states.items():
        yield state, state not in (found or {}) or _goes_in_spite_of(rule, (found or {})[state], question)


def _goes_in_spite_of(rule: StopRule, since: datetime, question: Question) -> bool:
    if rule.has_ended(since, question.contact.at):
        return True
    if rule.is_plan:
        return question.kind.on_plan
    return rule.human and not question.by_bot
