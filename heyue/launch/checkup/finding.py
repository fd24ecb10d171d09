"""What a check says: in what state something is, or what is wrong with it and which remedy helps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from heyue.settings import Settings

NOT_NEEDED = "not needed"  # said in the place of a state: nobody has configured it
Check = Callable[[Settings, datetime], str]


class Bad(Exception):
    """Something is not as it must be. `remedy`: of checkup.yml; `facts`: what its words name."""

    def __init__(self, says: str, remedy: str = "default", **facts: object) -> None:
        super().__init__(says)
        self.remedy, self.facts = remedy, facts


class Unproved(Bad):
    """Nothing is known to be wrong, and nothing could be seen that proves it right."""
