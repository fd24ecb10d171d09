"""Settings: read once from the environment into one frozen object."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")  # all days and weeks are counted here (contracts.md section 2)


def moment_of(said: Any) -> datetime | None:
    """An ISO 8601 time with an offset, in Asia/Shanghai; None for anything else."""
    try:
        at = datetime.fromisoformat(said)
        return None if at.tzinfo is None else at.astimezone(ZONE)
    except (TypeError, ValueError, OverflowError):
        return None


def default_data_folder() -> Path:
    """$HEYUE_DATA_FOLDER, else heyue/ in the user's data folder (XDG base directories)."""
    if chosen := os.environ.get("HEYUE_DATA_FOLDER"):
        return Path(chosen)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "heyue"


@dataclass(frozen=True)
class Settings:
    """Where data lies and what is trusted.

    `database_url`: a SQLAlchemy URL. `policy_path`, `contact_gate_path`, `outreach_path`, `retention_path`: None for the shipped policies.
    `trust_message_time`: whether metadata.at of a message is its time of arrival (for replays).
    `bot_url`: where the running bot answers, without the channel's path. `queue_url`: of a Redis for the jobs; None for
    a file in the data folder.
    """

    database_url: str
    data_folder: Path
    policy_path: Path | None = None
    trust_message_time: bool = False
    bot_url: str = "http://127.0.0.1:5005"
    contact_gate_path: Path | None = None
    outreach_path: Path | None = None
    queue_url: str | None = None
    retention_path: Path | None = None

    @staticmethod
    def from_environment(database_url: str | None = None) -> Settings:
        """Settings of this process; `database_url` from a command line goes before the environment."""
        folder = default_data_folder()
        policy, gate = os.environ.get("HEYUE_POLICY"), os.environ.get("HEYUE_CONTACT_GATE")
        outreach, retention = os.environ.get("HEYUE_OUTREACH"), os.environ.get("HEYUE_RETENTION")
        url = database_url or os.environ.get("HEYUE_DATABASE_URL") or f"sqlite:///{folder / 'heyue.db'}"
        return Settings(
            database_url=url,
            data_folder=folder,
            policy_path=Path(policy) if policy else None,
            contact_gate_path=Path(gate) if gate else None,
            outreach_path=Path(outreach) if outreach else None,
            retention_path=Path(retention) if retention else None,
            queue_url=os.environ.get("HEYUE_QUEUE_URL") or None,
            trust_message_time=os.environ.get("HEYUE_TRUST_MESSAGE_TIME") == "1",
            bot_url=(os.environ.get("HEYUE_BOT_URL") or Settings.bot_url).rstrip("/"),
        )
