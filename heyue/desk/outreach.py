"""The use cases of outreach: who would be written to and why not; to carry that out; to look promises up."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from heyue.conduct.contact_gate import Verdict
from heyue.conversation.facts import masked_name
from heyue.desk import outreach_facts
from heyue.desk.delivery import DeliveryDesk
from heyue.desk.live import DEMONSTRATION
from heyue.ledger import settle
from heyue.outreach.best_hour import Rates
from heyue.outreach.debtor import Planned, learnt_rates, plan_debtor
from heyue.outreach.plan import HANDOVER, Rules, next_step
from heyue.outreach.policy import COURTESY, PROMISE, PURPOSES
from heyue.outreach.standing import CallHuman, Rest, Send, Standing, Way, day_of_message
from heyue.outreach.wording import Words, approved_words, free_words, verified_words
from heyue.records import Case, OutboundMessage, RecordedPromise
from heyue.settings import ZONE
from heyue.store import Tx
from heyue.store.outreach_queries import REACHABLE, STANDING, CasePlace, Ledger, Reachable

SEND, WITHHELD, REST = "send", "withheld", "rest"
FOLLOW_UP, CHECK_CONTACT = "follow_up", "check_contact"
STAGES = frozenset({"early", "middle", "late", HANDOVER})
UNREACHABLE = "unreachable"
SETTLED_AT_ONCE = 500


@dataclass(frozen=True)
class Wanted:
    """What is to be planned. `creditor`: None for all. `most`: only so many cases, the longest overdue, with what else their
    borrowers owe. `as_if`: channels taken to be there.
    """

    purposes: frozenset[str]
    stages: frozenset[str] = STAGES
    creditor: str | None = None
    most: int | None = None
    as_if: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PlannedStep:
    """What is planned for a case, without personal data but for the message itself.

    `action`: send; withheld (the contact gate says no); follow_up, check_contact (by a person); rest. `why`: rule id and
    words of each reason. `not_before`: when it is to be sent. `until`: when what keeps it back ends, where that is known.
    `segments`: in how many an SMS goes and is paid.
    """

    case_id: str
    person: str
    days_overdue: int
    stage: str
    action: str
    kind: str | None = None
    template: str | None = None
    channel: str | None = None
    not_before: datetime | None = None
    until: date | None = None
    why: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    message: OutboundMessage | None = field(default=None, repr=False)
    segments: int | None = None


class OutreachDesk(DeliveryDesk):
    """Outreach."""

    def everything_wanted(self) -> Wanted:
        """What `heyue remind` plans where it is not told: all cases, for the purposes of the policy."""
        return Wanted(self.outreach_policy.purposes)

    def plan_outreach(self, at: datetime, wanted: Wanted) -> Iterator[PlannedStep]:
        """What would be done for each case on this day, or on the next when its hours have passed. Nothing is written."""
        window = self.contact_policy.window
        moment = at if at < _end_of_hours(at, window.end.hour) else window.next_begin(at)
        with self.store.reading() as tx:
            rates = learnt_rates(
                outreach_facts.evidence(tx, at, self.outreach_policy.hours), self.outreach_policy.hours
            )
        reachable, ahead = self._reachable(moment, wanted), set[str]()
        after: CasePlace | None = None
        for most in _pages(wanted.most):
            with self.store.reading() as tx:
                places = tx.reachable_page(reachable, after, most)
                page = [case_id for _, case_id in places]
                groups = outreach_facts.debtors(tx, [case_id for case_id in page if case_id not in ahead], reachable)
                steps = self._steps(tx, groups, moment, wanted, rates)
            yield from steps
            ahead = (ahead | {case_id for group in groups for case_id in group}) - set(page)
            if len(places) < most:
                return
            after = places[-1]

    def _reachable(self, at: datetime, wanted: Wanted) -> Reachable:
        days_before = self.outreach_policy.courtesy_days_before if COURTESY in wanted.purposes else ()
        horizon = self.policy.promise.horizon_days if PROMISE in wanted.purposes else 0
        latest = at.astimezone(ZONE).date() + timedelta(days=max([*days_before, horizon]))
        return Reachable(latest, wanted.creditor)

    def _steps(
        self, tx: Tx, batch: Sequence[Sequence[str]], at: datetime, wanted: Wanted, rates: Rates
    ) -> list[PlannedStep]:
        """What is planned for some people's cases."""
        rules = Rules(self.outreach_policy, self.policy, wanted.purposes)
        known = outreach_facts.standings(tx, [case_id for group in batch for case_id in group], at, self.policy)
        steps = []
        for group in batch:
            here = [known[case_id] for case_id in group if case_id in known]
            here = [each for each in here if self._is_wanted(each.case, at, wanted)]
            for planned in plan_debtor(here, at, rules, self.contact_policy.window, rates):
                steps.append(self._step(tx, planned, at, wanted))
        return steps

    def _is_wanted(self, case: Case, at: datetime, wanted: Wanted) -> bool:
        days = case.days_overdue(at.astimezone(ZONE).date())
        return days <= 0 or self.policy.stage(days) in wanted.stages

    def _step(self, tx: Tx, planned: Planned, at: datetime, wanted: Wanted) -> PlannedStep:
        """One case's plan, held against the contact gate where it is a message."""
        step, standing = planned.step, planned.standing
        if isinstance(step, Send):
            return self._judged_step(tx, planned, step, at, wanted)
        reason = self.outreach_policy.reasons[step.why]
        action = step.task if isinstance(step, CallHuman) else REST
        until = step.until if isinstance(step, Rest) else None
        return self._line(standing, at, action, until=until, why=((reason.rule, reason.says),), reasons=(step.why,))

    def _judged_step(self, tx: Tx, planned: Planned, step: Send, at: datetime, wanted: Wanted) -> PlannedStep:
        """The first way and wording that the gate lets out; else what it says to the first."""
        if self._is_invented(planned.standing.case):
            return self._refused(planned, step, at, "demonstration")
        verdict: Verdict | None = None
        message: OutboundMessage | None = None
        for way in planned.ways:
            for words in self._wordings(planned, step, way):
                tried = _message(planned, step, way, words)
                said = self._judged(tx, tried, _moment(tried, at), way.channel in self.pushing | wanted.as_if)
                if said.allowed:
                    line = self._line(
                        planned.standing, at, SEND, step.kind, tried.template, way.channel, tried.not_before, message=tried
                    )  # fmt: skip
                    return replace(line, segments=outreach_facts.sms_segments(tried, planned.standing.case, self.sms_signature))
                if verdict is None:
                    verdict, message = said, tried
        if verdict is None or message is None:
            return self._refused(planned, step, at, "no_address")
        why = tuple((self.contact_policy.rule_of(name), self.contact_policy.says(name)) for name in verdict.refused)
        return self._line(
            planned.standing, at, WITHHELD, step.kind, message.template, message.channel, message.not_before,
            why=why, reasons=verdict.refused,
        )  # fmt: skip

    def _is_invented(self, case: Case) -> bool:
        """Whether nobody may be written to for this case: where there are senders, its number may be a stranger's."""
        is_demonstration = case.case_id.startswith(DEMONSTRATION)
        return is_demonstration and bool(self.pushing) and not self.outreach_policy.demonstration

    def _refused(self, planned: Planned, step: Send, at: datetime, why: str) -> PlannedStep:
        reason = self.outreach_policy.reasons[why]
        return self._line(
            planned.standing, at, WITHHELD, step.kind, not_before=planned.not_before, why=((reason.rule, reason.says),),
            reasons=(why,),
        )  # fmt: skip

    def _wordings(self, planned: Planned, step: Send, way: Way) -> Iterator[Words]:
        """The wordings to try: in a talk that runs free words, else a template."""
        case, moment = planned.standing.case, planned.not_before
        window = self.contact_policy.channels[way.channel].window_hours
        if window and way.heard_at and moment and moment - way.heard_at < timedelta(hours=window):
            known = verified_words(case, step, way.channel, self.policy)
            if known and moment - way.heard_at < timedelta(hours=self.policy.conduct.idle_hours_continue):
                yield known
            yield free_words(case, step, way.channel, self.policy)
        yield approved_words(case, step, way.channel, self.policy)

    def _line(
        self, standing: Standing, at: datetime, action: str, kind: str | None = None, template: str | None = None,
        channel: str | None = None, not_before: datetime | None = None, until: date | None = None,
        why: tuple[tuple[str, str], ...] = (), reasons: tuple[str, ...] = (), message: OutboundMessage | None = None,
    ) -> PlannedStep:  # fmt: skip
        case = standing.case
        days = case.days_overdue(at.astimezone(ZONE).date())
        return PlannedStep(
            case.case_id, masked_name(case.borrower_name), days, self.policy.stage(days) if days > 0 else "before",
            action, kind, template, channel, not_before, until, why, reasons, message,
        )  # fmt: skip

    def run_outreach(self, at: datetime, wanted: Wanted, campaign_id: int | None = None) -> Counter[str]:
        """Carry the plan out: messages into the outbox, cases to people. Done twice it does nothing more.

        Returns:
            How many cases by what was done; "known" counts messages that were in the outbox before.
        """
        return Counter(self._carry_out(step, at, campaign_id) for step in self.plan_outreach(at, wanted))

    def _carry_out(self, step: PlannedStep, at: datetime, campaign_id: int | None) -> str:
        if step.action in (FOLLOW_UP, CHECK_CONTACT):
            return self._call_human(step, at)
        if step.action != SEND or step.message is None:
            return step.action
        with self.store.transaction() as tx:
            decision = self._put(tx, step.message, at)
            if decision.state == WITHHELD:
                return WITHHELD
            if campaign_id is not None:
                tx.note_campaign_message(campaign_id, step.message.message_id, step.case_id)
            return SEND if decision.is_new else "known"

    def _call_human(self, step: PlannedStep, at: datetime) -> str:
        """Give a case to a person: from here the bot writes nothing of its own accord."""
        (why,) = step.reasons
        with self.store.transaction() as tx:
            case = tx.case(step.case_id)
            if case.status not in REACHABLE:
                return "known"
            lost = {"situation": UNREACHABLE} if step.action == CHECK_CONTACT and case.situation is None else {}
            tx.set_case_state(step.case_id, status="human", **lost)
            tx.add_task(step.case_id, step.action, why, at)
            tx.audit("outreach_handed_over", at, case_id=step.case_id, details={"task": step.action, "why": why})
            return step.action

    def _is_still_wanted(self, tx: Tx, message: OutboundMessage, at: datetime) -> bool:
        """Look at the case again: he may have paid, promised or written since the message was planned."""
        day = day_of_message(message.message_id)
        if day is None or message.case_id is None:
            return True  # not of outreach
        (standing,) = outreach_facts.standings(tx, [message.case_id], at, self.policy).values()
        others = [each for each in standing.notices if each.message_id != message.message_id]
        step = next_step(
            replace(standing, notices=others), day, Rules(self.outreach_policy, self.policy, PURPOSES)
        )
        return isinstance(step, Send) and step.message_id == message.message_id

    def settle_promises(self, at: datetime) -> Counter[str]:
        """Write down where the promises stand whose day has come or passed, by the payments that are in. How many by state.

        A case whose promises are all over is worked on again.
        """
        changed: Counter[str] = Counter()
        last: str | None = ""
        while last is not None:
            with self.store.reading() as tx:
                page = tx.standing_page(last, SETTLED_AT_ONCE)
                waiting = [case_id for case_id, each in tx.ledgers(page).items() if self._changed(each, at)]
            for case_id in waiting:
                with self.store.transaction() as tx:
                    changed += self._settle(tx, case_id, at)
            last = page[-1] if len(page) == SETTLED_AT_ONCE else None
        return changed

    def _changed(self, ledger: Ledger, at: datetime) -> list[RecordedPromise]:
        """The promises of a case that do not stand where it is written down, as they stand."""
        before, paid = ledger
        after = settle(before, paid, at.astimezone(ZONE).date(), self.policy.promise)
        both = zip(before, after, strict=True)
        return [now for was, now in both if (was.state, was.paid_fen) != (now.state, now.paid_fen)]

    def _settle(self, tx: Tx, case_id: str, at: datetime) -> Counter[str]:
        changed = self._changed((tx.promises(case_id), tx.payments(case_id)), at)
        for promise in changed:
            cause = f"day {at.astimezone(ZONE).date().isoformat()}"
            tx.set_promise_state(promise.promise_id, promise.state, promise.paid_fen, at, cause)
        stand = any(promise.state in STANDING for promise in tx.promises(case_id))
        if not stand and tx.case(case_id).status == "promised":
            tx.set_case_state(case_id, status="active")
        return Counter(promise.state for promise in changed)


def _pages(most: int | None) -> Iterator[int]:
    """How many cases to look at together, again and again, until there are `most`."""
    if most is None:
        yield from itertools.repeat(outreach_facts.CASES_AT_ONCE)
        return
    for begin in range(0, most, outreach_facts.CASES_AT_ONCE):
        yield min(outreach_facts.CASES_AT_ONCE, most - begin)


def _message(planned: Planned, step: Send, way: Way, words: Words) -> OutboundMessage:
    return OutboundMessage(
        step.message_id, planned.standing.case.case_id, way.channel, way.address, step.kind, words.text,
        template=words.template, parameters=words.parameters, not_before=planned.not_before, not_after=planned.not_after,
    )  # fmt: skip


def _moment(message: OutboundMessage, at: datetime) -> datetime:
    return max(at, message.not_before or at)


def _end_of_hours(at: datetime, hour: int) -> datetime:
    """When no hour is left on this day: half an hour before the window closes."""
    return at.astimezone(ZONE).replace(hour=hour, minute=0, second=0, microsecond=0) - timedelta(minutes=30)
