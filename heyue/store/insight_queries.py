"""Figures: narrow rows of all contacts of a span of time. Nothing is decrypted here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlalchemy.sql import Select

from heyue.insight.breaks import RuleBreak
from heyue.insight.contact import ContactRow
from heyue.records import PromiseTerms, RecordedPromise
from heyue.review.records import CALIBRATION
from heyue.store.queries import Queries
from heyue.store.tables import (
    cases,
    contact_attempts,
    conversations,
    messages,
    opt_outs,
    payments,
    promises,
    stops,
)
from heyue.store.talk_tables import flag_verdicts, machine_flags, reviews, talk_readings

OPTED_OUT = "OPTED_OUT"  # as compliance.md calls it among the states that stop reminders
PromisesOfCase = list[tuple[str | None, RecordedPromise]]  # each with the conversation in which it was made

ROWS_AT_ONCE = 5_000  # quicker than one by one, and a hundred thousand are never held twice
OF_TALK = ("conversation_id", "case_id", "started_at", "channel", "origin", "handler", "turn_count")
OF_READING = ("debtor_type", "situation", "reason", "state", "confidence", "peak_tension", "promise_count")
OF_PROMISE = (
    "promise_id", "case_id", "conversation_id", "start", "end", "amount_due_fen", "state", "paid_fen", "recorded_at",
)  # fmt: skip
ROWS = (
    select(
        *(conversations.c[name] for name in OF_TALK),
        cases.c.due_date,
        conversations.c.facts,
        *(talk_readings.c[name] for name in OF_READING),
    )
    .select_from(
        conversations.outerjoin(cases, cases.c.case_id == conversations.c.case_id).outerjoin(
            talk_readings, talk_readings.c.conversation_id == conversations.c.conversation_id
        )
    )
    .where(conversations.c.case_id.is_(None) | ~conversations.c.case_id.like("PROBE-%"))
)


class InsightQueries(Queries):
    """What figures are made of."""

    def contact_rows(self, since: datetime, until: datetime) -> Iterator[ContactRow]:
        """The contacts that began from `since` on and before `until`, in no order; the probe's are none."""
        split = len(OF_TALK) + 1
        found = self.connection.execute(ROWS.where(*_began(since, until)))
        for row in chain.from_iterable(found.partitions(ROWS_AT_ONCE)):
            days = json.loads(row[split]).get("days_overdue") if row[split] else None
            yield ContactRow._make((*row[:split], days, *row[split + 1 :]))

    def attempt_outcomes(self, since: datetime) -> dict[str, set[str]]:
        """What the bot noted of each conversation from `since` on: right_party, not_verified, wrong_party."""
        here = contact_attempts.c
        query = select(here.conversation_id, here.outcome)
        return self._grouped(query.where(here.at >= since, here.conversation_id.is_not(None)))

    def marks(self, since: datetime) -> dict[str, set[str]]:
        """The states that stop reminders, opt-outs among them, by the conversation that brought them about."""
        here = messages.c.conversation_id
        stopped = select(here, stops.c.state).join(stops, stops.c.cause_turn_id == messages.c.turn_id)
        refused = select(here, opt_outs.c.at).join(opt_outs, opt_outs.c.cause_turn_id == messages.c.turn_id)
        found = self._grouped(stopped.where(stops.c.at >= since))
        for conversation_id, _ in self.connection.execute(refused.where(opt_outs.c.at >= since)):
            found[conversation_id].add(OPTED_OUT)
        return found

    def _grouped(self, query: Select) -> defaultdict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for key, value in self.connection.execute(query):
            found[key].add(value)
        return found

    def promises_by_case(self, since: datetime) -> dict[str, PromisesOfCase]:
        """All promises of the cases that promised from `since` on, each case's in the order in which they were made."""
        found: dict[str, PromisesOfCase] = defaultdict(list)
        query = select(*(promises.c[name] for name in OF_PROMISE)).order_by(promises.c.promise_id)
        for row in self.connection.execute(query.where(promises.c.case_id.in_(_promised(since)))):
            key, case_id, conversation_id, start, end, due_fen, state, paid_fen, at = row
            terms = PromiseTerms(start, end, None)
            promise = RecordedPromise(str(key), case_id, terms, due_fen, state, at, paid_fen)
            found[case_id].append((conversation_id, promise))
        return found

    def payments_by_case(self, since: datetime) -> dict[str, list[tuple[datetime, int]]]:
        """The payments of the same cases as (moment, fen), in order of time; reversals are negative."""
        here, found = payments.c, defaultdict(list)
        query = select(here.case_id, here.paid_at, here.amount_fen).order_by(here.paid_at, here.payment_id)
        for case_id, paid_at, fen in self.connection.execute(query.where(here.case_id.in_(_promised(since)))):
            found[case_id].append((paid_at, fen))
        return found

    def rule_breaks(self, since: datetime, until: datetime) -> list[RuleBreak]:
        """The flags of the talks that began then: the machine's, and those that reviewers added.

        Of several verdicts on a flag the one saved last holds.
        """
        flag, verdict, began = machine_flags.c, flag_verdicts.c, _began(since, until)
        flagged = select(flag.conversation_id, flag.turn, flag.rule).join(
            conversations, conversations.c.conversation_id == flag.conversation_id
        )
        judged = (
            select(reviews.c.conversation_id, verdict.turn, verdict.rule, verdict.is_confirmed)
            .join(flag_verdicts, verdict.review_id == reviews.c.review_id)
            .join(conversations, conversations.c.conversation_id == reviews.c.conversation_id)
            .where(*began, reviews.c.state == "done", reviews.c.round != CALIBRATION)
            .order_by(reviews.c.saved_at)
        )
        found: dict[tuple[Any, ...], bool | None] = {
            tuple(row): None for row in self.connection.execute(flagged.where(*began))
        }
        for *place, is_confirmed in self.connection.execute(judged):
            found[tuple(place)] = is_confirmed
        return [RuleBreak._make((*place, is_confirmed)) for place, is_confirmed in found.items()]


def _began(since: datetime, until: datetime) -> tuple[Any, Any]:
    return conversations.c.started_at >= since, conversations.c.started_at < until


def _promised(since: datetime) -> Select:
    return select(promises.c.case_id).where(promises.c.recorded_at >= since)
