"""The two servers that are compared: Heyue as it starts itself, and the same bot on Rasa's own settings."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx
import psutil

from heyue.records import Case
from heyue.settings import Settings
from heyue.store import Store, open_store

ROOT = Path(__file__).parents[1]
MODEL = "bot/models/heyue.tar.gz"
START_SECONDS = 120
ID_DIGITS = "1037"
# what Rasa's pins resolve to by themselves; our lock pins 3.2.0 because of it (docs/decisions)
STOCK_JSONSCHEMA = ("jsonschema==4.17.3", "pyrsistent==0.20.0")


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def phone(number: int) -> str:
    """The phone of the borrower of case `number`."""
    return f"139{number:08d}"


@dataclass
class Rival:
    """A running bot over a store of its own."""

    name: str
    folder: Path
    url: str = ""
    first_answer_seconds: float = 0.0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    next_case: int = 0

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "HEYUE_DATA_FOLDER": str(self.folder),
            "HEYUE_DATABASE_URL": f"sqlite:///{self.folder / 'heyue.db'}",
            "HEYUE_TRUST_MESSAGE_TIME": "1",
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        }

    def store(self) -> Store:
        settings = Settings(self.environment["HEYUE_DATABASE_URL"], self.folder)
        return open_store(settings)

    def put_cases(self, count: int) -> None:
        """So many cases, one borrower each."""
        with self.store().transaction() as tx:
            tx.put_cases([(bench_case(number), "usable") for number in range(count)])

    def take_case(self) -> int:
        """The number of a case that no conversation has used yet."""
        self.next_case += 1
        return self.next_case - 1

    def promises(self, numbers: list[int]) -> int:
        """How many promises stand for these cases."""
        with self.store().transaction() as tx:
            return sum(len(tx.promises(bench_case(number).case_id)) for number in numbers)

    def run(self, *words: str, python_path: str = "") -> None:
        """Start one process of the rival; its output goes to a file in its folder."""
        path = os.pathsep.join(filter(None, (python_path, str(ROOT))))
        with (self.folder / "log.txt").open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-W", "ignore", "-m", *words],
                    cwd=ROOT, env=self.environment | {"PYTHONPATH": path}, stdout=log, stderr=log,
                )
            )  # fmt: skip

    def wait_for_answer(self, since: float) -> None:
        """Wait for the first answer to a borrower; note how long after `since` it came."""
        while time.monotonic() - since < START_SECONDS:
            try:
                body = {"sender": phone(self.take_case()), "message": "你好"}
                httpx.post(f"{self.url}/webhooks/rest/webhook", json=body, timeout=30).raise_for_status()
                self.first_answer_seconds = time.monotonic() - since
                return
            except httpx.HTTPError:
                self.next_case -= 1
                time.sleep(0.05)
            if any(process.poll() is not None for process in self.processes):
                break
        self.stop()
        raise SystemExit(f"{self.name} does not answer:\n{(self.folder / 'log.txt').read_text()[-2000:]}")

    def rss_megabytes(self) -> list[int]:
        """Resident memory of each process."""
        return [psutil.Process(process.pid).memory_info().rss // 1_000_000 for process in self.processes]

    def cpu_seconds(self) -> float:
        """Processor time used so far by all processes."""
        times = [psutil.Process(process.pid).cpu_times() for process in self.processes]
        return float(sum(used.user + used.system for used in times))

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)


def bench_case(number: int) -> Case:
    return Case(
        f"B-{number}", "吴桂芳", "青禾消费金融", 460_000, date(2026, 11, 20), phone=phone(number), id_last4=ID_DIGITS,
        product="消费分期", minimum_due_fen=46_000,
    )  # fmt: skip


def start_heyue(rival: Rival) -> None:
    """The bot as `make run` starts it."""
    port, begun = free_port(), time.monotonic()
    rival.url = f"http://127.0.0.1:{port}"
    rival.run("bot.serve", "--port", str(port))
    rival.wait_for_answer(begun)


def start_stock(rival: Rival, python_path: str) -> None:
    """The same model, channel, transcript and actions under `rasa run` and `rasa_sdk`, as their manuals say."""
    port, action_port, begun = free_port(), free_port(), time.monotonic()
    rival.url = f"http://127.0.0.1:{port}"
    os.environ["HEYUE_ACTIONS_URL"] = f"http://127.0.0.1:{action_port}/webhook"
    rival.run("rasa", "run", "--model", MODEL, "--port", str(port), "--interface", "127.0.0.1",
              "--endpoints", "bench/stock/endpoints.yml", "--credentials", "bot/credentials.yml",
              python_path=python_path)  # fmt: skip
    rival.run("rasa_sdk", "--actions", "actions", "--port", str(action_port))
    rival.wait_for_answer(begun)


def stock_jsonschema(folder: Path) -> str:
    """A folder for PYTHONPATH with the jsonschema that Rasa alone would install; "" where it cannot be had."""
    command = [sys.executable, "-m", "uv", "pip", "install", "-q", "--no-deps", "--target", str(folder)]
    done = subprocess.run([*command, *STOCK_JSONSCHEMA], capture_output=True, check=False)
    return str(folder) if done.returncode == 0 else ""
