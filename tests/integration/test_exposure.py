"""What listens, for whom, and what it answers to who asks for more than there is."""

from __future__ import annotations

import os
import socket
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
    assert answer.status_code == 422
    assert not any(words in answer.text for words in ("request_body", "Traceback", "next_action", "赵", "File"))


NO_END = ("Content-Length: -1", "Content-Length: abc", "Content-Length: 1e3", "Content-Length: 3\r\nContent-Length: 4", "Transfer-Encoding: gzip")


@pytest.mark.parametrize("header", NO_END)
@pytest.mark.parametrize("part", ["bot", "actions"])
def test_a_body_without_an_end_is_refused_and_holds_up_nobody(part: str, header: str, request: pytest.FixtureRequest) -> None:
    """Sanic reads a body of -1 bytes for ever, and nobody else is served meanwhile; nobody has been asked for a token yet."""
    url = found.url if isinstance(found := request.getfixturevalue(part), Bot) else found
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as line:
        line.sendall(f"POST /webhook HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\nabc".encode())
        assert line.recv(100).split()[1] in (b"400", b"403")
    assert httpx.get(f"{url}/health", timeout=10).status_code in (200, 404)


@pytest.mark.parametrize("said", [b"\xe8", b"Bearer \xff\xfe", "Bearer 密".encode()], ids=ascii)
def test_a_token_of_any_bytes_is_a_wrong_token(actions: str, said: bytes) -> None:
    assert httpx.post(f"{actions}/webhook", content=b"{}", headers={b"Authorization": said}).status_code == 403


def test_what_the_server_says_of_a_broken_request_quotes_nothing_of_it(bot: Bot) -> None:
    """Rasa cuts Sanic's loggers off from ours; what it says of a target that is none would go out whole."""
    with socket.create_connection(("127.0.0.1", int(bot.url.rpartition(":")[2])), timeout=10) as line:
        line.sendall("GET /webhooks/sms_aliyun/a-token-to-be-kept/ü HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        line.recv(100)
    log = (Path(bot.database_url.removeprefix("sqlite:///")).parent / "bot.log").read_text(encoding="utf-8")
    assert "sanic.error" in log
    assert "a-token-to-be-kept" not in log


def test_other_people_of_the_machine_read_neither_key_nor_environment(bot: Bot) -> None:
    folder = Path(bot.database_url.removeprefix("sqlite:///")).parent
    assert (folder / "data.key").stat().st_mode & 0o077 == 0
    assert Path(f"/proc/{bot.process.pid}/environ").stat().st_mode & 0o077 == 0
    assert os.environ.get("PATH", "-") not in Path(f"/proc/{bot.process.pid}/cmdline").read_text()
