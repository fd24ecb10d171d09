"""nginx.conf in a real nginx before a server that takes everything: what the door lets through, and what not."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from bot.channels import sms_callback, transcript
from tests.bot_process import steady_port
from tests.compose_processes import door_file
from tests.conftest import program

pytestmark = pytest.mark.nginx
OUTER, INNER, SMALL = 8080, 8081, 131_072
LARGEST = {
    "/webhooks/sms_aliyun/TOKEN/report": sms_callback.MOST_BYTES,
    "/webhooks/sms_tencent/TOKEN/reply": sms_callback.MOST_BYTES,
    "/webhooks/transcript/turns": transcript.MOST_BYTES,
    "/webhooks/wechat/webhook": SMALL,
    "/webhooks/wecom/webhook": SMALL,
    "/webhooks/twilio/webhook": SMALL,
}


class Counting(BaseHTTPRequestHandler):
    """Says how large a body was."""

    def do_POST(self) -> None:
        size = len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(size).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests look at the answers."""


@pytest.fixture(scope="module")
def doors() -> Iterator[dict[int, str]]:
    """Addresses of the two doors."""
    behind, own = ThreadingHTTPServer(("127.0.0.1", 0), Counting), {OUTER: steady_port(), INNER: steady_port()}
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    with TemporaryDirectory(prefix="heyue-door-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        file = door_file(folder, {"rasa": [behind.server_port], "coach": [behind.server_port]}, own)
        nginx = subprocess.Popen([program("nginx") or "", "-c", str(file), "-p", name], stdout=subprocess.DEVNULL)
        found = {door: f"http://127.0.0.1:{port}" for door, port in own.items()}
        try:
            wait_for(found[OUTER] + "/healthz")
            yield found
        finally:
            nginx.terminate()
            nginx.wait(10)
            behind.shutdown()


def wait_for(url: str) -> None:
    for _ in range(200):
        with suppress(httpx.TransportError):
            httpx.get(url, timeout=5).raise_for_status()
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing answers at {url}")


@pytest.mark.parametrize(
    ("door", "path", "largest"),
    [(door, path, size) for door in (OUTER, INNER) for path, size in LARGEST.items()]
    + [(INNER, "/webhooks/rest/webhook", SMALL)],
)  # fmt: skip
def test_each_channel_gets_bodies_as_large_as_it_takes_and_none_larger(
    doors: dict[int, str], door: int, path: str, largest: int
) -> None:
    taken = httpx.post(doors[door] + path, content=b"x" * largest, timeout=30)
    assert (taken.status_code, taken.text) == (200, str(largest))
    with suppress(httpx.WriteError, httpx.ReadError):  # the door closes while we still write
        assert httpx.post(doors[door] + path, content=b"x" * (largest + 1), timeout=30).status_code == 413
