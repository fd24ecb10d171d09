"""A start that cannot succeed ends with a clear line and a status other than 0, and without a stack trace."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot_process import ROOT, bot_environment, free_port

CANNOT_START = 2


def start(data_folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot.serve` until it gives up."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bot.serve", *words],
        cwd=ROOT, env=bot_environment(data_folder) | environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The start ended with one line on standard error that holds the words."""
    assert done.returncode == CANNOT_START, done.stdout + done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("bot.serve: ")
    assert all(word in line for word in words), line
    assert "Traceback" not in done.stderr


def test_taken_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(start(tmp_path, "--port", port), port, "--port")


def test_missing_model(tmp_path: Path) -> None:
    missing = tmp_path / "none.tar.gz"
    refused(start(tmp_path, "--port", str(free_port()), "--model", str(missing)), str(missing), "make train")


def test_broken_model(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes((ROOT / "bot/models/heyue.tar.gz").read_bytes()[:2_000])
    refused(start(tmp_path, "--port", str(free_port()), "--model", str(broken)), str(broken), "make train")


@pytest.mark.parametrize("option", ["--endpoints", "--credentials"])
def test_missing_file(tmp_path: Path, option: str) -> None:
    refused(start(tmp_path, "--port", str(free_port()), option, "none.yml"), "none.yml", "missing")


@pytest.mark.parametrize("port", ["0x", "99999"])
def test_what_is_no_port(tmp_path: Path, port: str) -> None:
    done = start(tmp_path, "--port", port)
    assert done.returncode == CANNOT_START
    assert port in done.stderr


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"HEYUE_DATABASE_URL": "sqlite:////dev/null/heyue.db"}, "/dev/null"),
        ({"HEYUE_DATABASE_URL": "nonsense"}, "database URL"),
        ({"HEYUE_DATA_KEY": "c2hvcnQ="}, "openssl rand -base64 32"),
        ({"HEYUE_POLICY": "/nowhere/policy.yml"}, "/nowhere/policy.yml"),
    ],
    ids=["folder", "url", "key", "policy"],
)
def test_store_or_policy_that_cannot_be_used(tmp_path: Path, environment: dict[str, str], says: str) -> None:
    refused(start(tmp_path, "--port", str(free_port()), **environment), says)


def test_several_processes_without_redis(tmp_path: Path) -> None:
    refused(start(tmp_path, "--port", str(free_port()), SANIC_WORKERS="2"), "SANIC_WORKERS", "Redis")
