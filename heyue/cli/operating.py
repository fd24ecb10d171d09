"""Who operates: the account of the machine that runs a command, as the audit log names it."""

from __future__ import annotations

import getpass
import os

from heyue.access.people import User, operator


def account() -> str:
    """The account's name, or its number where the machine knows no name for it, as in a container run with a `user:` of its own."""
    try:
        return getpass.getuser()
    except KeyError:
        return f"uid-{os.getuid()}"


def this_operator() -> User:
    """The account as a user of the desk, with the rights of commands."""
    return operator(account())
