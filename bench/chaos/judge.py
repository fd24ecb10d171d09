"""What must hold after all faults: each check gives the breaches that it found, none when all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from sqlalchemy import text

from bench.chaos.borrowers import PROMISER, SMS, TAKEN, Borrower, Crowd, is_answer, text_of
from bench.chaos.product import Product, case_at
from heyue.access.audit_chain import BrokenEntry
from heyue.access.people import operator
from heyue.records import RecordedPromise
from heyue.store.outbox_queries import COUNTED, DELIVERED, SENT, UNKNOWN
from tests.scripted_borrower import RECORDED

UNDER_WAY_SECONDS = 3.0  # a message claimed before it was forbidden may still arrive so much later
STANDING = ("open", "due", "partly_kept")
OUTGOING = "SELECT message_id, case_id, channel, state, kind, code FROM outbox"
TALKS = "SELECT conversation_id, case_id, holder FROM conversations WHERE origin = 'bot'"
SAID = "SELECT turn_id, conversation_id, speaker, text_sealed FROM messages ORDER BY turn_id"
WAITING = (
    "SELECT (SELECT count(*) FROM owed_answers) + (SELECT count(*) FROM outbox WHERE state = 'sending'"
    " OR (state = 'queued' AND (due_at < :now OR tries > 0)) OR (state = 'unknown' AND settled_at IS NULL))"
)
CALLED = "SELECT conversation_id FROM human_tasks WHERE conversation_id IS NOT NULL"


@dataclass
class Stored:
    """What the store holds in the end."""

    product: Product

    def rows(self, query: str) -> list[Any]:
        with self.product.desk.store.reading() as tx:
            return list(tx.connection.execute(text(query)).all())

    @cached_property
    def outgoing(self) -> dict[str, Any]:
        return {row.message_id: row for row in self.rows(OUTGOING)}

    @cached_property
    def talks(self) -> dict[str, Any]:
        return {row.conversation_id: row for row in self.rows(TALKS)}

    @cached_property
    def called(self) -> set[str]:
        """Talks for which a person was called."""
        return {row.conversation_id for row in self.rows(CALLED)}

    @cached_property
    def turns(self) -> dict[str, list[tuple[int, str, str, str]]]:
        """By case: number, conversation, speaker, words."""
        found: dict[str, list[tuple[int, str, str, str]]] = {}
        keys = self.product.desk.store.keys
        for row in self.rows(SAID):
            if talk := self.talks.get(row.conversation_id):
                said = keys.open(bytes(row.text_sealed))
                found.setdefault(talk.case_id, []).append((row.turn_id, row.conversation_id, row.speaker, said))
        return found

    def promises(self, case_id: str) -> list[RecordedPromise]:
        with self.product.desk.store.reading() as tx:
            return list(tx.promises(case_id))

    def is_with_person(self, case_id: str) -> bool:
        return any(talk.holder != "bot" or talk.conversation_id in self.called for talk in self.talks.values() if talk.case_id == case_id)


@dataclass
class Verdict:
    """`breaches`: by what was to hold. `under_way`: messages that arrived within seconds after they were forbidden."""

    breaches: dict[str, list[str]] = field(default_factory=dict)
    under_way: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return not any(self.breaches.values())


def judged(product: Product, crowd: Crowd, probed: Sequence[str]) -> Verdict:
    """Hold everything that was said and done against the store and against what arrived."""
    stored, verdict = Stored(product), Verdict()
    people = crowd.borrowers
    checks: dict[str, Callable[[], Iterator[str]]] = {
        "talks that the harness could not hold": lambda: iter(crowd.failures),
        "confirmed promises lost, doubled or changed": lambda: confirmed_promises(stored, people),
        "promises in the store that nobody was told of": lambda: untold_promises(stored, people),
        "messages after opt-out, wrong number or take-over": lambda: unwanted(stored, people, verdict),
        "bot lines in a talk after its take-over": lambda: after_take_over(stored, people),
        "messages that went out twice": lambda: doubled(product, stored, people),
        "messages noted as sent that never arrived": lambda: never_arrived(product, stored),
        "acknowledged messages lost, or stored twice": lambda: incoming(stored, people),
        "messages neither answered nor with a person": lambda: forgotten(stored, people, probed),
        "outbox or owed answers left over": lambda: left_over(stored),
        "audit log": lambda: audit(product),
    }
    verdict.breaches = {name: list(check()) for name, check in checks.items()}
    verdict.counts = counted(stored, people, probed, product)
    return verdict


def confirmed_promises(stored: Stored, people: list[Borrower]) -> Iterator[str]:
    for each in people:
        found = stored.promises(each.case.case_id)
        standing = [promise.terms for promise in found if promise.state in STANDING]
        if each.told and (standing != [each.terms] or len(found) != 1):
            yield f"{each.case.case_id} was told of {each.terms}, the store has {[(p.terms, p.state) for p in found]}; {said_in(stored, each.case.case_id)}"


def untold_promises(stored: Stored, people: list[Borrower]) -> Iterator[str]:
    for each in people:
        heard = any(RECORDED.search(text_of(item)) for _, item in each.received())
        if stored.promises(each.case.case_id) and not heard and not stored.is_with_person(each.case.case_id):
            yield f"{each.case.case_id} ({each.role}) has a promise that no message confirmed; {said_in(stored, each.case.case_id)}"


def unwanted(stored: Stored, people: list[Borrower], verdict: Verdict) -> Iterator[str]:
    for each in people:
        if each.quiet_from is None:
            continue
        after = [(at - each.quiet_from, item) for at, item in each.received() if at > each.quiet_from]
        allowed = next((found for found in after if each.may_come and each.may_come in text_of(found[1])), None)
        for seconds, item in (found for found in after if found is not allowed):
            if seconds <= UNDER_WAY_SECONDS:
                verdict.under_way += 1
            else:
                yield f"{each.case.case_id} ({each.role}) got {text_of(item)[:40]!r} {seconds:.1f} s after; {said_in(stored, each.case.case_id)}"


def after_take_over(stored: Stored, people: list[Borrower]) -> Iterator[str]:
    """The borrower's last message was written after it: nothing of the bot's stands below."""
    for each in (person for person in people if person.role == TAKEN and person.quiet_from is not None):
        said = stored.turns.get(each.case.case_id, [])
        last = max((number for number, _, speaker, _ in said if speaker == "borrower"), default=0)
        if lines := [words for number, _, speaker, words in said if speaker == "bot" and number > last]:
            yield f"{each.case.case_id}: {lines[0][:40]!r} after {each.messages[-1].text!r}"


def doubled(product: Product, stored: Stored, people: list[Borrower]) -> Iterator[str]:
    """SMS carry our id to the provider; WeChat's do not, so there no more may be shown than the outbox may have sent."""
    for message_id, times in Counter(sms.message_id for sms in product.sms.sent).items():
        if times > 1:
            yield f"{message_id} went out {times} times"
    may = Counter(row.case_id for row in stored.outgoing.values() if row.channel == "wechat" and row.state in COUNTED)
    for each in (person for person in people if person.channel != SMS):
        if len(each.received()) > may[each.case.case_id]:
            yield f"{each.case.case_id} was shown {len(each.received())} messages, the outbox sent {may[each.case.case_id]}"


def never_arrived(product: Product, stored: Stored) -> Iterator[str]:
    arrived = {sms.message_id for sms in product.sms.sent}
    for row in stored.outgoing.values():
        if row.channel == SMS and row.state in (SENT, "delivered") and row.message_id not in arrived:
            yield row.message_id


def incoming(stored: Stored, people: list[Borrower]) -> Iterator[str]:
    for each in people:
        said = Counter(words for _, _, speaker, words in stored.turns.get(each.case.case_id, []) if speaker == "borrower")
        taken = Counter(message.text for message in each.messages if message.taken_at is not None)
        written = Counter(message.text for message in each.messages)
        if not (taken <= said <= written):
            yield f"{each.case.case_id}: acknowledged {dict(taken)}, stored {dict(said)}, written {dict(written)}"


def forgotten(stored: Stored, people: list[Borrower], probed: Sequence[str]) -> Iterator[str]:
    """A message in a talk that is the bot's has its answer, which its provider took, or of which the provider left that open and took
    a later one; or a person has it; or he wanted none."""
    talkers = [each.case.case_id for each in people if each.role == PROMISER]
    for case_id in (*talkers, *sorted({case_at(number) for number in probed})):
        if stored.is_with_person(case_id):
            continue
        asked = [(number, words, stored.outgoing.get(f"reply:{number}")) for number, _, speaker, words in stored.turns.get(case_id, []) if speaker == "borrower"]
        last_taken = max((number for number, _, row in asked if row and row.state in (SENT, DELIVERED)), default=0)
        for number, words, row in asked:
            if row is None or row.state not in (SENT, DELIVERED, *([UNKNOWN] if number < last_taken else [])):
                yield f"{case_id}: {words!r} has {row.state if row else 'no answer'} ({row.code if row else ''}); {said_in(stored, case_id)}"
    for each in people:
        answers = sum(is_answer(item) for _, item in each.received())
        if each.gave_up and answers == each.heard and not stored.is_with_person(each.case.case_id):
            yield f"{each.case.case_id} was not answered for ever"


def said_in(stored: Stored, case_id: str) -> str:
    """The talks of a case, shortened, for who looks into a breach."""
    return " | ".join(f"{number} {speaker}: {words[:12]}" for number, _, speaker, words in stored.turns.get(case_id, []))


def left_over(stored: Stored) -> Iterator[str]:
    yield from (f"owed: {row[0]}" for row in stored.rows("SELECT turn_id FROM owed_answers"))
    waiting = [row for row in stored.outgoing.values() if row.kind == "reply" and row.state in ("queued", "sending")]
    yield from (f"{row.message_id} is {row.state}" for row in waiting)


def audit(product: Product) -> Iterator[str]:
    """As `heyue audit verify` does it."""
    found = product.desk.verify_audit(operator("chaos"))
    if isinstance(found, BrokenEntry):
        yield f"{found}"


def counted(stored: Stored, people: list[Borrower], probed: Sequence[str], product: Product) -> dict[str, int]:
    states = Counter(row.state for row in stored.outgoing.values())
    return {
        "borrowers": len(people), **Counter(each.role for each in people), "promises confirmed": sum(each.told for each in people),
        "left alone": sum(each.quiet_from is not None for each in people), "with a person after a lost answer": sum(each.handed_over for each in people),
        "messages written": sum(len(each.messages) for each in people) + len(probed), "probes": len(probed),
        "messages out": len(product.sms.sent) + len(product.wechat.shown), **{f"outbox {name}": count for name, count in states.items()},
    }  # fmt: skip


def settled(product: Product) -> bool:
    """Whether nothing waits that the product would still do by itself."""
    now = datetime.now(timezone.utc).replace(tzinfo=None)  # as the store writes it
    with product.desk.store.reading() as tx:
        left: int = tx.connection.execute(text(WAITING), {"now": now}).scalar()
    return left == 0
