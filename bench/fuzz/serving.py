"""The bot and the action server, really running, asked over HTTP: what they answer, log, and hold in memory."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
from hypothesis import strategies as st

from bench.fuzz import requests
from bench.fuzz.judging import ROOT, Entry, Fault
from bench.fuzz.report import Memory, Stage
from bench.fuzz.wire import Draft, sent
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import callback_of, environment_of
from heyue.provider_sim.sms import SmsProvider
from heyue.provider_sim.tencent import TencentSms
from heyue.provider_sim.twilio import TwilioSms
from heyue.provider_sim.wechat import ENCRYPTED, PLAIN, OfficialAccount
from heyue.provider_sim.wecom import CustomerService
from tests.bot_process import bot_environment, free_port, stop
from tests.followers import CASES, bot_with, fill
from tests.texters import sms_environment

PEOPLE = 200
OPENIDS = tuple(str(each.wechat_openid) for each in CASES[:PEOPLE])
NUMBERS = tuple(str(each.phone) for each in CASES[:PEOPLE])
START_SECONDS, FETCH_SECONDS = 90, 15
SERVER_ERROR = 500
LEVELS = (b'"level": "error"', b'"level": "critical"')
# Sanic logs a sender's broken chunks as errors, Rasa's channel for Twilio a number that is none; both are answered by 400
OTHERS = (b'"logger": "sanic.', b'"logger": "rasa.core.channels.twilio"')
WINDOW = 10**9  # messages that the stand-in of WeChat lets through to everybody


@dataclass
class Server:
    """A running server and the log that it writes."""

    port: int
    log: Path
    _read: int = field(default=0)

    def ask(self, draft: Draft) -> int:
        """One request.

        Raises:
            Fault: it was answered from 500 on, not at all, late, or something failed meanwhile by the log.
        """
        answer = sent(self.port, draft)
        logged = self.failed()
        if answer.status >= SERVER_ERROR:
            raise Fault(f"status {answer.status}, {logged or draft.framing}", requests.shown(draft))
        if answer.is_late:
            raise Fault(f"no answer in time ({draft.framing})", requests.shown(draft))
        if draft.is_whole and not answer.status:
            raise Fault(f"no answer: {answer.problem}", requests.shown(draft))
        if logged:
            raise Fault(f"log: {logged}", requests.shown(draft))
        return 1

    def failed(self) -> str:
        """What failed since last time by the log. What shows late is put down to the input after it."""
        with self.log.open("rb") as source:
            source.seek(self._read)
            new = source.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        lines = [line for line in whole.splitlines() if line.startswith(b"Traceback") or any(each in line for each in LEVELS)]
        return next((_told(line) for line in lines if not any(each in line for each in OTHERS)), "")


def _told(line: bytes) -> str:
    """What a log line says of an error, without what differs from time to time."""
    try:
        said: dict[str, Any] = json.loads(line)
    except ValueError:
        return line.decode(errors="replace")[:200]
    place = (said.get("places") or [said.get("place", "")])[-1]
    return f"{said.get('event')} {said.get('error', said.get('why', ''))} {place.replace(ROOT, '')}"


@contextmanager
def bot_stage(mode: str, provider: SmsProvider, share: float) -> Iterator[Stage]:
    """A bot with all channels, of the SMS channels one."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heyue-fuzz-")))
        account, service = stack.enter_context(OfficialAccount(mode=mode)), stack.enter_context(CustomerService())
        stack.enter_context(provider)
        fill(folder)
        tokens = {"HEYUE_TRANSCRIPT_TOKEN": requests.TOKEN, "HEYUE_METRICS_TOKEN": requests.TOKEN}
        environment = environment_of(account) | environment_of(service) | sms_environment(provider, folder, requests.PUBLIC_URL) | tokens
        bot = stack.enter_context(bot_with(folder, environment | {"HEYUE_WECHAT_ANSWER_SECONDS": "0.5"}))
        provider.callback, service.callback = callback_of(provider, bot.url), callback_of(service, bot.url)
        account._free = dict.fromkeys(OPENIDS, WINDOW)
        server = Server(int(bot.url.rpartition(":")[2]), folder / "bot.log")
        name = f"bot, {provider.__class__.__name__}"
        yield list(bot_entries(server, account, service, provider, share)), [Memory(name, psutil.Process(bot.process.pid))]


def bot_entries(
    server: Server, account: OfficialAccount, service: CustomerService, provider: SmsProvider, share: float
) -> Iterator[Entry]:
    """The routes of one bot."""
    drawn = {
        f"wechat {account.mode}": (requests.wechat(account, OPENIDS), 0.25), "wecom": (requests.wecom(service), 0.12),
        type(provider).__name__: (requests.sms(provider, NUMBERS), 0.25), "rest": (requests.rest((*OPENIDS, *NUMBERS, "stranger")), 0.2),
        "transcript": (requests.transcript(), 0.1), "metrics": (requests.metrics(), 0.02), "paths": (requests.anywhere(), 0.05),
    }  # fmt: skip
    for name, (drafts, part) in drawn.items():
        yield Entry(name, drafts, server.ask, share * part)
    numbers = itertools.count()
    yield Entry("wecom: fetched", st.lists(requests.kept(service), min_size=1, max_size=3), partial(judge_fetched, service, server, numbers), share * 0.01, chunk=20)


def judge_fetched(service: CustomerService, server: Server, numbers: Iterator[int], odd: list[dict[str, Any]]) -> int:
    """Whatever WeCom gives, what it gives after that is taken in too."""
    customer = f"wmFuzz{next(numbers)}"
    for each in odd:
        service.log.append(each | {"msgid": f"{each.get('msgid')}{customer}"} if "msgid" in each else each)
    service.say(customer, "你好")
    until = time.monotonic() + FETCH_SECONDS
    while not service.seen_by(customer):
        if time.monotonic() > until:
            service.log[:] = [{"msgid": f"none{place}", "origin": 4, "msgtype": "event", "event": {}} for place, _ in enumerate(service.log)]
            raise Fault("what WeCom gave stands in the way of the next message")
        time.sleep(0.02)
    if logged := server.failed():
        raise Fault(f"log: {logged}")
    return len(odd) + 1


@contextmanager
def actions_stage(share: float) -> Iterator[Stage]:
    """The action server, with a token."""
    with tempfile.TemporaryDirectory(prefix="heyue-fuzz-") as name:
        folder, port = Path(name), free_port()
        fill(folder)
        environment = bot_environment(folder) | {"HEYUE_ACTIONS_TOKEN": requests.TOKEN}
        with (folder / "actions.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "actions", "--port", str(port)], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            names = tuple(each["name"] for each in _actions_at(port))
            server = Server(port, folder / "actions.log")
            yield [Entry("action server", requests.actions(names), server.ask, share)], [Memory("action server", psutil.Process(process.pid))]
        finally:
            stop(process)


def _actions_at(port: int) -> list[dict[str, str]]:
    """The actions of a server, once it answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            found: list[dict[str, str]] = httpx.get(f"http://127.0.0.1:{port}/actions", headers={"Authorization": f"Bearer {requests.TOKEN}"}).json()
            return found
        except httpx.TransportError:
            time.sleep(0.2)
    raise TimeoutError("the action server does not answer")


def server_stages() -> dict[str, Callable[[], AbstractContextManager[Stage]]]:
    """All servers, one after the other."""
    return {
        "aliyun": partial(bot_stage, PLAIN, AliyunSms(), 0.009), "tencent": partial(bot_stage, ENCRYPTED, TencentSms(), 0.009),
        "twilio": partial(bot_stage, ENCRYPTED, TwilioSms(public_url=requests.PUBLIC_URL), 0.006), "actions": partial(actions_stage, 0.004),
    }  # fmt: skip
