"""Pages of other people cannot work in the coach by a signed-in person's browser, and a session ends where it should."""

from __future__ import annotations

import httpx
import pytest

from tests.browser.conftest import Coach, PageOf, menu, settled, sign_in

pytestmark = pytest.mark.browser
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "streamlit",
}  # fmt: skip


def handshake(coach: Coach, origin: str) -> int:
    with httpx.stream("GET", f"{coach.url}/_stcore/stream", headers=UPGRADE | {"Origin": origin}) as answer:
        return answer.status_code


def test_only_our_own_pages_open_a_connection(coach: Coach) -> None:
    assert handshake(coach, coach.url) == 101
    for origin in ("https://evil.example", "http://127.0.0.1.evil.example", "null"):
        assert handshake(coach, origin) == 403


def test_a_file_is_taken_only_from_a_page_that_was_opened(coach: Coach) -> None:
    answer = httpx.put(f"{coach.url}/_stcore/upload_file/{'0' * 36}/{'1' * 36}", files={"file": ("x.csv", b"x")})
    assert answer.status_code == 403


def test_no_address_of_the_coach_gives_anything_away(coach: Coach) -> None:
    for path in ("_stcore/health", "_stcore/host-config", "_stcore/metrics", "nothing/here", "static/../app.py", "%2e%2e/app.py"):
        text = httpx.get(f"{coach.url}/{path}").text
        assert not any(words in text for words in ("Traceback", "heyue.db", "import ", "data.key")), path


def test_the_cookie_goes_to_no_other_site_and_is_worth_nothing_after_signing_out(coach: Coach, visit: PageOf) -> None:
    page = visit()
    sign_in(page, "lead")
    (cookie,) = [each for each in page.context.cookies() if each["name"] == coach.cookie_name]
    assert cookie["sameSite"] == "Strict"
    assert "实时会话" in menu(page)
    page.get_by_role("button", name="退出登录").click()
    settled(page)
    page.context.add_cookies([{"name": coach.cookie_name, "value": cookie["value"], "url": coach.url}])
    page.goto(coach.url)
    settled(page)
    assert "实时会话" not in menu(page)
