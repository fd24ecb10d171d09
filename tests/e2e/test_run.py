"""`heyue run` and `heyue chat` as a person uses them: real servers, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.bot_process import ROOT, free_port

UP_SECONDS = 240  # the first start may have to train


@dataclass
class Product:
    """A running product."""

    process: subprocess.Popen[str]
    output: Path
    data_folder: Path
    bot: str
    coach: str

    def shown(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def heyue(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run another console command beside it."""
        return subprocess.run(
            [sys.executable, "-m", "heyue.cli", *words],
            cwd=ROOT, env=environment(self.data_folder), input=typed, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def environment(data_folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "HEYUE_DATABASE_URL"}
    return kept | {"HEYUE_DATA_FOLDER": str(data_folder)}


@contextmanager
def product(data_folder: Path, *options: str, up: bool = True) -> Iterator[Product]:
    """`heyue run` on free ports over a data folder of its own, ended with the block."""
    bot, coach, output = free_port(), free_port(), data_folder / "output.txt"
    with output.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "heyue.cli", "run", "--port", str(bot), "--coach-port", str(coach), *options],
            cwd=ROOT, env=environment(data_folder), stdout=out, stderr=out, text=True, start_new_session=True,
        )  # fmt: skip
    running = Product(process, output, data_folder, f"http://127.0.0.1:{bot}", f"http://127.0.0.1:{coach}")
    try:
        if up:
            wait_for(running, "Ctrl-C stops everything", UP_SECONDS)
        yield running
    finally:
        if process.poll() is None:
            running.end(signal.SIGTERM)


def wait_for(running: Product, words: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while words not in running.shown():
        assert running.process.poll() is None, running.shown()
        assert time.monotonic() < until, running.shown()
        time.sleep(0.1)


def processes_of(data_folder: Path) -> list[str]:
    """The commands of all living processes that were started for this data folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"HEYUE_DATA_FOLDER={data_folder}\0".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with product(tmp_path_factory.mktemp("run")) as started:
        yield started


def test_it_says_what_listens_where_and_what_to_try(running: Product) -> None:
    shown = running.shown()
    assert running.bot + "/webhooks/rest/webhook" in shown
    assert running.coach in shown
    assert "heyue chat DEMO-001 --bot" in shown
    file = running.data_folder / "demonstration-users.txt"
    assert str(file) in shown
    assert file.read_text(encoding="utf-8") in shown
    assert "reviewer" in running.heyue("users", "list").stdout


def test_both_parts_answer(running: Product) -> None:
    answer = httpx.post(
        f"{running.bot}/webhooks/rest/webhook", json={"sender": "13800000003", "message": "你好"}, timeout=30
    )
    assert answer.status_code == 200
    assert "周*国" in "".join(line["text"] for line in answer.json())
    assert httpx.get(f"{running.coach}/").status_code == 200


def test_chat_speaks_for_the_borrower_and_the_promise_is_recorded(running: Product) -> None:
    words = "你好\n我是赵明远本人\n5126\n后天还三千二，工资还没发\n对\n"
    done = running.heyue("chat", "DEMO-001", "--bot", running.bot, typed=words)
    assert done.returncode == 0, done.stderr
    assert "赵*远" in done.stdout
    case = json.loads(running.heyue("case", "DEMO-001").stdout)
    assert [promise["amount"] for promise in case["promises"]] == ["3200.00"], done.stdout
    assert case["reason"] == "salary_delayed"


def test_the_self_check_left_no_trace(running: Product) -> None:
    data = b"".join(file.read_bytes() for file in running.data_folder.glob("heyue.db*"))
    assert b"DEMO-001" in data
    assert json.loads(running.heyue("case", "DEMO-002").stdout)["messages"] == []


def test_a_second_start_on_the_same_port_is_refused(running: Product, tmp_path: Path) -> None:
    port = running.bot.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "heyue.cli", "run", "--port", port],
        cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_chat_without_a_bot_says_how_to_start_one(running: Product) -> None:
    done = running.heyue("chat", "DEMO-001", "--bot", f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert "make run" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_of_it_and_the_next_start_takes_seconds(tmp_path: Path, number: int) -> None:
    begun = time.monotonic()
    with product(tmp_path, "--no-demo") as started:
        assert time.monotonic() - begun < 45  # measured: 4 to 6 s on a quiet machine
        assert started.end(number) == 0
    assert "stopped" in started.shown()
    assert processes_of(tmp_path) == []


def test_action_server_of_its_own(tmp_path: Path) -> None:
    actions = free_port()
    with product(tmp_path, "--action-server", "--actions-port", str(actions)) as started:
        assert httpx.get(f"http://127.0.0.1:{actions}/health").status_code == 200
        kill_part(tmp_path, "-m\0actions")
        assert started.process.wait(30) == 1
    assert "the action server was ended by signal 9" in started.shown()
    assert processes_of(tmp_path) == []


def test_crash_of_one_part_stops_all_with_its_last_words(tmp_path: Path) -> None:
    with product(tmp_path) as started:
        kill_part(tmp_path, "streamlit")
        assert started.process.wait(30) == 1
    assert "the coach was ended by signal 9" in started.shown()
    assert "last lines of" in started.shown()
    assert processes_of(tmp_path) == []


def test_killed_supervisor_leaves_no_orphans(tmp_path: Path) -> None:
    with product(tmp_path) as started:
        started.end(signal.SIGKILL)
        until = time.monotonic() + 10
        while processes_of(tmp_path) and time.monotonic() < until:
            time.sleep(0.1)
    assert processes_of(tmp_path) == []


def test_broken_database_is_a_plain_message(tmp_path: Path) -> None:
    (tmp_path / "heyue.db").write_bytes(b"this is no database" * 100)
    with product(tmp_path, up=False) as started:
        assert started.process.wait(UP_SECONDS) == 1
    assert "heyue: the store did not answer" in started.shown()
    assert "Traceback" not in started.shown()


def kill_part(data_folder: Path, words: str) -> None:
    """End the part whose command has these words as a crash would."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"HEYUE_DATA_FOLDER={data_folder}\0".encode() in (folder / "environ").read_bytes()
            if ours and words in (folder / "cmdline").read_text():
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue
