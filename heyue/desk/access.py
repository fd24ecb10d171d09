"""The use cases of signing in to the coach, of keeping its users, and of reading the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from heyue.access.audit import AuditFilter, AuditPage, AuditPlace
from heyue.access.limits import limits
from heyue.access.lockout import Attempts
from heyue.access.passwords import hash_password, is_password
from heyue.access.people import (
    Disabled,
    LockedUntil,
    NoPassword,
    SignedIn,
    TooManyAttempts,
    UnknownEmail,
    User,
    UserExists,
    WrongPassword,
    email_of,
    login_of,
    name_of,
)
from heyue.access.roles import OPERATOR, role_of
from heyue.access.sessions import Session, new_token, token_hash
from heyue.desk.base import DeskBase, NotAllowed, require
from heyue.store import Tx
from heyue.watch.metrics import SIGN_INS

NOBODY = "-"  # the actor of an attempt with a login that does not exist; what was typed may be a password
SignInVerdict = SignedIn | WrongPassword | LockedUntil | TooManyAttempts | Disabled


OWN_RIGHTS = {"role", "disabled_at"}  # nobody changes these of themselves: the last one could lock everybody out


class AccessDesk(DeskBase):
    """Who may use the coach."""

    def sign_in(self, login: str, password: str, at: datetime) -> SignInVerdict:
        """Let somebody in who gives the right password. Five wrong ones in a row lock the user for a while.

        So many wrong ones in a minute, over all logins, stop all of this process until it is over.
        The password is looked at between two transactions: hashing takes long, and nobody should wait for it.
        """
        login = login.strip().lower()
        verdict = self._verdict(login, password, at)
        SIGN_INS.labels(type(verdict).__name__).inc()
        return verdict

    def _verdict(self, login: str, password: str, at: datetime) -> SignInVerdict:
        if not self.wrong_passwords.takes(at, limits().lockout):
            return TooManyAttempts()
        locked = self._count_attempt(login, at)
        verdict = locked or self._judged_password(login, password, at)
        if locked or isinstance(verdict, SignedIn | Disabled):
            self.wrong_passwords.give_back(at)
        return verdict

    def _judged_password(self, login: str, password: str, at: datetime) -> SignInVerdict:
        with self.store.reading() as tx:
            known = tx.password_hash(login)
        if is_password(password, known):
            return self._let_in(login, at)
        return self._refuse(login, at, known)

    def _count_attempt(self, login: str, at: datetime) -> LockedUntil | None:
        """Count the attempt before its outcome is known, or refuse it."""
        with self.store.transaction() as tx:
            attempts = tx.wrong_passwords(login)
            if attempts is None:
                return None
            if attempts.are_locked(at) and attempts.locked_until:
                return LockedUntil(attempts.locked_until)
            tx.save_wrong_passwords(login, attempts.one_more(at, limits().lockout))
            return None

    def _refuse(self, login: str, at: datetime, known: str | None) -> WrongPassword | LockedUntil:
        """Write the wrong password down; the last one that was allowed says until when the user is locked."""
        with self.store.transaction() as tx:
            attempts = tx.wrong_passwords(login)
            tx.audit("sign_in_failed", at, actor=login if attempts else NOBODY)
            if known is None or attempts is None or attempts.locked_until is None:
                return WrongPassword()
            tx.audit("user_locked", at, actor=login, details={"until": attempts.locked_until.isoformat()})
            return LockedUntil(attempts.locked_until)

    def _let_in(self, login: str, at: datetime) -> SignedIn | Disabled:
        with self.store.transaction() as tx:
            tx.save_wrong_passwords(login, Attempts())
            return _begin_session(tx, tx.user(login), at)

    def sign_in_by_email(self, email: str, at: datetime) -> SignedIn | Disabled | UnknownEmail:
        """Let somebody in whom an identity provider has proved to own this e-mail address."""
        with self.store.transaction() as tx:
            user = tx.user_by_email(email.strip().lower())
            if user is None:
                tx.audit("sign_in_failed", at, actor=NOBODY, details={"by": "email"})
                return UnknownEmail()
            return _begin_session(tx, user, at)

    def who(self, token: str, at: datetime) -> User | None:
        """Whose token this is, or None when the session has ended. Changes nothing."""
        with self.store.reading() as tx:
            found = _living_session(tx, token, at)
        return found[0] if found else None

    def visit(self, token: str, at: datetime) -> User | None:
        """The same, when a page is opened: the time without use begins anew."""
        with self.store.reading() as tx:
            found = _living_session(tx, token, at)
        if found is None:
            return None
        user, session = found
        if session.is_worth_noting(at, limits().session):
            with self.store.transaction() as tx:
                tx.save_session(token_hash(token), session.used(at, limits().session))
        return user

    def sign_out(self, token: str, at: datetime) -> None:
        """End a session; a token that is none changes nothing."""
        with self.store.transaction() as tx:
            found = tx.session(token_hash(token))
            if found:
                tx.end_session(token_hash(token))
                tx.audit("signed_out", at, actor=found[0].login)

    def add_user(
        self, login: str, name: str, role: str, password: str | None, by: User, at: datetime,
        email: str | None = None,
    ) -> User:  # fmt: skip
        """Take in somebody new. Without a password the person signs in by an identity provider, by e-mail address.

        Raises:
            NotAllowed: `by` may not keep users.
            UserExists: login or e-mail address are taken.
            NoLogin, NoName, NoEmail, WeakPassword, NoPassword, BadInput: a value that cannot be taken.
        """
        require(by, "keep_users")
        user = User(login_of(login), name_of(name), role_of(role), email_of(email) if email else None)
        if password is None and user.email is None:
            raise NoPassword("somebody without an e-mail address needs a password")
        known = None if password is None else hash_password(password, user.login)
        with self.store.transaction() as tx:
            if not tx.add_user(user, known, at):
                raise UserExists(f"somebody has the login {user.login!r} or the e-mail address already")
            tx.audit("user_added", at, actor=by.login, details={"login": user.login, "role": user.role.key})
        return user

    def change_user(
        self, login: str, by: User, at: datetime, *, name: str | None = None, role: str | None = None,
        password: str | None = None, disabled: bool | None = None,
    ) -> User:  # fmt: skip
        """Change what is given. A new role or password, or being disabled, ends the person's sessions.

        Raises:
            NotAllowed: `by` may not keep users, or would change role or standing of themselves.
            UnknownUser: nobody has this login. NoName, WeakPassword, BadInput: a value that cannot be taken.
        """
        require(by, "keep_users")
        with self.store.reading() as tx:
            before = tx.user(login_of(login))
        values: dict[str, Any] = {}
        if name is not None and name_of(name) != before.name:
            values["name"] = name_of(name)
        if role is not None and role_of(role) != before.role:
            values["role"] = role
        if password is not None:
            values |= {
                "password_hash": hash_password(password, before.login),
                "failed": 0,
                "locked_until": None,
            }
        if disabled is not None and disabled != (before.disabled_at is not None):
            values["disabled_at"] = at if disabled else None
        return self._write_changes(before, values, by, at)

    def _write_changes(self, before: User, values: dict[str, Any], by: User, at: datetime) -> User:
        if not values:
            return before
        if by.login == before.login and by.role != OPERATOR and OWN_RIGHTS & set(values):
            raise NotAllowed("nobody changes their own role or disables themselves")
        changed = sorted({"password" if name == "password_hash" else name for name in values} - {"failed"})
        with self.store.transaction() as tx:
            tx.change_user(before.login, **values)
            if set(values) - {"name"}:
                tx.end_sessions(before.login)
            after = tx.user(before.login)
            details = {"login": after.login, "changed": changed, "role": after.role.key}
            tx.audit("user_changed", at, actor=by.login, details=details)
            return after

    def users(self, by: User) -> list[User]:
        """Everybody who may use the coach, and who no longer may.

        Raises:
            NotAllowed: `by` may not keep users.
        """
        require(by, "keep_users")
        with self.store.reading() as tx:
            return tx.users()

    def audit_trail(self, by: User, wanted: AuditFilter, older_than: AuditPlace | None = None) -> AuditPage:
        """A page of the audit log, the newest first; `older_than`: the place that the page before names.

        Raises:
            NotAllowed: `by` may not read the log.
        """
        require(by, "read_audit")
        with self.store.reading() as tx:
            return tx.audit_page(wanted, older_than)


def _begin_session(tx: Tx, user: User, at: datetime) -> SignedIn | Disabled:
    if user.disabled_at is not None:
        tx.audit("sign_in_failed", at, actor=user.login, details={"disabled": True})
        return Disabled()
    token = new_token()
    tx.add_session(token_hash(token), user.login, Session.begun(at, limits().session))
    tx.audit("signed_in", at, actor=user.login)
    return SignedIn(user, token)


def _living_session(tx: Tx, token: str, at: datetime) -> tuple[User, Session] | None:
    """The user and session of a token, unless it has run out or the user is disabled."""
    found = tx.session(token_hash(token))
    if found is None or at >= found[1].expires_at or found[0].disabled_at is not None:
        return None
    return found
