"""Start the real bot on a free port over a store of its own, and talk to it through the REST channel."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from heyue.launch.part import RunningPart, answers
from heyue.launch.product import Plan, environment_of, parts_of
from heyue.settings import Settings

ROOT = Path(__file__).parents[1]
START_SECONDS = 90
BOT, ACTION_SERVER = "bot", "action server"  # names of parts in heyue.launch.product


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def steady_port() -> int:
    """A free port that no outgoing connection takes while its server is down: below their range."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@dataclass
class Bot:
    """A running bot."""

    url: str
    database_url: str
    process: subprocess.Popen[bytes]

    def send(self, sender: str, text: str, at: datetime | None = None) -> list[str]:
        """The bot's lines to one message, which arrives at `at` (default: now)."""
        body: dict[str, object] = {"sender": sender, "message": text}
        if at is not None:
            body["metadata"] = {"at": at.isoformat()}
        answer = httpx.post(f"{self.url}/webhooks/rest/webhook", json=body, timeout=30)
        answer.raise_for_status()
        return [line["text"] for line in answer.json()]


def bot_environment(data_folder: Path) -> dict[str, str]:
    """The environment of a bot over a store in `data_folder`, believing the times in messages."""
    return os.environ | {
        "HEYUE_DATA_FOLDER": str(data_folder),
        "HEYUE_DATABASE_URL": f"sqlite:///{data_folder / 'heyue.db'}",
        "HEYUE_TRUST_MESSAGE_TIME": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


@contextmanager
def running_bot(data_folder: Path, database_url: str | None = None) -> Iterator[Bot]:
    """A bot that answers, stopped at the end. Its log is `bot.log` in the data folder, its store there or at that address."""
    port = free_port()
    environment = bot_environment(data_folder)
    if database_url:
        environment["HEYUE_DATABASE_URL"] = database_url
    with (data_folder / "bot.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.serve", "--port", str(port)],
            cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_up(url, process, data_folder / "bot.log")
            yield Bot(url, environment["HEYUE_DATABASE_URL"], process)
        finally:
            stop(process)


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the channel answers; fail with the log's end when the process ends first."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the bot ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        try:
            if httpx.get(f"{url}/webhooks/rest/", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError(f"the bot did not answer within {START_SECONDS} s:\n{log.read_text()[-3000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the bot and everything it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


class KillableServers:
    """Bot and action server as `heyue run --action-server` starts them, but ended and started again one by one.

    Use as a context. The logs lie in the data folder, a new one for each start.
    """

    def __init__(self, data_folder: Path) -> None:
        plan = Plan(bot_port=steady_port(), actions_port=steady_port(), action_server=True)
        environment = bot_environment(data_folder)
        settings = Settings(environment["HEYUE_DATABASE_URL"], data_folder)
        self.parts = {part.name: part for part in parts_of(plan) if part.name in (BOT, ACTION_SERVER)}
        self.environment = environment_of(plan, settings) | {"HEYUE_TRUST_MESSAGE_TIME": "1"}
        self.data_folder = data_folder
        self.url = self.parts[BOT].url
        self.running: dict[str, RunningPart] = {}
        self.starts = 0

    def __enter__(self) -> KillableServers:
        self.start(self.parts)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill(list(self.running))

    def start(self, names: Collection[str]) -> None:
        """Start these parts and wait until they answer."""
        for name in names:
            self.starts += 1
            log = self.data_folder / f"{name.replace(' ', '-')}-{self.starts:03}.log"
            self.running[name] = RunningPart(self.parts[name], ROOT, self.environment, log)
        until = time.monotonic() + START_SECONDS
        while not all(answers(self.parts[name]) for name in names):
            for name in names:
                self.running[name].refuse_end()
            if time.monotonic() > until:
                raise RuntimeError(f"{', '.join(names)} did not answer within {START_SECONDS} s")
            time.sleep(0.05)

    def kill(self, names: Collection[str]) -> None:
        """End these parts as a crash would (kill -9)."""
        for name in names:
            self.running[name].signal_group(signal.SIGKILL)
        for name in names:
            self.running.pop(name).process.wait()
