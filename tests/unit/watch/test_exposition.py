"""Who sees the figures, over which addresses, and that several processes add up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from heyue.errors import BadInput
from heyue.watch import exposition
from tests.bot_process import free_port

TOKEN = "a-token-for-the-figures"
BEARER = {"authorization": f"Bearer {TOKEN}"}
COUNTS = """
from heyue.watch.metrics import MESSAGES
MESSAGES.labels("in", "sms", "borrower").inc(2)
"""


@pytest.mark.parametrize(
    ("token", "peer", "headers", "may"),
    [
        (None, "127.0.0.1", {}, True),
        (None, "::1", {}, True),
        (None, "10.0.0.7", {}, False),
        (None, "127.0.0.1", {"x-forwarded-for": "10.0.0.7"}, False),
        (None, "127.0.0.1", {"x-real-ip": "10.0.0.7"}, False),
        (None, "127.0.0.1", {"forwarded": "for=10.0.0.7"}, False),
        (None, "", {}, False),
        (TOKEN, "127.0.0.1", {}, False),
        (TOKEN, "127.0.0.1", {"authorization": "Bearer wrong"}, False),
        (TOKEN, "10.0.0.7", BEARER, True),
        (TOKEN, "10.0.0.7", BEARER | {"x-forwarded-for": "10.0.0.7"}, True),
    ],
)
def test_figures_are_for_this_machine_or_for_who_has_the_token(
    monkeypatch: pytest.MonkeyPatch, token: str | None, peer: str, headers: Mapping[str, str], may: bool
) -> None:
    monkeypatch.delenv(exposition.TOKEN_VARIABLE, raising=False)
    if token:
        monkeypatch.setenv(exposition.TOKEN_VARIABLE, token)
    assert (exposition.refusal(peer, headers) is None) is may


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    port = free_port()
    monkeypatch.setenv(exposition.PORT_VARIABLE, str(port))
    server = exposition.serve_where_configured()
    assert server is not None
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()


def test_a_part_serves_its_figures_on_the_port_it_is_told(served: str) -> None:
    assert "heyue_store_faults_total" in httpx.get(f"{served}/metrics").text
    assert httpx.get(f"{served}/").status_code == 404
    assert httpx.get(f"{served}/metrics", headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 403


def test_a_part_that_is_told_no_port_serves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(exposition.PORT_VARIABLE, raising=False)
    assert exposition.serve_where_configured() is None


@pytest.mark.parametrize(("port", "address"), [("0x", "127.0.0.1"), ("99999", "127.0.0.1"), ("1", "203.0.113.1"), ("0", "0.0.0.0")])
def test_what_cannot_be_or_would_be_open_is_refused(monkeypatch: pytest.MonkeyPatch, port: str, address: str) -> None:
    monkeypatch.setenv(exposition.PORT_VARIABLE, port)
    monkeypatch.setenv(exposition.ADDRESS_VARIABLE, address)
    with pytest.raises(BadInput, match="HEYUE_METRICS"):
        exposition.serve_where_configured()


def test_several_processes_add_up_and_one_that_died_still_counts(tmp_path: Path) -> None:
    environment = os.environ | {exposition.FOLDER_VARIABLE: str(tmp_path)}
    shows = "from heyue.watch.exposition import exposition; print(exposition().decode())"
    for code in (COUNTS, COUNTS + "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"):
        subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    shown = subprocess.run([sys.executable, "-c", shows], env=environment, capture_output=True, text=True, check=True)
    assert 'heyue_messages_total{channel="sms",direction="in",speaker="borrower"} 4.0' in shown.stdout
