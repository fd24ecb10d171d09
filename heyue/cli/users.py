"""`heyue users`: who may use the coach. Passwords are asked for or piped in, never given as an argument."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime
from typing import Annotated, Optional

import typer

from heyue.access.people import User
from heyue.access.roles import roles
from heyue.cli.operating import this_operator
from heyue.cli.options import Database
from heyue.desk import Desk, open_desk
from heyue.errors import BadInput
from heyue.settings import ZONE, Settings

users = typer.Typer(help="Who may use the coach: add, list, set.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="The name to sign in with, such as li.na.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]
ROLES = "One of " + ", ".join(roles()) + "."


@users.command("add")
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[str, typer.Option(help=ROLES)],
    email: Annotated[
        Optional[str],  # noqa: UP045  typer reads the annotation at run time
        typer.Option(
            help="By which an identity provider names the person; a password is then not asked for."
        ),
    ] = None,
    password_stdin: FromInput = False,
    database: Database = None,
) -> None:
    """Take in somebody new; the password is asked for twice."""
    asked = password_stdin or not email
    password = new_password(password_stdin) if asked else None
    added = _desk(database).add_user(login, name, role, password, this_operator(), datetime.now(ZONE), email)
    print(f"added {described(added)}")


@users.command("list")
def list_users(database: Database = None) -> None:
    """Show everybody: login, role, name, and who is disabled."""
    for user in _desk(database).users(this_operator()):
        print(described(user))


@users.command("set")
def set_user(
    login: Login,
    name: Annotated[Optional[str], typer.Option(help="A new name.")] = None,  # noqa: UP045
    role: Annotated[Optional[str], typer.Option(help=ROLES)] = None,  # noqa: UP045
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password, twice.")] = False,
    password_stdin: FromInput = False,
    disabled: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option("--disable/--enable", help="Whether the person may no longer sign in."),
    ] = None,
    database: Database = None,
) -> None:
    """Change somebody. A new role or password, and being disabled, end the person's sessions."""
    chosen = new_password(password_stdin) if password or password_stdin else None
    changed = _desk(database).change_user(
        login, this_operator(), datetime.now(ZONE), name=name, role=role, password=chosen, disabled=disabled
    )
    print(described(changed))


def new_password(from_input: bool) -> str:
    """A password from the terminal, typed twice, or from standard input.

    Raises:
        BadInput: the two are not the same, or nothing can be asked.
    """
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInput("there is no terminal to ask for the password: give it with --password-stdin")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise BadInput("the two passwords are not the same")
    return first


def described(user: User) -> str:
    """One line about a user."""
    state = "  (disabled)" if user.disabled_at else ""
    return f"{user.login:<20} {user.role.key:<10} {user.name}{state}"


def _desk(database: str | None) -> Desk:
    return open_desk(Settings.from_environment(database))
