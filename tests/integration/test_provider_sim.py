"""`heyue provider-sim` with the running bot: somebody types as a borrower and reads what the bot sends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bot_process import steady_port
from tests.followers import a_follower, a_texter, bot_with, fill, until

EXPORT = re.compile(r"^export (\w+)='?([^'\n]*)'?$", re.MULTILINE)


class Console:
    """The command, somebody who types, and what stands on the screen."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.lines.append(line)

    @property
    def screen(self) -> str:
        return "".join(self.lines)

    def type(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()


@contextmanager
def console(folder: Path, *words: str) -> Iterator[Console]:
    command = [sys.executable, "-m", "heyue.cli", "provider-sim", *words]
    environment = os.environ | {"HEYUE_DATA_FOLDER": str(folder), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield Console(process)
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("sms", ["aliyun", "twilio"])
def test_one_may_write_as_a_borrower_and_read_the_answers(
    sms: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    bot_port, port = steady_port(), steady_port()
    monkeypatch.setattr("tests.bot_process.free_port", lambda: bot_port)
    with console(tmp_path, "--sms", sms, "--port", str(port), "--bot", f"http://127.0.0.1:{bot_port}") as shown:
        until(lambda: "Ctrl-C" in shown.screen)
        with bot_with(tmp_path, dict(EXPORT.findall(shown.screen))):
            texter, follower = a_texter(), a_follower()
            shown.type(f"{texter} 你好")
            shown.type(f"{follower} 你好")
            until(lambda: f"→ {texter} [短信" in shown.screen and f"→ {follower} [微信]" in shown.screen)
            shown.type("what")
            until(lambda: "格式" in shown.screen)
        shown.type(f"{texter} 在吗")
        until(lambda: "机器人没有" in shown.screen)
    assert "Traceback" not in shown.screen


def test_ports_that_are_taken_are_named(tmp_path: Path) -> None:
    port = steady_port()
    with console(tmp_path, "--port", str(port)) as first:
        until(lambda: "Ctrl-C" in first.screen)
        with console(tmp_path, "--port", str(port)) as second:
            until(lambda: "--port" in second.screen)
        assert "Traceback" not in second.screen
