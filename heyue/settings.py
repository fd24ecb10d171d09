"""Settings: read once from the environment into one frozen object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from heyue.errors import BadSetting
from heyue.secret_files import read_secret_files

ZONE = ZoneInfo("Asia/Shanghai")  # all days and weeks are counted here (contracts.md section 2)
ACTIONS_TOKEN = "HEYUE_ACTIONS_TOKEN"  # of the bot, for the action server, which asks for it where it is set  # nosec B105


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


PRACTICE, COACH, BOT = "practice", "coach", "bot"  # what a language model may word
MOST_SECONDS = 30.0


@dataclass(frozen=True)
class LanguageModelSettings:
    """An endpoint that speaks OpenAI's protocol. `url`: up to and with /v1. `key`: None where it asks for none.

    `uses`: what it may word. `seconds`: a line that is not there by then is the handwritten one.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    seconds: float = 3.0
    uses: frozenset[str] = frozenset((PRACTICE, COACH, BOT))

    @staticmethod
    def from_environment(environment: Mapping[str, str]) -> LanguageModelSettings | None:
        """The endpoint of HEYUE_LLM_URL and its companions; None where that is not set.

        Raises:
            BadSetting: a companion is missing or wrong; the message names it.
        """
        if not (url := environment.get("HEYUE_LLM_URL")):
            return None
        if not url.startswith(("http://", "https://")):
            raise BadSetting("HEYUE_LLM_URL must be an address such as https://llm.example/v1", "HEYUE_LLM_URL")
        if not (model := environment.get("HEYUE_LLM_MODEL")):
            raise BadSetting("HEYUE_LLM_URL needs HEYUE_LLM_MODEL beside it: the model's name at the endpoint", "HEYUE_LLM_URL")
        return LanguageModelSettings(
            url.rstrip("/"), model, environment.get("HEYUE_LLM_KEY") or None,
            _seconds(environment.get("HEYUE_LLM_SECONDS")), _uses(environment.get("HEYUE_LLM_USES")),
        )  # fmt: skip


def _seconds(said: str | None) -> float:
    try:
        seconds = LanguageModelSettings.seconds if not said else float(said)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MOST_SECONDS:
        raise BadSetting(f"HEYUE_LLM_SECONDS must be a number of seconds up to {MOST_SECONDS:g}, not {said!r}", "HEYUE_LLM_SECONDS")
    return seconds


def _uses(said: str | None) -> frozenset[str]:
    if not said:
        return LanguageModelSettings.uses
    uses = frozenset(each.strip() for each in said.split(",") if each.strip())
    if not uses <= LanguageModelSettings.uses:
        raise BadSetting(f"HEYUE_LLM_USES names {said!r}; take some of {PRACTICE},{COACH},{BOT}", "HEYUE_LLM_USES")
    return uses


def with_password(database_url: str, password: str) -> str:
    """The URL with a password for the user that it names; unchanged where it names none or has a password already.

    Raises:
        BadSetting: it is no URL that a password could be put into. It is not repeated: it may hold one.
    """
    if not password:
        return database_url
    try:
        parts = urlsplit(database_url)
    except ValueError:
        raise BadSetting("HEYUE_DATABASE_PASSWORD cannot be put into the database URL: write it as postgresql://user@host/name,"
                         " any [ or ] in it as %5B, %5D", "HEYUE_DATABASE_PASSWORD") from None  # fmt: skip
    if not parts.username or parts.password is not None:
        return database_url
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}").geturl()


@dataclass(frozen=True)
class Settings:
    """Where data lies and what is trusted.

    `database_url`: a SQLAlchemy URL. `policy_path`, `contact_gate_path`, `outreach_path`, `retention_path`: None for the shipped policies.
    `trust_message_time`: whether metadata.at of a message is its time of arrival (for replays).
    `bot_url`: where the running bot answers, without the channel's path. `queue_url`: of a Redis for the jobs; None for
    a file in the data folder. `language_model`: None: there is none, and nothing asks for one.
    """

    database_url: str = field(repr=False)  # may hold a password
    data_folder: Path
    policy_path: Path | None = None
    trust_message_time: bool = False
    bot_url: str = "http://127.0.0.1:5005"
    contact_gate_path: Path | None = None
    outreach_path: Path | None = None
    queue_url: str | None = field(default=None, repr=False)
    language_model: LanguageModelSettings | None = None
    retention_path: Path | None = None

    @staticmethod
    def from_environment(database_url: str | None = None) -> Settings:
        """Settings of this process; `database_url` from a command line goes before the environment.

        Secrets that lie in files (NAME_FILE) are read into the environment first, for whoever reads that later.

        Raises:
            BadSetting: such a file cannot be read, or another variable cannot be used.
        """
        read_secret_files(os.environ)
        folder = default_data_folder()
        policy, gate = os.environ.get("HEYUE_POLICY"), os.environ.get("HEYUE_CONTACT_GATE")
        outreach, retention = os.environ.get("HEYUE_OUTREACH"), os.environ.get("HEYUE_RETENTION")
        url = database_url or os.environ.get("HEYUE_DATABASE_URL") or f"sqlite:///{folder / 'heyue.db'}"
        return Settings(
            database_url=with_password(url, os.environ.get("HEYUE_DATABASE_PASSWORD") or ""),
            data_folder=folder,
            policy_path=Path(policy) if policy else None,
            contact_gate_path=Path(gate) if gate else None,
            outreach_path=Path(outreach) if outreach else None,
            retention_path=Path(retention) if retention else None,
            queue_url=os.environ.get("HEYUE_QUEUE_URL") or None,
            trust_message_time=os.environ.get("HEYUE_TRUST_MESSAGE_TIME") == "1",
            language_model=LanguageModelSettings.from_environment(os.environ),
            bot_url=(os.environ.get("HEYUE_BOT_URL") or Settings.bot_url).rstrip("/"),
        )
