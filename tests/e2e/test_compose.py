"""The commands of docker-compose.yml, started as processes: two Rasa processes and two coaches behind nginx.

PostgreSQL, Redis and nginx are real; nothing of Heyue is started otherwise than the file says (tests/compose_processes.py).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import threading
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright
from redis import Redis
from sqlalchemy import text

from heyue.desk import Desk
from heyue.launch.checkup import CHECKS
from heyue.policy import load_policy
from heyue.records import Case
from heyue.settings import ZONE, with_password
from heyue.store import Keys, Store
from tests.browser.conftest import ARGUMENTS, WAIT_MS, add_people, settled, sign_in
from tests.compose_processes import SERVICES, Stack
from tests.conftest import program

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.nginx]
ID_DIGITS, TOKEN = "512X", "a-token-of-24-characters-or-more"
NAME, FIRST_PHONE = "吴桂芳", 13_800_100_000
CASES = 400
OPENING, ANSWERS = ("你好", "是我", ID_DIGITS), ("后天还", "三千块", "最近工资晚发了", "对", "没有了")
FASTER_THAN_ANYBODY_TYPES = 0.02  # seconds between two messages of one borrower


@dataclass
class Product:
    """The running product, its store, and borrowers whom nobody has written to."""

    stack: Stack
    store: Store
    client: httpx.Client
    taken: int = 0

    def borrower(self) -> str:
        self.taken += 1
        return str(FIRST_PHONE + self.taken - 1)

    def say(self, phone: str, text: str, key: str | None = None) -> list[str]:
        """The bot's lines to a message that comes through nginx."""
        body: dict[str, Any] = {"sender": phone, "message": text, "metadata": {"message_id": key} if key else {}}
        answer = self.client.post(self.stack.url("nginx", 8081) + "/webhooks/rest/webhook", json=body)
        assert answer.status_code == 200, (text, answer.status_code, answer.text)
        return [line["text"] for line in answer.json()]

    def promises(self, phone: str) -> list[tuple[Any, Any]]:
        """Day and amount of every promise ever recorded for a borrower."""
        with self.store.reading() as tx:
            (case,) = tx.cases_of_address(phone)
            return [(each.terms.end, each.terms.amount) for each in tx.promises(case.case_id)]

    def is_answered(self, phone: str) -> bool:
        """Whether the bot has the last word in a borrower's talk."""
        with self.store.reading() as tx:
            talk = tx.latest_conversation(phone)
            return talk is not None and tx.turns(talk.conversation_id)[-1].speaker == "bot"

    def door(self) -> list[dict[str, Any]]:
        """What nginx logged."""
        log = self.stack.of("nginx")[0].log.read_text(encoding="utf-8")
        return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    folder = Path(mkdtemp(prefix="heyue-compose-"))  # short and open to PostgreSQL's account, which tmp_path is not
    (folder / "settings").mkdir()
    shutil.copy(str(files("heyue") / "policy.yml"), folder / "settings")
    extra = {"HEYUE_TRANSCRIPT_TOKEN": TOKEN, "HEYUE_POLICY": "/settings/policy.yml"}
    with Stack(folder, extra=extra) as stack, httpx.Client(timeout=60) as client:
        store = Store.open(
            with_password(stack.database_url(), stack.secret("postgres_password")),
            Keys.from_data_key(b64decode(stack.secret("data_key"))),
        )
        with store.transaction() as tx:
            tx.put_cases([(case_of(number), "usable") for number in range(CASES)])
        yield Product(stack, store, client)
        store.close()
    shutil.rmtree(folder)


def case_of(number: int) -> Case:
    due = datetime.now(ZONE).date() - timedelta(days=6)
    return Case(f"S-{number}", NAME, "青禾消费金融", 460_000, due, phone=str(FIRST_PHONE + number), id_last4=ID_DIGITS)


def in_two_days() -> Any:
    return datetime.now(ZONE).date() + timedelta(days=2)


def test_every_health_check_of_the_file_passes(product: Product) -> None:
    checked = [each for each in product.stack.instances if product.stack.health_check(each)]
    assert {each.service for each in checked} == set(SERVICES) - {"migrate"}
    assert [each.name for each in checked if not product.stack.is_healthy(each)] == []


def test_a_health_check_fails_when_its_part_is_gone(product: Product) -> None:
    reader = product.stack.of("reader")[0]
    product.stack.end(reader)
    stamp = time.time() - 600
    os.utime(reader.folder / "heyue/reader.alive", (stamp, stamp))
    assert not product.stack.is_healthy(reader)
    product.stack.start(reader)
    product.stack.wait_for(lambda: product.stack.is_healthy(reader))


def test_the_operator_saves_the_store_and_the_check_up_is_green(product: Product) -> None:
    words = ("python", "-m", "heyue.cli")
    saved = product.stack.run("operator", *words, "backup", "/backups/now")
    assert saved.returncode == 0, saved.stderr
    assert "逐表核对一致" in saved.stdout
    lines = product.stack.run("operator", *words, "doctor").stdout.splitlines()
    assert len(lines) > len(CHECKS)
    of_the_machine = ("Java", "中文字体")  # the image has the fonts, and no pyspark
    assert [line for line in lines if line.startswith("✗") and not line[2:].startswith(of_the_machine)] == []


def test_a_promise_goes_through_the_door_into_the_store(product: Product) -> None:
    phone = product.borrower()
    for each in OPENING + ANSWERS:
        assert product.say(phone, each), each
    assert product.promises(phone) == [(in_two_days(), "3000.00")]
    assert len({line["upstream"] for line in product.door() if line["route"] == "/webhooks/rest"}) == 2, "both Rasas"


def in_quick_succession(product: Product, phone: str, gap: float) -> None:
    """Verify, then say everything without waiting for an answer, each message twice, as a provider may deliver it."""
    for each in OPENING:
        product.say(phone, each)
    with ThreadPoolExecutor(2 * len(ANSWERS)) as pool:
        said = []
        for number, each in enumerate(ANSWERS):
            said += [pool.submit(product.say, phone, each, f"{phone}-{number}") for _ in range(2)]
            time.sleep(gap)
        for done in said:
            done.result()


@pytest.mark.parametrize("gap", [0.0, FASTER_THAN_ANYBODY_TYPES])
def test_one_conversation_on_two_processes_at_once_loses_and_doubles_nothing(product: Product, gap: float) -> None:
    phones = [product.borrower() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda phone: in_quick_succession(product, phone, gap), phones))
    for phone in phones:
        turns = transcript(product, phone)
        said = [row.text for row in turns if row.speaker == "borrower"]
        assert Counter(said) == Counter(OPENING + ANSWERS), "each message once"
        answered = [row.answers for row in turns if row.answers]
        assert answered == sorted(answered), "answers stand in the order of the messages"
        assert product.promises(phone) == promises_of_one_after_the_other(product, said), turns


def promises_of_one_after_the_other(product: Product, said: list[str]) -> list[tuple[Any, Any]]:
    """What becomes of the same messages when each waits for the answer to the one before."""
    phone = product.borrower()
    for each in said:
        product.say(phone, each)
    return product.promises(phone)


@dataclass(frozen=True)
class Row:
    speaker: str
    text: str
    answers: int  # the turn that this line answers, 0 for none


def transcript(product: Product, phone: str) -> list[Row]:
    """Everything said with a borrower, in the order in which it was stored."""
    with product.store.reading() as tx:
        (case,) = tx.cases_of_address(phone)
        rows = tx.connection.execute(
            text("SELECT speaker, text_sealed, message_key FROM messages JOIN conversations USING (conversation_id) "
                 "WHERE case_id = :case ORDER BY turn_id"), {"case": case.case_id},
        ).all()  # fmt: skip
    keys = [re.match(r"answer:(\d+):", row.message_key or "") for row in rows]
    return [
        Row(row.speaker, product.store.keys.open(bytes(row.text_sealed)), int(key[1]) if key else 0)
        for row, key in zip(rows, keys, strict=True)
    ]


def test_promises_outlive_a_redis_that_forgets_everything_all_the_time(product: Product) -> None:
    stop = threading.Event()
    red = Redis(port=product.stack.of("redis")[0].ports[6379])
    with ThreadPoolExecutor(5) as pool:
        forgetting = pool.submit(lambda: [red.flushall() for _ in iter(lambda: stop.wait(0.01), True)])
        phones = [product.borrower() for _ in range(4)]
        try:
            list(pool.map(lambda phone: in_pairs(product, phone), phones))
        finally:
            stop.set()
        assert len(forgetting.result()) > 10
    assert [product.promises(phone) for phone in phones] == [[(in_two_days(), "3000.00")]] * len(phones)


def in_pairs(product: Product, phone: str) -> None:
    """Say everything, each message to both processes at once and again until one of them has answered."""
    for number, each in enumerate(OPENING + ANSWERS):
        body = {"sender": phone, "message": each, "metadata": {"message_id": f"{phone}-{number}"}}
        url = product.stack.url("nginx", 8081) + "/webhooks/rest/webhook"
        with ThreadPoolExecutor(2) as pool:
            for _ in range(20):
                answers = [done.result() for done in [pool.submit(product.client.post, url, json=body) for _ in range(2)]]
                if any(answer.status_code == 200 for answer in answers):
                    break


def test_one_rasa_is_replaced_and_one_dies_while_people_talk(product: Product) -> None:
    """Nobody is left without an answer; what the dead one held goes on when its lock has run out."""
    stop, (first, second) = threading.Event(), product.stack.of("rasa")
    with ThreadPoolExecutor(3) as pool:
        talks = [pool.submit(talk_until, product, stop) for _ in range(3)]
        try:
            product.stack.end(first)
            product.stack.start(first)
            product.stack.wait_for(lambda: product.stack.is_healthy(first))
            time.sleep(2)  # what was refused by the first while it started is through with the second
            product.stack.end(second, signal.SIGKILL)
            product.stack.start(second)
            time.sleep(1)
        finally:
            stop.set()
        outcomes = [each.result() for each in talks]
    assert sum(outcomes) > len(outcomes)
    product.stack.wait_for(lambda: product.stack.is_healthy(second))


def talk_until(product: Product, stop: threading.Event) -> int:
    """Hold one conversation after the other; how many promises were made, each exactly once."""
    made = 0
    while not stop.is_set():
        phone = product.borrower()
        for number, each in enumerate(OPENING + ANSWERS):
            # a process that dies between storing its answer and writing it: the same message again is not answered twice
            assert product.say(phone, each, f"{phone}-{number}") or product.is_answered(phone), each
        assert len(product.promises(phone)) == 1
        made += 1
    return made


@pytest.mark.parametrize(
    ("door", "path", "status"),
    [
        (8080, "/healthz", 200),
        (8080, "/webhooks/rest/", 404),
        (8080, "/webhooks/rest/webhook", 404),
        (8080, "/webhooks/transcript/turns", 401),
        (8080, "/webhooks/wechat/webhook?openid=oSeeded", 404),
        (8080, f"/webhooks/sms_aliyun/{TOKEN}/up", 404),
        (8080, "/metrics", 404),
        (8080, "/st-metrics", 404),
        (8080, "/_stcore/metrics", 404),
        (8081, "/webhooks/rest/", 200),
        (8081, "/", 404),
        (8081, "/metrics", 404),
        (8081, "/model", 404),
        (8081, "/conversations/x/tracker", 404),
    ],
)
def test_each_door_opens_to_what_it_is_for(product: Product, door: int, path: str, status: int) -> None:
    method = "POST" if path.endswith(("turns", "up")) else "GET"
    answer = product.client.request(method, product.stack.url("nginx", door) + path)
    assert answer.status_code == status
    assert answer.headers["server"] == "nginx", "no version"


@pytest.mark.parametrize(("service", "port"), [("rasa", 5005), ("actions", 9100), ("reader", 9100), ("worker", 9100)])
def test_each_part_shows_its_figures_to_who_has_the_token(product: Product, service: str, port: int) -> None:
    url, said = f"{product.stack.url(service, port)}/metrics", f"Bearer {product.stack.secret('metrics_token')}"
    shown = product.client.get(url, headers={"Authorization": said}).text
    assert "heyue_store_faults_total" in shown
    assert ("heyue_bot_up" in shown) == (service == "rasa"), "the alert HeyueBotSilent asks for it"
    assert product.client.get(url).status_code == 403


def test_the_action_server_answers_the_bot_only(product: Product) -> None:
    url = product.stack.url("actions", 5055)
    assert product.client.post(f"{url}/webhook", json={}).status_code == 403
    assert product.client.get(f"{url}/health").status_code == 200


def test_bodies_are_bounded(product: Product) -> None:
    url = product.stack.url("nginx", 8081) + "/webhooks/rest/webhook"
    assert product.client.post(url, content=b"x" * 131_073).status_code == 413


def test_a_browser_stays_with_one_coach_and_others_get_the_other(product: Product) -> None:
    url, before = product.stack.url("nginx", 8080), len(product.door())
    for _ in range(16):  # each a browser of its own
        with httpx.Client() as browser:
            first = browser.get(url)
            assert "HttpOnly; SameSite=Strict" in first.headers["set-cookie"]
            for _ in range(3):
                assert "set-cookie" not in browser.get(url).headers
    used = [line["upstream"] for line in product.door()[before:] if line["route"] == "coach"]  # a late line of others aside
    assert all(len(set(used[start : start + 4])) == 1 for start in range(0, len(used), 4)), used
    assert len(set(used)) == 2


def test_behind_tls_cookies_are_for_tls_only(product: Product) -> None:
    answer = httpx.get(product.stack.url("nginx", 8080), headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["set-cookie"].endswith("; Secure")
    assert answer.headers["strict-transport-security"]


@pytest.mark.browser
def test_the_coach_works_through_the_door(product: Product) -> None:
    add_people(Desk(product.store, load_policy(None)))
    url, complaints = product.stack.url("nginx", 8080), list[str]()
    with sync_playwright() as playwright:  # ended here: no asynchronous test can run beside it
        browser = playwright.chromium.launch(executable_path=program("browser"), args=ARGUMENTS)
        page = browser.new_page(locale="zh-CN")
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(url)
        sign_in(settled(page), "reviewer")
        page.goto(f"{url}/upload")
        talk = {"name": "talk.jsonl", "mimeType": "application/json", "buffer": b"{}"}
        settled(page).locator('input[type="file"]').set_input_files(talk)
        page.get_by_text("talk.jsonl").first.wait_for()
        browser.close()
    assert [each for each in complaints if "Content Security Policy" in each] == []


def test_the_door_writes_down_nobody(product: Product) -> None:
    """No number, token, openid or name in nginx's log, whatever came in before this test."""
    logged = product.stack.of("nginx")[0].log.read_text(encoding="utf-8")
    assert "/webhooks/sms_aliyun" in logged
    assert [word for word in (TOKEN, "oSeeded", NAME, str(FIRST_PHONE)[:6], "127.0.0.1 - ") if word in logged] == []
