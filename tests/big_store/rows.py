"""The rows of a big store, table by table, from numbers alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from heyue.access.audit_chain import GENESIS, chained
from heyue.records import Case
from heyue.review.scorecard import default_scorecard
from heyue.store import Keys
from heyue.store.case_queries import FROM_THE_FILE
from heyue.store.talk_queries import READING_COLUMNS
from tests.big_store.people import (
    BOT,
    COLLECTORS,
    DAYS,
    NOW,
    PRIME,
    TURNS,
    Talk,
    case_id,
    case_of,
    openid,
    person,
    phone,
)
from tests.big_store.samples import reading_values, samples_for
from tests.unit.desk.conftest import ADMIN, LEAD, REVIEWER
from tests.unit.desk.review_talks import SECOND_REVIEWER

Rows = Iterator[Sequence[Any]]
Table = tuple[str, tuple[str, ...], Callable[[], Rows]]
CAMPAIGNS, NOTICES, EVENTS, ITEMS = 20, 2, 4, 25
CHAIN, CHAINS = ("chain", "position", "previous_hash", "entry_hash"), 8
SENT_STATES = ("delivered",) * 6 + ("sent", "failed", "refused", "withheld")


class BigStore:
    """The rows of a store with so many cases, as many talks, ten messages in each."""

    def __init__(self, count: int, keys: Keys) -> None:
        self.count, self.keys, self.samples = count, keys, samples_for(keys)
        self.head = 0, GENESIS  # of the audit log's first chain, once its rows are made

    def tables(self) -> list[Table]:
        """Table, columns and rows, parents before their children."""
        return [
            ("users", ("login", "name", "role", "created_at"), self._users),
            ("cases", ("case_id", "name_sealed", "id_last4_sealed", "person_hash", "creditor", "product",
                       "amount_due_fen", "due_date", "status", "broken_promises", "row_hash"), self._cases),
            ("contact_points", ("case_id", "channel", "address_sealed", "address_hash", "state"), self._points),
            ("conversations", ("conversation_id", "case_id", "channel", "origin", "external_id", "address_sealed",
                               "address_hash", "started_at", "last_turn_at", "last_speaker", "turn_count",
                               "unread_turns", "holder", "handler", "is_timed", "is_pushed", "dialogue", "note_sealed"), self._talks),
            ("messages", ("turn_id", "conversation_id", "channel", "speaker", "text_sealed", "reading_sealed", "at",
                          "message_key"), self._messages),
            ("talk_readings", ("conversation_id", "read_at", *READING_COLUMNS), self._readings),
            ("talk_details", ("conversation_id", "details_sealed"), self._details),
            ("talk_signatures", ("conversation_id", "signature"), self._signatures),
            ("machine_flags", ("conversation_id", "turn", "rule"), self._flags),
            ("promises", ("promise_id", "promise_key", "case_id", "conversation_id", "cause_turn_id", "start", "end",
                          "amount", "certainty", "amount_due_fen", "state", "paid_fen", "recorded_at"), self._promises),
            ("promise_changes", ("promise_id", "state", "paid_fen", "at"), self._changes),
            ("payments", ("case_id", "paid_at", "amount_fen", "ordinal"), self._payments),
            ("contact_attempts", ("case_id", "channel", "outcome", "at", "conversation_id"), self._attempts),
            ("opt_outs", ("address_hash", "channel", "at", "cause_turn_id"), self._opt_outs),
            ("stops", ("case_id", "state", "at", "cause_turn_id"), self._stops),
            ("strangers", ("address_hash", "day"), self._strangers),
            ("audit_events", ("event", "at", "actor", "case_id", "conversation_id", "turn_id", "details", *CHAIN), self._events),
            ("audit_chains", ("chain", "position", "head_hash", "archived_hash"), self._heads),
            ("legal_holds", ("case_id", "why_sealed", "set_by", "set_at"), self._holds),
            ("person_requests", ("kind", "at", "operator", "address_hash", "answer"), self._requests),
            ("outbox", ("message_id", "case_id", "channel", "address_sealed", "address_hash", "person_hash", "kind",
                        "template", "body_sealed", "is_proactive", "is_human", "state", "tries", "queued_at", "due_at",
                        "not_after", "sent_at", "provider", "provider_id"), self._outbox),
            ("gate_decisions", ("message_id", "case_id", "channel", "kind", "at", "stage", "allowed", "asked",
                                "refused", "rules", "policy_version"), self._decisions),
            ("delivery_reports", ("provider", "message", "outcome", "at", "is_address_dead"), self._reports),
            ("campaigns", ("campaign_id", "name", "state", "purposes", "stages", "created_by", "created_at", "started_at",
                           "ended_at"), self._campaigns),
            ("campaign_messages", ("message_id", "campaign_id", "case_id"), self._campaign_messages),
            ("human_tasks", ("case_id", "conversation_id", "task", "why", "at", "assignee", "done_at", "done_by"), self._tasks),
            ("reviews", ("review_id", "conversation_id", "round", "why", "state", "reviewer", "queued_at", "claimed_at",
                         "saved_at", "revision", "scorecard_version", "points", "is_vetoed", "work_sealed"), self._reviews),
            ("review_answers", ("review_id", "item", "verdict"), self._answers),
            ("flag_verdicts", ("review_id", "turn", "rule", "is_confirmed", "is_added"), self._verdicts),
            ("appeals", ("review_id", "collector", "grounds_sealed", "at", "due_at", "state"), self._appeals),
        ]  # fmt: skip

    def talk(self, number: int) -> Talk:
        """One of the talks."""
        return Talk(number, self.count)

    def talks(self) -> Iterator[Talk]:
        """All talks, the first begun first."""
        return map(self.talk, range(self.count))

    def _users(self) -> Rows:
        yield from ((login, login, "collector", NOW) for login in COLLECTORS)
        yield from ((each.login, each.name, each.role.key, NOW) for each in (LEAD, REVIEWER, SECOND_REVIEWER, ADMIN))

    def _cases(self) -> Rows:
        for number in range(self.count):
            case = case_of(number)
            yield (
                case.case_id, self.keys.seal(case.borrower_name), self.samples.digits[person(number) % 10_000],
                self.keys.person_hash(case.borrower_name, case.id_last4), case.creditor, case.product,
                case.amount_due_fen, case.due_date, case.status, 0, self._row_hash(case),
            )  # fmt: skip

    def _row_hash(self, case: Case) -> bytes:
        said = [str(getattr(case, name)) for name in FROM_THE_FILE]
        return self.keys.look_ups(json.dumps([*said, "usable"]))[0]

    def _points(self) -> Rows:
        for number in range(self.count):
            for channel, address in (("phone", phone(number)), ("wechat", openid(number))):
                if address:
                    hashed = self.keys.address_hash(address)
                    yield case_id(number), channel, self.keys.seal(address), hashed, "usable"

    def _talks(self) -> Rows:
        for talk in self.talks():
            is_bots = talk.origin == BOT
            hashed = self.keys.address_hash(phone(talk.case)) if is_bots else None
            ended_at = talk.began_at + timedelta(minutes=TURNS)
            holder = "bot" if is_bots and not talk.is_held else "human"
            handler = COLLECTORS[0] if talk.is_held else talk.handler
            yield (
                talk.conversation_id, case_id(talk.case), talk.channel, talk.origin,
                None if is_bots else f"x-{talk.number}", self.samples.address if is_bots else None, hashed, talk.began_at,
                ended_at, "bot", TURNS, 2 if talk.is_unread else 0, holder, handler, True, False,
                '{"stage": "closed", "verified": true}', self.samples.words if talk.number % 50 == 0 else None,
            )  # fmt: skip

    def _messages(self) -> Rows:
        texts, reading = self.samples.texts, self.samples.reading
        for talk in self.talks():
            here, channel, at, is_bots = talk.conversation_id, talk.channel, talk.began_at, talk.origin == BOT
            theirs = "bot" if is_bots else "collector"
            for place, turn_id in enumerate(talk.turn_ids):
                is_borrowers = place % 2 == 1
                yield (
                    turn_id, here, channel, "borrower" if is_borrowers else theirs, texts[turn_id * 31 % len(texts)],
                    reading if is_borrowers and is_bots else None, at + timedelta(minutes=place),
                    f"key-{turn_id}" if is_borrowers and is_bots else None,
                )  # fmt: skip

    def _read(self) -> Iterator[tuple[Talk, bool]]:
        """The talks that were read, and whether they have a flag."""
        return ((talk, talk.origin != BOT and talk.number % 4 == 0) for talk in self.talks() if not talk.is_unread)

    def _readings(self) -> Rows:
        of = {flagged: reading_values(flagged) for flagged in (True, False)}
        for talk, is_flagged in self._read():
            yield talk.conversation_id, talk.began_at + timedelta(minutes=TURNS + 1), *of[is_flagged]

    def _details(self) -> Rows:
        return ((talk.conversation_id, self.samples.details[is_flagged]) for talk, is_flagged in self._read())

    def _signatures(self) -> Rows:
        some = self.samples.signatures
        return ((talk.conversation_id, some[talk.number % len(some)]) for talk, _ in self._read())

    def _flags(self) -> Rows:
        return ((talk.conversation_id, 2, "exposure_threat") for talk, is_flagged in self._read() if is_flagged)

    def _promised(self) -> Iterator[tuple[Talk, str]]:
        """The talks that ended with a promise, and where that stands."""
        for talk in self.talks():
            if talk.origin == BOT and talk.number % 3 == 0:
                is_young = talk.age * DAYS < 8 * self.count
                yield talk, "open" if is_young else ("kept", "broken", "partly_kept")[talk.number // 3 % 3]

    def _promises(self) -> Rows:
        for number, (talk, state) in enumerate(self._promised(), 1):
            day = talk.began_at.date() + timedelta(days=7)
            yield (
                number, f"{talk.conversation_id}:0:0", case_id(talk.case), talk.conversation_id, talk.turn_ids[5], day,
                day, "2000.00", "firm", 200_000, state, 200_000 if state == "kept" else 0, talk.began_at,
            )  # fmt: skip

    def _changes(self) -> Rows:
        for number, (talk, state) in enumerate(self._promised(), 1):
            yield number, "open", 0, talk.began_at
            if state != "open":
                yield number, state, 0, talk.began_at + timedelta(days=9)

    def _payments(self) -> Rows:
        for talk, state in self._promised():
            if state == "kept":
                yield case_id(talk.case), talk.began_at + timedelta(days=5), 200_000, 0

    def _attempts(self) -> Rows:
        for talk in self.talks():
            if talk.origin == BOT:
                yield case_id(talk.case), "sms", "right_party", talk.began_at, talk.conversation_id

    def _opt_outs(self) -> Rows:
        once = {talk.case: talk for talk in self.talks() if talk.number % 70 == 0}
        for case, talk in once.items():
            yield self.keys.address_hash(phone(case)), "sms", talk.began_at, talk.turn_ids[3]

    def _stops(self) -> Rows:
        once = {talk.case: talk for talk in self.talks() if talk.number % 70 == 1}
        for case, talk in once.items():
            yield case_id(case), "DISPUTE", talk.began_at, talk.turn_ids[3]

    def _strangers(self) -> Rows:
        for number in range(self.count // 50):
            yield self.keys.address_hash(f"138{number:08}"), NOW.date() - timedelta(days=number % DAYS)

    def _events(self) -> Rows:
        for talk in self.talks():
            who = ("bot", "bot", talk.handler or "bot", "lead")
            events = ("verified", "note_case", "conversation_viewed", "holder_bot")
            entries = [
                {
                    "event": events[place], "at": talk.began_at + timedelta(minutes=place), "actor": who[place],
                    "case_id": case_id(talk.case), "conversation_id": talk.conversation_id, "turn_id": talk.turn_ids[1],
                    "details": None,
                }
                for place in range(EVENTS)
            ]  # fmt: skip
            for entry in chained(entries, 1, *self.head):
                self.head = entry["position"], entry["entry_hash"]
                yield tuple(entry.values())

    def _heads(self) -> Rows:
        yield 1, *self.head, GENESIS
        yield from ((chain, 0, GENESIS, GENESIS) for chain in range(2, CHAINS + 1))

    def _holds(self) -> Rows:
        for number in range(0, self.count, 50):
            yield case_id(number), self.samples.words, "lead", NOW - timedelta(hours=number % 5_000)

    def _requests(self) -> Rows:
        for number in range(0, self.count, 50):
            yield "export", NOW - timedelta(hours=number % 5_000), "lead", self.keys.address_hash(phone(number)), "{}"

    def _notices(self) -> Iterator[tuple[int, str, str, datetime]]:
        """Number, message id, state and day of each notice; the last wait to be sent."""
        total = self.count * NOTICES
        for number in range(total):
            is_waiting = total - number <= max(total // 500, 60)
            at = NOW - timedelta(minutes=30) if is_waiting else NOW - timedelta(days=DAYS * (total - number) / total)
            case = number * PRIME % self.count
            yield case, f"out:{case_id(case)}:{number}", "queued" if is_waiting else SENT_STATES[number // 2 % 10], at

    def _outbox(self) -> Rows:
        for case, message_id, state, at in self._notices():
            hashed, person_hash = self.keys.address_hash(phone(case)), self._person_hash(case)
            is_waiting = state == "queued"
            yield (
                message_id, case_id(case), "sms", self.samples.address, hashed, person_hash, "reminder",
                "reminder_early_1", self.samples.body, True, False, state, 0 if is_waiting else 1, at, at,
                at + timedelta(hours=12), None if is_waiting else at, None if is_waiting else "stand-in",
                None if is_waiting else f"p-{message_id}",
            )  # fmt: skip

    def _person_hash(self, case: int) -> bytes | None:
        return self.keys.person_hash(f"赵{person(case)}", f"{person(case) % 10_000:04}")

    def _decisions(self) -> Rows:
        for case, message_id, state, at in self._notices():
            for stage in ("enqueue", "delivery") if state != "queued" else ("enqueue",):
                yield (
                    message_id, case_id(case), "sms", "reminder", at, stage, True, '["debt", "role"]', "[]", "F-06",
                    "2026-11-26",
                )  # fmt: skip

    def _reports(self) -> Rows:
        for _, message_id, state, at in self._notices():
            if state in ("delivered", "failed"):
                yield "stand-in", f"own:{message_id}", state, at, False

    def _campaigns(self) -> Rows:
        for number in range(1, CAMPAIGNS + 1):
            at = NOW - timedelta(days=number)
            yield number, f"第{number}次", "ended", "reminder", "early,middle", "lead", at, at, at + timedelta(hours=10)

    def _campaign_messages(self) -> Rows:
        for number, (case, message_id, _, _) in enumerate(self._notices()):
            yield message_id, number * CAMPAIGNS // (self.count * NOTICES) + 1, case_id(case)

    def _tasks(self) -> Rows:
        for number in range(0, self.count, 10):
            at = NOW - timedelta(hours=number % 5_000)
            done_at = None if number % 100 == 0 else at + timedelta(hours=1)
            talk = self.talk(number).conversation_id if number % 20 == 0 else None
            assignee = COLLECTORS[number % 3] if number % 40 == 0 else None
            yield case_id(number), talk, "follow_up", "late", at, assignee, done_at, "lead" if done_at else None

    def _reviewed(self) -> Iterator[tuple[int, Talk, str]]:
        """Number, talk and state of the reviews: of uploads and calls, three in four done."""
        number = 0
        for talk in self.talks():
            if talk.origin != BOT and talk.number % 2 == 0 and not talk.is_unread:
                number += 1
                state = "queued" if talk.age * 4 < self.count else "done"
                yield number, talk, "claimed" if state == "queued" and number % 50 == 0 else state

    def _reviews(self) -> Rows:
        version = default_scorecard().version
        for number, talk, state in self._reviewed():
            at, is_done = talk.began_at + timedelta(hours=30), state == "done"
            reviewer = None if state == "queued" else SECOND_REVIEWER.login
            yield (
                number, talk.conversation_id, "first", "flagged" if talk.number % 8 else "random", state, reviewer, at,
                at if reviewer else None, at if is_done else None, 1, version if is_done else None,
                80.0 if is_done else None, False if is_done else None, self.samples.work if is_done else None,
            )  # fmt: skip

    def _answers(self) -> Rows:
        items = [each.id for each in default_scorecard().items]
        for number, _, state in self._reviewed():
            if state == "done":
                yield from ((number, item, "yes") for item in items)

    def _verdicts(self) -> Rows:
        for number, _, state in self._reviewed():
            if state == "done":
                yield number, 2, "exposure_threat", number % 5 > 0, False

    def _appeals(self) -> Rows:
        for number, talk, state in self._reviewed():
            if state == "done" and number % 20 == 0:
                at = talk.began_at + timedelta(days=3)
                yield number, talk.handler, self.samples.words, at, at + timedelta(days=7), "open" if number % 40 else "upheld"
