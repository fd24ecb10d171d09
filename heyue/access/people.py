"""People who use the coach, and what signing in can give."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from heyue.access.roles import OPERATOR, Role
from heyue.errors import BadInput, Refused, Unknown

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,62}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LONGEST_EMAIL, LONGEST_NAME = 254, 60


class UnknownUser(Unknown):
    """Nobody has this login."""


class UserExists(Refused):
    """Somebody has this login or e-mail address already."""


class NoLogin(BadInput):
    """The text cannot be a login."""


class NoEmail(BadInput):
    """The text is no e-mail address."""


class NoPassword(BadInput):
    """Neither a password nor an e-mail address: the person could never sign in."""


class NoName(BadInput):
    """A person needs a name."""


@dataclass(frozen=True)
class User:
    """Somebody who may use the coach. `email`: by which an identity provider knows the person, where there is one."""

    login: str
    name: str
    role: Role
    email: str | None = None
    disabled_at: datetime | None = None
    locked_until: datetime | None = None

    def may(self, action: str) -> bool:
        """Whether the role allows it and the person has not been disabled: who can be given such work."""
        return self.disabled_at is None and self.role.may(action)


def operator(login: str) -> User:
    """Whoever works at the command line beside the store: the machine has let them in, and their deeds are audited."""
    return User(login, login, OPERATOR)


@dataclass(frozen=True)
class SignedIn:
    """The person is who they say. The token proves it from now on; only its hash is kept."""

    user: User
    token: str = field(repr=False)


@dataclass(frozen=True)
class WrongPassword:
    """No such login, or not its password; which of the two is not said."""


@dataclass(frozen=True)
class LockedUntil:
    """Too many wrong passwords in a row."""

    until: datetime


@dataclass(frozen=True)
class TooManyAttempts:
    """More wrong passwords in this minute, over all logins, than are looked at."""


@dataclass(frozen=True)
class Disabled:
    """The person may no longer use the coach."""


@dataclass(frozen=True)
class UnknownEmail:
    """The identity provider knows the person, the coach does not."""


def login_of(text: str) -> str:
    """A login as it is kept: in small letters.

    Raises:
        NoLogin: it cannot be one.
    """
    login = text.strip().lower()
    if not LOGIN.fullmatch(login):
        raise NoLogin(
            f"{text!r} cannot be a login: 2 to 63 letters a-z, digits, . _ - @, a letter or digit first"
        )
    return login


def email_of(text: str) -> str:
    """An e-mail address as it is kept: in small letters.

    Raises:
        NoEmail: it is none.
    """
    email = text.strip().lower()
    if not EMAIL.fullmatch(email) or len(email) > LONGEST_EMAIL:
        raise NoEmail(f"{text!r} is no e-mail address")
    return email


def name_of(text: str) -> str:
    """A person's name as it is kept.

    Raises:
        NoName: it is empty or too long.
    """
    name = text.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise NoName(f"a name has 1 to {LONGEST_NAME} characters")
    return name
