"""People who may use the coach, and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from heyue.access.lockout import Attempts
from heyue.access.people import UnknownUser, User
from heyue.access.roles import role_of
from heyue.access.sessions import Session
from heyue.store.queries import Queries
from heyue.store.tables import user_sessions, users


class AccessQueries(Queries):
    """Users and sessions."""

    def add_user(self, user: User, password_hash: str | None, at: datetime) -> bool:
        """Take in a new user. False, with nothing changed, when somebody has the login or the e-mail address."""
        return self.insert_or_ignore(
            users, login=user.login, name=user.name, role=user.role.key, email=user.email,
            password_hash=password_hash, created_at=at,
        )  # fmt: skip

    def user(self, login: str) -> User:
        """The user of this login.

        Raises:
            UnknownUser: there is none.
        """
        row = self.connection.execute(select(users).where(users.c.login == login)).mappings().one_or_none()
        if row is None:
            raise UnknownUser(f"nobody has the login {login!r}")
        return _user(row)

    def user_by_email(self, email: str) -> User | None:
        """The user whom an identity provider names so, or None."""
        row = self.connection.execute(select(users).where(users.c.email == email)).mappings().one_or_none()
        return _user(row) if row else None

    def users(self) -> list[User]:
        """Everybody, in the order of their logins."""
        rows = self.connection.execute(select(users).order_by(users.c.login)).mappings()
        return [_user(row) for row in rows]

    def change_user(self, login: str, **values: Any) -> None:
        """Write new values into columns of a user."""
        self.connection.execute(update(users).where(users.c.login == login).values(**values))

    def password_hash(self, login: str) -> str | None:
        """The hash of a user's password; None where there is no such user, or no password."""
        found: str | None = self.connection.execute(
            select(users.c.password_hash).where(users.c.login == login)
        ).scalar_one_or_none()
        return found

    def wrong_passwords(self, login: str) -> Attempts | None:
        """The wrong passwords of a user, held until the transaction ends so that nobody counts beside us."""
        row = self.connection.execute(
            select(users.c.failed, users.c.locked_until).where(users.c.login == login).with_for_update()
        ).one_or_none()
        return Attempts(*row) if row else None

    def save_wrong_passwords(self, login: str, attempts: Attempts) -> None:
        """Write down the wrong passwords of a user."""
        self.change_user(login, failed=attempts.failed, locked_until=attempts.locked_until)

    def add_session(self, token_hash: bytes, login: str, session: Session) -> None:
        """Keep a sign-in, and forget the sessions that have ended."""
        self.connection.execute(delete(user_sessions).where(user_sessions.c.expires_at <= session.created_at))
        self.connection.execute(
            insert(user_sessions).values(token_hash=token_hash, login=login, **vars(session))
        )

    def session(self, token_hash: bytes) -> tuple[User, Session] | None:
        """Whose session this is and how long it lasts, or None."""
        here = user_sessions.c
        row = self.connection.execute(
            select(users, here.created_at.label("begun_at"), here.seen_at, here.expires_at)
            .join(user_sessions)
            .where(here.token_hash == token_hash)
        ).mappings().one_or_none()  # fmt: skip
        return (_user(row), Session(row["begun_at"], row["seen_at"], row["expires_at"])) if row else None

    def save_session(self, token_hash: bytes, session: Session) -> None:
        """Write down that a session was used."""
        self.connection.execute(
            update(user_sessions).where(user_sessions.c.token_hash == token_hash).values(**vars(session))
        )

    def end_session(self, token_hash: bytes) -> None:
        """Sign out."""
        self.connection.execute(delete(user_sessions).where(user_sessions.c.token_hash == token_hash))

    def end_sessions(self, login: str) -> None:
        """Sign a user out everywhere."""
        self.connection.execute(delete(user_sessions).where(user_sessions.c.login == login))


def _user(row: Any) -> User:
    return User(
        row["login"], row["name"], role_of(row["role"]), row["email"], row["disabled_at"], row["locked_until"]
    )
