"""The whole product with people whom nobody else knows: what it writes about itself never names them, whatever goes wrong.

Bot, action server, worker, reader and coach run as `heyue run` starts them, against stand-ins of WeChat, WeCom and an SMS
provider. Everything is in the log lines, figures, command lines and answers to bad requests that are looked through at the end.
"""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import CALLBACK_TOKEN, approve_templates, callback_of, environment_of
from heyue.provider_sim.wechat import ENCRYPTED, OfficialAccount
from heyue.provider_sim.wecom import CustomerService
from tests.bot_process import free_port
from tests.browser.conftest import ARGUMENTS, settled, sign_in
from tests.conftest import program
from tests.e2e.test_run import Product, processes_of, product
from tests.unit.watch.test_monitoring import EXPRESSIONS, NAME, recorded

pytestmark = [pytest.mark.slow, pytest.mark.browser]
CHINESE, LATIN = "欧阳静怡", "Quentin Abernathy"
PHONE, OTHER_PHONE, STRANGER = "13912345678", "13700112233", "15988776655"
OPENID, LAST4, IDENTITY, CARD = "oSeedOpenId7Q9Z", "739X", "110101199003078771", "6222021234567890123"
WORDS, LATIN_WORDS, RELATIVE = "青石巷十七号的蓝房子", "Greenstone Alley seventeen", "慕容婉清"
LOGIN, PASSWORD, GUESS = "situ.ming", "Zebra-Quarz-Nebel-42", "Wrong-Guess-Opal-77"
TRANSCRIPT_TOKEN, ACTIONS_TOKEN = "transcript-token-of-the-test", "actions-token-of-the-test"
DATA_KEY = base64.b64encode(bytes(range(32))).decode()
PERSONAL = (CHINESE, LATIN, "Quentin", "Abernathy", PHONE, OTHER_PHONE, STRANGER, OPENID, LAST4, IDENTITY, CARD, WORDS, LATIN_WORDS, "Greenstone",
            RELATIVE, "司徒明")  # fmt: skip
SECRETS = (PASSWORD, GUESS, TRANSCRIPT_TOKEN, ACTIONS_TOKEN, DATA_KEY, CALLBACK_TOKEN)
REQUEST = "0123456789abcdef0123456789abcdef"
CASES = f"""case_id,borrower_name,gender,phone,wechat_openid,id_last4,creditor,product,amount_due,minimum_due,due_date,pay_day,broken_promises
S-1,{CHINESE},女,{PHONE},{OPENID},{LAST4},云杉消费金融,现金分期,3200.00,,2026-11-15,15,0
S-2,{LATIN},男,{OTHER_PHONE},,5126,云杉消费金融,现金分期,900.00,,2026-11-15,,2
"""
SAID = f"我是{CHINESE}，身份证{IDENTITY}，卡号{CARD}，住{WORDS} ({LATIN_WORDS})，问我表姐{RELATIVE} {STRANGER} Quentin"
XML = f"<!DOCTYPE xml [<!ENTITY a '{SAID}'>]><xml><FromUserName>&a;</FromUserName></xml>"


@dataclass
class Run:
    """The running product, its stand-ins, and what it answered to what it did not take."""

    product: Product
    sms: AliyunSms
    wechat: OfficialAccount
    wecom: CustomerService
    errors: list[str] = field(default_factory=list)

    def post(self, path: str, **request: Any) -> httpx.Response:
        """Ask the bot; the answer is kept where it says no."""
        answer = httpx.post(f"{self.product.bot}/webhooks/{path}", timeout=60, **request)
        if answer.status_code >= 400:  # the REST channel names to the sender himself whom its answer is for
            self.errors.append(f"{answer.headers} " + re.sub(r'"recipient_id":"[^"]*"', "", answer.text))
        return answer

    def say(self, sender: str, text: str, **headers: str) -> httpx.Response:
        return self.post("rest/webhook", json={"sender": sender, "message": text}, headers=headers)

    def logs(self) -> dict[str, str]:
        folder = self.product.data_folder / "logs"
        return {file.name: file.read_text(encoding="utf-8", errors="replace") for file in folder.iterdir()}

    def lines(self, part: str) -> list[dict[str, Any]]:
        """The log lines of a part; other lines are none of ours."""
        raw = self.logs()[f"{part}.log"].splitlines()
        return [json.loads(line) for line in raw if line.startswith("{")]

    def figures(self) -> str:
        return httpx.get(f"{self.product.bot}/metrics", timeout=30).text


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("watched")
    with (
        AliyunSms(reports_itself=True) as sms, OfficialAccount(mode=ENCRYPTED) as wechat, CustomerService() as wecom,
        pytest.MonkeyPatch.context() as patch,
    ):  # fmt: skip
        for name, value in environment(folder, sms, wechat, wecom).items():
            patch.setenv(name, value)
        with product(folder, "--no-demo", "--action-server", "--actions-port", str(free_port())) as started:
            for stand_in in (sms, wechat, wecom):
                stand_in.callback = callback_of(stand_in, started.bot)
            file = folder / "cases.csv"
            file.write_text(CASES, encoding="utf-8")
            assert started.heyue("import", str(file)).returncode == 0
            words = ("users", "add", LOGIN, "--name", "司徒明", "--role", "lead", "--password-stdin")
            assert started.heyue(*words, typed=PASSWORD + "\n").returncode == 0
            running = Run(started, sms, wechat, wecom)
            live_through(running)
            yield running


def environment(folder: Path, *stand_ins: Any) -> dict[str, str]:
    found = {
        "HEYUE_TRANSCRIPT_TOKEN": TRANSCRIPT_TOKEN, "HEYUE_ACTIONS_TOKEN": ACTIONS_TOKEN, "HEYUE_DATA_KEY": DATA_KEY,
        "HEYUE_LOG_LEVEL": "DEBUG",
    }  # fmt: skip
    for stand_in in stand_ins:
        file = folder / f"{type(stand_in).__name__}.yml"
        approve_templates(stand_in, file)
        found |= environment_of(stand_in, file)
    return found


def live_through(run: Run) -> None:
    """A day of the product: talks, nonsense, forgeries, faults."""
    talk(run)
    bring_nonsense(run)
    with coach_page(run) as page:
        use_the_coach(page)
        with store_held(run.product.data_folder):
            say_while_the_store_is_away(run)
        break_what_is_stored(run)
        page.goto(f"{run.product.coach}/live")
        page.get_by_text("这一页出错了").wait_for()
    run.say(PHONE, SAID)
    time.sleep(2)  # the reader meets what was broken


def talk(run: Run) -> None:
    for text in ("你好", f"我是{CHINESE}本人", LAST4, "后天还三千二，工资还没发", "对", SAID):
        assert run.say(PHONE, text, **{"X-Request-ID": REQUEST}).status_code == 200
    for text in ("你好", f"我是{LATIN}本人", "5126", LATIN_WORDS):
        run.say(OTHER_PHONE, text)
    run.say(STRANGER, SAID)
    run.sms.say(PHONE, SAID)
    run.wechat.say(OPENID, SAID)
    run.wecom.say("wmSeed", SAID)
    turn = {"talk": "t", "turn": "1", "channel": "phone", "speaker": "borrower", "text": SAID, "at": "2026-11-20T10:00:00+08:00"}
    run.post("transcript/turns", json=turn, headers={"Authorization": f"Bearer {TRANSCRIPT_TOKEN}"})


def bring_nonsense(run: Run) -> None:
    """What no provider and no proxy would send, with personal data wherever there is room."""
    bad = SAID.encode()
    for path in ("rest/webhook", "wechat/webhook", "wecom/webhook", "transcript/turns", f"sms_aliyun/{CALLBACK_TOKEN}/up",
                 f"sms_aliyun/{CALLBACK_TOKEN}/report", "sms_aliyun/wrong-token/up", f"{PHONE}/{LATIN}", "twilio/webhook"):  # fmt: skip
        for body in (bad, bad[:-1], json.dumps({"sender": SAID, "message": 1}).encode(), json.dumps([SAID]).encode(), XML.encode(), b"\0"):
            run.post(path, content=body)
            run.post(f"{path}?signature={LATIN}&timestamp={PHONE}&nonce={CARD}&openid={OPENID}", content=body, headers={
                "X-Request-ID": PHONE, "Authorization": f"Bearer {LATIN}", "Referer": f"http://x/{LATIN}"})  # fmt: skip
    bearer = {"Authorization": f"Bearer {TRANSCRIPT_TOKEN}"}
    for name in ("channel", "speaker", "at"):
        turn = {"talk": "t", "turn": "2", "channel": "phone", "speaker": "borrower", "text": SAID, "at": "x"} | {name: SAID}
        run.post("transcript/turns", json=turn, headers=bearer)
    run.wechat.push(run.wechat.message(OPENID, SAID) | {"MsgType": SAID})
    for number in (PHONE, SAID):
        with suppress(Exception):
            run.sms.push_said([{"phone_number": number, "content": SAID, "send_time": SAID, "sequence_id": None}, SAID])  # type: ignore[list-item]
    httpx.get(f"{run.product.coach}/{CHINESE}?{LATIN}={PHONE}")


class coach_page:  # noqa: N801  reads as what it gives
    """A page of the coach in a browser of its own."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> Page:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=program("browser"), args=ARGUMENTS)
        page = self._browser.new_page()
        page.goto(f"{self._run.product.coach}/upload")
        return settled(page)

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()


def use_the_coach(page: Page) -> None:
    """Wrong passwords, the right one, files that cannot be read and one that can."""
    sign_in(page, LOGIN, GUESS)
    sign_in(page, LATIN, GUESS)
    sign_in(page, LOGIN, PASSWORD)
    for name, data in (
        (f"{CHINESE}.xlsx", b"PK\x03\x04" + SAID.encode()),
        (f"{LATIN}.csv", b"\x00\x01" + SAID.encode() * 40),
        (f"{PHONE}.jsonl", json.dumps({"turns": [{"speaker": SAID, "text": 1}]}).encode()),
        ("talk.txt", f"催收员：您好\n借款人：{SAID}\n".encode()),
    ):
        page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": data})
        page.wait_for_timeout(1500)
    page.get_by_role("button", name="导入", exact=True).click()
    page.get_by_text("导入 1 段会话").wait_for()


class store_held:  # noqa: N801
    """Nobody else can write into the store meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "heyue.db", isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("PRAGMA busy_timeout=60000")
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


def say_while_the_store_is_away(run: Run) -> None:
    assert run.say(PHONE, SAID, **{"X-Request-ID": REQUEST[::-1]}).status_code == 503
    turn = {"talk": "t", "turn": "9", "channel": "phone", "speaker": "borrower", "text": SAID, "at": "2026-11-20T10:00:00+08:00"}
    bearer = {"Authorization": f"Bearer {TRANSCRIPT_TOKEN}"}
    assert run.post("transcript/turns", json=turn, headers=bearer).status_code == 503


def break_what_is_stored(run: Run) -> None:
    """Rows that no program of ours writes: a dialogue that is no JSON, words under another key."""
    with closing(sqlite3.connect(run.product.data_folder / "heyue.db", timeout=30)) as store, store:
        store.execute("UPDATE conversations SET unread_turns = 1, dialogue = ?", (f'{{"{CHINESE} {LATIN} {PHONE}',))
        store.execute("UPDATE messages SET text_sealed = ?", (SAID.encode(),))


def found_in(text: str, words: tuple[str, ...]) -> list[str]:
    """Which of the words stand in the text, with what is around them."""
    escaped = {word: (word, json.dumps(word)[1:-1], word.encode("unicode_escape").decode()) for word in words}
    return [
        f"{word}: …{text[max(place - 150, 0) : place + 80]}…"
        for word, forms in escaped.items()
        for form in forms
        if (place := text.find(form)) >= 0
    ]


def test_no_log_names_a_person_or_a_secret(run: Run) -> None:
    logs = run.logs()
    assert {"bot.log", "action-server.log", "worker.log", "reader.log", "coach.log"} <= set(logs)
    for name, text in logs.items():
        assert found_in(text, PERSONAL + SECRETS) == [], name
        assert "Traceback" not in text, f"{name}: printed past our log lines"
    assert found_in(run.product.shown(), (*PERSONAL, *SECRETS)) == []


def test_no_figure_does(run: Run) -> None:
    assert found_in(run.figures(), PERSONAL + SECRETS) == []


def test_no_answer_to_a_bad_request_does(run: Run) -> None:
    assert len(run.errors) > 50
    assert found_in("\n".join(run.errors), PERSONAL + SECRETS) == []
    assert not re.search(r"Traceback|File \"|[Ss]qlite|[Ss]qlalchemy", "\n".join(run.errors))


def test_no_command_line_holds_a_secret(run: Run) -> None:
    commands = "\n".join(processes_of(run.product.data_folder))
    assert "bot.serve" in commands
    assert found_in(commands, SECRETS + PERSONAL) == []


def test_the_faults_that_were_provoked_were_logged(run: Run) -> None:
    """Else the others would prove nothing."""
    for part, event in (
        ("bot", "webhook.forged"), ("bot", "webhook.bad_input"), ("bot", "webhook.not_stored"), ("bot", "rest.turn_failed"),
        ("bot", "store.failed"), ("reader", "reader.talk_unreadable"), ("coach", "coach.page_failed"),
    ):  # fmt: skip
        assert event in {line["event"] for line in run.lines(part)}, (part, event)


def test_one_request_can_be_followed_from_the_channel_over_the_actions_to_the_store(run: Run) -> None:
    def events(part: str, request: str) -> list[str]:
        return [line["event"] for line in run.lines(part) if line.get("request") == request]

    assert {"message.received", "message.answered"} <= set(events("bot", REQUEST))
    assert "message.heard" in events("action-server", REQUEST)
    assert {"store.failed", "rest.turn_failed"} <= set(events("bot", REQUEST[::-1]))


def test_the_answer_names_its_request(run: Run) -> None:
    for given, kept in ((REQUEST, True), (PHONE, False)):
        answer = run.post("rest/webhook", content=b"", headers={"X-Request-ID": given})
        assert (answer.headers["X-Request-ID"] == given) is kept


def test_all_lines_after_the_start_are_json(run: Run) -> None:
    for part in ("bot", "action-server"):
        lines = [line for line in run.logs()[f"{part}.log"].splitlines() if line]
        begun = next(place for place, line in enumerate(lines) if '"request"' in line)
        assert [line for line in lines[begun:] if not line.startswith("{")] == [], part


def test_every_figure_that_dashboard_and_alerts_name_is_in_the_scrape(run: Run) -> None:
    """But for what needs a campaign, a provider's outage or a failed task, and is checked in tests/unit/watch."""
    asked = set().union(*(NAME.findall(each) for each in EXPRESSIONS)) - recorded()
    shown = set(re.findall(r"^(heyue_[a-z_]+)", run.figures(), re.MULTILINE))
    assert asked - shown <= {"heyue_page_failures_total", "heyue_human_tasks_open", "heyue_outbox_due", "heyue_outbox_oldest_due_seconds"}


def test_the_figures_of_all_parts_are_in_one_place(run: Run) -> None:
    figures = run.figures()
    for line in (
        'heyue_messages_total{channel="sms",direction="in",speaker="borrower"}', 'heyue_promises{state="open"} 1.0',
        'heyue_webhook_refusals_total{channel="wechat",why="forged"}', 'heyue_jobs_total{job="plan",outcome="done"}',
        'heyue_sign_ins_total{outcome="WrongPassword"} 2.0', 'heyue_model_confidence_total{band="0.9",model="debtor_type"}',
        'heyue_gate_checks_total{passed="yes",rule=', 'heyue_sends_total{channel="sms",outcome="accepted"}',
        'heyue_sms_segments_total{kind="reply"}',
    ):  # fmt: skip
        assert line in figures
