"""What listens, for whom, and what it answers to who asks for more than there is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.bot_process import ROOT, Bot, bot_environment, free_port, running_bot, stop

TOKEN = "token-of-the-action-server"
RASA_API = (
    ("GET", "/status"), ("GET", "/version"), ("GET", "/domain"), ("GET", "/conversations/x/tracker"), ("GET", "/conversations/x/story"),
    ("POST", "/conversations/x/tracker/events"), ("PUT", "/conversations/x/tracker/events"), ("POST", "/conversations/x/execute"),
    ("POST", "/conversations/x/trigger_intent"), ("POST", "/conversations/x/predict"), ("POST", "/conversations/x/messages"),
    ("POST", "/model/train"), ("POST", "/model/test/stories"), ("POST", "/model/test/intents"), ("POST", "/model/predict"),
    ("POST", "/model/parse"), ("PUT", "/model"), ("DELETE", "/model"),
)  # fmt: skip
LISTENING = "0A"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(tmp_path_factory.mktemp("exposed")) as running:
        yield running


@pytest.fixture(scope="module")
def actions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The action server, with a token."""
    folder, port = tmp_path_factory.mktemp("actions"), free_port()
    environment = bot_environment(folder) | {"HEYUE_ACTIONS_TOKEN": TOKEN}
    with (folder / "actions.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "actions", "--port", str(port)],
            cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        url, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while not _answers(url):
            assert process.poll() is None, (folder / "actions.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.2)
        yield url
    finally:
        stop(process)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def addresses_of(url: str) -> set[str]:
    """On which addresses a port is listened on, as /proc writes them."""
    port = int(url.rpartition(":")[2])
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == LISTENING and int(local.split(":")[1], 16) == port:
                found.add(local.split(":")[0])
    return found


@pytest.mark.parametrize("part", ["bot", "actions"])
def test_it_listens_on_this_machine_only(part: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(part)
    assert addresses_of(found.url if isinstance(found, Bot) else found) == {"0100007F"}


@pytest.mark.parametrize(("method", "path"), RASA_API)
def test_rasas_own_api_is_not_there(bot: Bot, method: str, path: str) -> None:
    answer = httpx.request(method, f"{bot.url}{path}", content=b"{}")
    assert answer.status_code == 404
    assert answer.json() == {"error": "NotFound"}


@pytest.mark.parametrize("channel", ["socketio", "callback", "facebook", "telegram", "slack", "rasa", "restful"])
def test_no_other_channel_of_rasas_is_there(bot: Bot, channel: str) -> None:
    assert httpx.post(f"{bot.url}/webhooks/{channel}/webhook", json={}).status_code == 404


def test_no_page_of_somebody_elses_reads_the_answers(bot: Bot, actions: str) -> None:
    for url in (f"{bot.url}/webhooks/rest/", f"{actions}/health"):
        answer = httpx.get(url, headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers


def test_figures_are_not_passed_on_by_a_proxy(bot: Bot) -> None:
    assert httpx.get(f"{bot.url}/metrics").status_code == 200
    assert httpx.get(f"{bot.url}/metrics", headers={"X-Forwarded-For": "203.0.113.5"}).status_code == 403


def test_the_action_server_answers_only_who_has_the_token(actions: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        for method, path in (("POST", "/webhook"), ("GET", "/actions")):
            assert httpx.request(method, actions + path, headers=headers, content=b"{}").status_code == 403
    assert httpx.get(f"{actions}/actions", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"next_action": "action_promise", "sender_id": "x", "tracker": {"sender_id": "\xe8\xb5\xb5"}}'], ids=lambda body: ascii(body[:20]))
def test_the_action_server_says_nothing_of_what_it_was_asked(actions: str, body: bytes) -> None:
    answer = httpx.post(f"{actions}/webhook", content=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code in (400, 500)
    assert not any(words in answer.text for words in ("request_body", "Traceback", "next_action", "赵", "File"))


def test_other_people_of_the_machine_read_neither_key_nor_environment(bot: Bot) -> None:
    folder = Path(bot.database_url.removeprefix("sqlite:///")).parent
    assert (folder / "data.key").stat().st_mode & 0o077 == 0
    assert Path(f"/proc/{bot.process.pid}/environ").stat().st_mode & 0o077 == 0
    assert os.environ.get("PATH", "-") not in Path(f"/proc/{bot.process.pid}/cmdline").read_text()
