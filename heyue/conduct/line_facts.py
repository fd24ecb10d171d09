"""The facts of a case that decide whether a collector's line breaks a rule, beside its words.

Unknown facts (None) decide nothing: a line without facts is judged by its words alone.
Source: compliance.md part B (suggested facts), part C (role, identity); contracts.md section 3 (case file).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from heyue.errors import BadInput
from heyue.money import fen_from_yuan
from heyue.settings import moment_of

ROLES = ("debtor", "guarantor", "other")
QUIET_FROM, QUIET_UNTIL = time(22), time(8)
_WORDS = ("creditor", "product", "id_last4")
_YES_OR_NO = ("verified_identity", "suit_filed", "judgment_effective", "lender_reports", "staff_is_lawyer")


@dataclass(frozen=True)
class LineFacts:
    """What is known of the case and of who is spoken to; None where it is not.

    `role`: who is spoken to. `verified_identity`: he has proved to be who he is. `ledger_fen`: every sum that the ledger
    holds. `suit_filed`: a court has been asked. `judgment_effective`: a judgment can be enforced. `lender_reports`: the
    lender reports to the credit reference system. `channels`: accounts and ways to pay that are listed. `at`: when it is said.
    """

    role: str | None = None
    verified_identity: bool | None = None
    creditor: str = ""
    product: str | None = None
    id_last4: str | None = None
    ledger_fen: frozenset[int] | None = None
    suit_filed: bool | None = None
    judgment_effective: bool | None = None
    lender_reports: bool | None = None
    staff_is_lawyer: bool | None = None
    channels: tuple[str, ...] | None = None
    at: datetime | None = None

    @property
    def is_at_night(self) -> bool:
        """It is said inside the night window."""
        return self.at is not None and is_quiet(self.at.time())

    @property
    def may_not_hear(self) -> bool:
        """Whoever is spoken to is a third person, or not known to be the debtor."""
        return self.role == "other" or self.verified_identity is False


UNKNOWN = LineFacts()


def is_quiet(at: time) -> bool:
    """Inside the night window, 22:00 to 08:00 of Asia/Shanghai."""
    return at >= QUIET_FROM or at < QUIET_UNTIL


def facts_of(case: Any, at: Any = None) -> LineFacts:
    """The facts in the object `case` of a line or a transcript; fields of other kinds are left out.

    Args:
        at: when a line is said, ISO 8601 with offset.

    Raises:
        BadInput: a fact is of another type; the message names it.
    """
    if case is None and at is None:
        return UNKNOWN
    if case is not None and not isinstance(case, dict):
        raise BadInput('"case" must be an object')
    known = {name: value for name, value in (case or {}).items() if value is not None}
    return LineFacts(
        role=_role(known.get("role")),
        ledger_fen=_ledger(known.get("ledger_amounts")),
        channels=_channels(known.get("whitelisted_channels")),
        at=_moment(at),
        **{name: _word(name, known[name]) for name in _WORDS if name in known},
        **{name: _yes_or_no(name, known[name]) for name in _YES_OR_NO if name in known},
    )


def _role(value: Any) -> str | None:
    if value is not None and value not in ROLES:
        raise BadInput(f'case: "role" must be one of {", ".join(ROLES)}, not {value!r}')
    return None if value is None else str(value)


def _yes_or_no(name: str, value: Any) -> Any:
    if not isinstance(value, bool):
        raise BadInput(f'case: "{name}" must be true or false, not {value!r}')
    return value


def _word(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        raise BadInput(f'case: "{name}" must be a string, not {value!r}')
    return value


def _ledger(value: Any) -> frozenset[int] | None:
    listed = _strings("ledger_amounts", value)
    return None if listed is None else frozenset(map(fen_from_yuan, listed))


def _channels(value: Any) -> tuple[str, ...] | None:
    return _strings("whitelisted_channels", value)


def _strings(name: str, value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadInput(f'case: "{name}" must be a list of strings')
    return tuple(value)


def _moment(value: Any) -> datetime | None:
    at = moment_of(value)
    if value is not None and at is None:
        raise BadInput(f'"at" must be an ISO 8601 time with an offset, not {value!r}')
    return at
