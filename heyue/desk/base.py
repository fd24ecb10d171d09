"""What all use cases work on: one store and one policy."""

from __future__ import annotations

from heyue.policy import Policy
from heyue.store import Store


class DeskBase:
    """Base of the groups of use cases."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self.store = store
        self.policy = policy
