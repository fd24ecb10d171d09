"""Sign-in by an identity provider (OpenID Connect), over a small provider of our own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.sync_api import BrowserContext, expect

from heyue.access.people import operator
from tests.bot_process import free_port
from tests.browser.conftest import Coach, running_coach, settled

pytestmark = pytest.mark.browser
CLIENT = "heyue"
KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})


class Provider(ThreadingHTTPServer):
    """A provider that asks nobody anything: whoever comes is the owner of `email`."""

    email = "nobody@bank.example"
    nonce = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def identity(self) -> str:
        """The signed statement who it is."""
        claims = {"iss": self.url, "sub": "1", "aud": CLIENT, "nonce": self.nonce, "email": self.email}
        return jwt.encode(
            {"alg": "RS256", "kid": "1"},
            claims | {"iat": int(time.time()), "exp": int(time.time()) + 600},
            KEY,
        )


class Answer(BaseHTTPRequestHandler):
    """The four addresses of the protocol."""

    server: Provider

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/authorize":
            self.server.nonce = asked["nonce"][0]
            self.send_response(302)
            back = urlencode({"code": "1", "state": asked["state"][0]})
            self.send_header("Location", f"{asked['redirect_uri'][0]}?{back}")
            self.end_headers()
        elif path == "/keys":
            self.say({"keys": [KEY.as_dict(private=False)]})
        else:
            url = self.server.url
            self.say(
                {
                    "issuer": url, "authorization_endpoint": f"{url}/authorize", "token_endpoint": f"{url}/token",
                    "jwks_uri": f"{url}/keys",
                }
            )  # fmt: skip

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.say(
            {
                "access_token": "1",
                "token_type": "Bearer",
                "expires_in": 600,
                "id_token": self.server.identity(),
            }
        )

    def say(self, body: dict[str, object]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def coach(tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Coach]:
    port, secrets = free_port(), tmp_path / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "only of this test"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "s"\n'
        f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
    )
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", str(secrets))
    with running_coach(tmp_path, port=port) as running:
        running.desk.add_user("wang", "王芳", "lead", None, operator("test"), running.now(), "wang@bank.example")
        yield running


def test_the_provider_signs_in_whom_the_coach_knows_by_email(
    coach: Coach, provider: Provider, contexts: Callable[..., BrowserContext]
) -> None:
    page = contexts().new_page()
    page.goto(coach.url)
    settled(page).get_by_role("button", name="用单位账号登录").click()
    expect(page.get_by_text("还没有开通")).to_be_visible()
    provider.email = "Wang@bank.example"
    page.get_by_role("button", name="用单位账号登录").click()
    expect(page.get_by_role("heading", name="您好，王芳")).to_be_visible()
    settled(page).reload()
    expect(page.get_by_role("heading", name="您好，王芳")).to_be_visible()
    settled(page).get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("button", name="用单位账号登录")).to_be_visible()
    settled(page).reload()
    expect(settled(page).get_by_role("button", name="用单位账号登录")).to_be_visible()
