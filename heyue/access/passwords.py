"""Passwords: which may be chosen, and their hashes (argon2id, the library's parameters after RFC 9106)."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from heyue.access.limits import limits
from heyue.errors import BadInput

HASHER = PasswordHasher()


class WeakPassword(BadInput):
    """The password may not be chosen. `why`: too_short, too_long, like_login or too_uniform."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the password may not be chosen: {why.replace('_', ' ')}")
        self.why = why


def hash_password(password: str, login: str) -> str:
    """What is kept of a new password.

    Raises:
        WeakPassword: it may not be chosen.
    """
    if why := weakness(password, login):
        raise WeakPassword(why)
    with _room():
        return HASHER.hash(password)


def weakness(password: str, login: str) -> str | None:
    """Why the password may not be chosen, or None."""
    rules = limits().password
    if len(password) < rules.shortest:
        return "too_short"
    if len(password) > rules.longest:
        return "too_long"
    if (
        len(password.lower().replace(login, "")) < rules.shortest // 2
    ):  # the login, once more or with a digit behind
        return "like_login"
    return "too_uniform" if len(set(password)) < rules.shortest // 2 else None


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether this is the password of the hash. Takes equally long where there is no hash: nobody learns of logins."""
    longest = limits().password.longest
    known = password_hash or _hash_of_nobody()
    try:
        with _room():
            HASHER.verify(known, password[: longest + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def made_up_password() -> str:
    """A random password of 80 bits that can be read out and typed."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


@cache
def _hash_of_nobody() -> str:
    with _room():
        return HASHER.hash(secrets.token_urlsafe())


@cache
def _room() -> threading.BoundedSemaphore:
    """Room for so many hashes at once that a crowd at the door takes neither all memory nor all cores."""
    return threading.BoundedSemaphore(limits().password.hashed_at_once)
