"""The people that a trainee can practise with: who they are, their case, and the card that stays hidden to the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from heyue.coaching.debtor_types import TYPES, UNDETERMINED
from heyue.coaching.transcript import CHANNELS
from heyue.errors import BadInput
from heyue.money import fen_from_yuan
from heyue.names import names_of
from heyue.practice.moves import moves
from heyue.review.data_file import DataFile

COOPERATIVE = "cooperative"
KINDS = (*(each for each in TYPES if each != UNDETERMINED), COOPERATIVE)
ALWAYS, CONCRETE, NEVER = "always", "concrete", "never"
MONTH_DAYS, OLDEST = 31, 120
FARTHEST_DAYS, MOST_DAYS_OVERDUE = 120, 3_650


@dataclass(frozen=True)
class Ability:
    """A sum that the debtor truly can pay, and in how many days from the talk."""

    in_days: int
    amount_fen: int


@dataclass(frozen=True)
class Card:
    """What nobody tells the trainee before the end. `reason`: a code of contracts.md section 1.

    `moved_by`, `enraged_by`: moves (moves.yml) that work more than for others of the type.
    `keeps`: always, never, or concrete: only a promise with day and sum that was read back to him.
    """

    reason: str
    story: str
    income_fen: int
    expenses_fen: int
    other_debts_fen: int
    moved_by: frozenset[str]
    enraged_by: frozenset[str]
    can_pay: tuple[Ability, ...]
    keeps: str


@dataclass(frozen=True)
class CaseBrief:
    """What a real collector sees of the case before the call."""

    creditor: str
    product: str
    amount_due_fen: int
    minimum_due_fen: int
    days_overdue: int
    broken_promises: int
    pay_day: int
    id_last4: str


@dataclass(frozen=True)
class Persona:
    """One invented debtor. `kind`: one of KINDS; `register`: how he talks, in Chinese, for the reveal."""

    id: str
    kind: str
    name: str
    gender: str
    age: int
    region: str
    trade: str
    register: str
    channel: str
    case: CaseBrief
    card: Card

    @property
    def debtor_type(self) -> str:
        """His type of contracts.md section 1; who simply cooperates is none of the seven."""
        return UNDETERMINED if self.kind == COOPERATIVE else self.kind


def persona(identifier: str) -> Persona:
    """The persona of this identifier.

    Raises:
        BadInput: there is none.
    """
    found = personas().get(identifier)
    if found is None:
        raise BadInput(f"persona: {identifier!r} does not exist; take one of heyue/practice/personas")
    return found


@cache
def personas() -> Mapping[str, Persona]:
    """Every shipped persona by identifier, kind after kind."""
    folder = files("heyue.practice") / "personas"
    found = [each for kind in KINDS for each in read_personas(folder / f"{kind}.yml", kind)]
    return MappingProxyType({each.id: each for each in found})


def read_personas(source: Path | Traversable, kind: str) -> Iterator[Persona]:
    """The personas of one file.

    Raises:
        BadInput: it cannot be read, or an entry is wrong; the message names file, entry and field.
    """
    known: set[str] = set()
    for number, raw in enumerate(_entries(source), 1):
        data = DataFile(f"{source}, entry {number}", raw)
        found = _persona(data, kind)
        if found.id in known:
            raise data.wrong("id", f"{found.id!r} stands twice; give each persona its own")
        known.add(found.id)
        yield found


def _entries(source: Path | Traversable) -> list[dict[Any, Any]]:
    try:
        raw = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{source}: the file cannot be read: {error}") from error
    if not isinstance(raw, list) or not all(isinstance(each, dict) for each in raw):
        raise BadInput(f"{source}: must be a list of personas, each with its fields")
    return raw


def _persona(raw: DataFile, kind: str) -> Persona:
    raw.only("id", "name", "gender", "age", "region", "trade", "register", "channel", "case", "card")
    return Persona(
        id=raw.text("id"),
        kind=kind,
        name=raw.text("name"),
        gender=_one_of(raw, "gender", ("男", "女")),
        age=raw.count("age", 18, OLDEST),
        region=raw.text("region"),
        trade=raw.text("trade"),
        register=raw.text("register"),
        channel=_one_of(raw, "channel", CHANNELS),
        case=_case(raw.part("case")),
        card=_card(raw.part("card")),
    )


def _case(raw: DataFile) -> CaseBrief:
    raw.only(
        "creditor",
        "product",
        "amount_due",
        "minimum_due",
        "days_overdue",
        "broken_promises",
        "pay_day",
        "id_last4",
    )
    return CaseBrief(
        creditor=raw.text("creditor"),
        product=raw.text("product"),
        amount_due_fen=_fen(raw, "amount_due"),
        minimum_due_fen=_fen(raw, "minimum_due"),
        days_overdue=raw.count("days_overdue", 1, MOST_DAYS_OVERDUE),
        broken_promises=raw.count("broken_promises", 0, MOST_DAYS_OVERDUE),
        pay_day=raw.count("pay_day", 1, MONTH_DAYS),
        id_last4=raw.text("id_last4"),
    )


def _card(raw: DataFile) -> Card:
    raw.only(
        "reason", "story", "income", "expenses", "other_debts", "moved_by", "enraged_by", "can_pay", "keeps"
    )
    return Card(
        reason=_one_of(raw, "reason", tuple(names_of("reason"))),
        story=raw.text("story"),
        income_fen=_fen(raw, "income"),
        expenses_fen=_fen(raw, "expenses"),
        other_debts_fen=_fen(raw, "other_debts"),
        moved_by=_moves(raw, "moved_by"),
        enraged_by=_moves(raw, "enraged_by"),
        can_pay=_abilities(raw),
        keeps=_one_of(raw, "keeps", (ALWAYS, CONCRETE, NEVER)),
    )


def _moves(raw: DataFile, field: str) -> frozenset[str]:
    named = raw.texts(field)
    if unknown := set(named) - set(moves()):
        raise raw.wrong(field, f"names {', '.join(sorted(unknown))}; take moves of moves.yml")
    return frozenset(named)


def _abilities(raw: DataFile) -> tuple[Ability, ...]:
    listed = raw.fields.get("can_pay")
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        raise raw.wrong("can_pay", 'must be a list such as [{in_days: 3, amount: "500.00"}]')
    parts = [DataFile(f"{raw.place}, can_pay {number}", each) for number, each in enumerate(listed, 1)]
    found = tuple(Ability(part.count("in_days", 0, FARTHEST_DAYS), _fen(part, "amount")) for part in parts)
    return tuple(sorted(found, key=lambda each: each.in_days))


def _fen(raw: DataFile, field: str) -> int:
    try:
        return fen_from_yuan(raw.text(field))
    except BadInput as error:
        raise raw.wrong(field, f"is no sum: {error}") from error


def _one_of(raw: DataFile, field: str, known: tuple[str, ...]) -> str:
    value = raw.text(field)
    if value not in known:
        raise raw.wrong(field, f"names {value!r}; take one of {', '.join(known)}")
    return value
