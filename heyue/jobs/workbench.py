"""What the tasks work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from heyue.delivery.sender import Sender
from heyue.desk import Desk


@dataclass(frozen=True)
class Workbench:
    """The desk, the senders by channel, and the clock that every task of this process uses.

    `shift_seconds`: how long a task that goes on by itself does so. `is_stopping`: whether the process is to end.
    """

    desk: Desk
    senders: Mapping[str, Sender]
    now: Callable[[], datetime]
    shift_seconds: float = 50.0
    is_stopping: Callable[[], bool] = lambda: False
