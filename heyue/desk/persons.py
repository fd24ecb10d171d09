"""The use cases of a person's rights: a copy, a correction, erasure (PIPL art. 45-47, 50). Each leaves a proof without content."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heyue.access.people import User, name_of
from heyue.desk.base import DeskBase, require
from heyue.desk.retention import carry_out
from heyue.errors import BadInput, Unknown
from heyue.records import Case
from heyue.retention.copy import copy_of
from heyue.retention.judge import DELETE, RESTRICT, Ruling, judge_case
from heyue.store import Tx
from heyue.store.keys import plain_address

PHONE, DIGITS = re.compile(r"\+?\d{5,15}"), re.compile(r"\d{3}[\dXx]")


class UnknownPerson(Unknown):
    """Nothing is held about anybody under this number."""


@dataclass(frozen=True)
class Asked:
    """Whose data is meant: one of phone number, WeChat id, case number."""

    phone: str | None = None
    wechat: str | None = None
    case_id: str | None = None

    @property
    def address(self) -> str | None:
        return self.phone or self.wechat


@dataclass(frozen=True)
class Person:
    """One person as far as it is certain: cases of the same name that an address or identity digits bind together.

    `others`: cases of another name at the same address; they are somebody else's, and nothing of them is told.
    """

    cases: tuple[Case, ...]
    addresses: tuple[str, ...]
    others: int

    @property
    def case_ids(self) -> list[str]:
        return [each.case_id for each in self.cases]


@dataclass(frozen=True)
class Correction:
    """What is right; None stays as it is."""

    name: str | None = None
    phone: str | None = None
    wechat: str | None = None
    id_last4: str | None = None

    @property
    def fields(self) -> list[str]:
        return [name for name, value in vars(self).items() if value is not None]


@dataclass(frozen=True)
class Erased:
    """What became of each case: deleted, restricted (kept by law until then), or kept as it is (still needed)."""

    rulings: dict[str, Ruling] = field(default_factory=dict)


class PersonDesk(DeskBase):
    """The rights of persons."""

    def export_person(self, by: User, asked: Asked, at: datetime) -> str:
        """Everything held about a person as JSON text with Chinese labels.

        Raises:
            NotAllowed: the role may not. UnknownPerson: nothing is held. BadInput: the address is of several persons.
        """
        require(by, "serve_persons")
        with self.store.transaction() as tx:
            person = _person(tx, asked)
            rows = dict(tx.everything_of(person.case_ids, person.addresses))
            if not any(rows.values()):
                raise UnknownPerson("nothing is held about anybody under this number")
            text = json.dumps(copy_of(rows, at, person.case_ids), ensure_ascii=False, indent=2)
            digest = hashlib.sha256(text.encode()).hexdigest()
            counts = {table: len(found) for table, found in rows.items() if found}
            _prove(tx, "export", by, asked, at, {"cases": person.case_ids, "rows": counts, "sha256": digest})
            return text

    def correct_person(self, by: User, asked: Asked, right: Correction, at: datetime) -> list[str]:
        """Correct what is wrong in all cases of the person; their numbers. The lender's own system must be corrected as well:
        its next changed row of the case file goes before.

        Raises:
            NotAllowed: the role may not. UnknownPerson: no case. BadInput: nothing to correct, or a value that cannot be.
        """
        require(by, "serve_persons")
        right = _checked(right)
        with self.store.transaction() as tx:
            person = _person(tx, asked)
            if not person.cases:
                raise UnknownPerson("no case belongs to anybody under this number")
            tx.correct_person(person.case_ids, at, **vars(right))
            _prove(tx, "correct", by, asked, at, {"cases": person.case_ids, "fields": right.fields})
            return person.case_ids

    def erase_person(self, by: User, asked: Asked, at: datetime) -> Erased:
        """Delete what nobody must keep; restrict what the law keeps; say of the rest why it stays and until when.

        An opt-out stays: it protects the person, and holds only a hash.

        Raises:
            NotAllowed: the role may not. UnknownPerson: nothing is held. BadInput: the address is of several persons.
        """
        require(by, "serve_persons")
        with self.store.transaction() as tx:
            person = _person(tx, asked)
            if asked.address:
                tx.forget_stranger(asked.address)
            rulings = {each.case_id: self._erase(tx, each, at, by) for each in tx.retention_facts(person.case_ids, True)}
            answer = {case_id: _as_proof(ruling) for case_id, ruling in rulings.items()}
            _prove(tx, "erase", by, asked, at, {"cases": answer})
            return Erased(rulings)

    def _erase(self, tx: Tx, facts: Any, at: datetime, by: User) -> Ruling:
        ruling = judge_case(facts, self.retention_policy.case, at)
        if ruling.action != DELETE and facts.is_settled:
            why = tuple(each for each in ruling.why if each != self.retention_policy.case.restrict_after_days)
            ruling = Ruling(RESTRICT, why, ruling.until)
            tx.erase_profile([facts.case_id])
        if ruling.action in (DELETE, RESTRICT):
            carry_out(tx, facts, ruling, at, self.retention_policy.version, by.login)
        return ruling

    def person_requests(self, by: User) -> list[dict[str, Any]]:
        """The proofs of all requests and their answers.

        Raises:
            NotAllowed: the role may not.
        """
        require(by, "serve_persons")
        with self.store.reading() as tx:
            return tx.requests()


def _person(tx: Tx, asked: Asked) -> Person:
    """Whose data is meant.

    Raises:
        UnknownCase: no case has the number. BadInput: the address is of several persons.
    """
    if asked.case_id is None:
        found = tx.cases_of_address(asked.address or "")
        if len({each.borrower_name for each in found}) > 1:
            raise BadInput("this address stands in cases of several persons: ask by --case, once who asks is verified")
        if not found:
            return Person((), (asked.address or "",), 0)
        case = found[0]
    else:
        case = tx.case(asked.case_id)
    bound = [tx.case(each) for each in tx.debtor(case, case.phone or case.wechat_openid or "").case_ids]
    own = tuple(each for each in bound if each.borrower_name == case.borrower_name)
    addresses = {point.address for each in own for point in tx.contact_points(each.case_id)}
    asked_by = {asked.address} if asked.address else set()
    return Person(own, tuple(sorted(addresses | asked_by)), len(bound) - len(own))


def _checked(right: Correction) -> Correction:
    if not right.fields:
        raise BadInput("say what is right: --name, --new-phone, --new-wechat or --id-last4")
    phone = None if right.phone is None else plain_address(right.phone)
    if phone is not None and not PHONE.fullmatch(phone):
        raise BadInput("the new phone number is none")
    if right.id_last4 is not None and not DIGITS.fullmatch(right.id_last4):
        raise BadInput("the last four of the identity number are three digits and a digit or X")
    return Correction(
        None if right.name is None else name_of(right.name), phone, right.wechat and right.wechat.strip(),
        right.id_last4 and right.id_last4.upper(),
    )  # fmt: skip


def _as_proof(ruling: Ruling) -> dict[str, Any]:
    until = ruling.until.date().isoformat() if ruling.until else None
    return {"action": ruling.action, "rules": [each.rule for each in ruling.why], "until": until}


def _prove(tx: Tx, kind: str, by: User, asked: Asked, at: datetime, answer: dict[str, Any]) -> None:
    """Keep that it was asked and how it was answered; the audit log names the request of each case."""
    request = tx.add_request(kind, at, by.login, asked.address, answer)
    for case_id in answer["cases"] or [None]:
        tx.audit(f"person_{kind}", at, case_id=case_id, actor=by.login, details={"request": request})
