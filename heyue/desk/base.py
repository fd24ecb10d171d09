"""What all use cases work on: one store and one policy."""

from __future__ import annotations

from heyue.access.people import User
from heyue.errors import Refused
from heyue.policy import Policy
from heyue.store import Store


class NotAllowed(Refused):
    """The role does not allow it."""


class DeskBase:
    """Base of the groups of use cases."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self.store = store
        self.policy = policy


def require(user: User, action: str) -> None:
    """Make sure that the user may do something (roles.yml).

    Raises:
        NotAllowed: the role does not allow it.
    """
    if not user.role.may(action):
        raise NotAllowed(f"the role {user.role.key} may not {action}")
