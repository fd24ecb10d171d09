"""How soon the debtor's answer stands on the page 对练, with many trainees at once: `python -m bench.practice_page [--trainees 50]`.

The real coach over its own websocket, spoken to as Streamlit's browser part speaks (tornado, protobuf): each trainee has an exercise of
his own open, types a line, presses Enter, waits for the answer, thinks for some seconds, and so on. Timed is from Enter until the answer's
bubble has arrived, and until the page is drawn. The client shares the cores. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from heyue.access.people import SignedIn, operator
from heyue.desk import Desk
from heyue.practice.records import BY_KIND
from heyue.settings import ZONE
from tests.browser.conftest import Coach, running_coach

LABEL, SEND = "您说", "说出去"
GOAL_MS, WAIT_SECONDS, THINK_SECONDS = 300, 60.0, 4.0
PASSWORD = "bench-Passwort-1"
KINDS = ("cooperative", "promiser", "victim", "evasive", "sophisticated")
LINES = (
    "您好，我是客服小李，工号1024，请问您是本人吗？", "麻烦您报一下身份证后四位，我核对一下是您本人。",
    "谢谢您。您名下这笔账单过了还款日，我想了解一下您的情况。", "我理解您不容易，您慢慢说，我听着。",
    "最近是遇到什么困难了吗？", "您看哪天手头方便一些，我们先定个小数目？", "不急，能还多少我们就从多少开始。",
    "我把您说的记下来，您看这样可以吗？",
)  # fmt: skip


@dataclass
class Shown:
    """What a page shows so far: its widgets by label, with the part that each belongs to, and how many turns."""

    widgets: dict[str, tuple[str, str]] = field(default_factory=dict)
    page: str = ""
    turns: int = 0
    is_drawn: bool = False
    error: str = ""

    def take(self, raw: bytes) -> None:
        """One message of the server."""
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.is_drawn = False
        elif kind == "navigation":
            self.page = message.navigation.page_script_hash
        elif kind == "script_finished":
            self.is_drawn = message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element, part = message.delta.new_element, message.delta.fragment_id
            if element.WhichOneof("type") == "text_area":
                self.widgets[element.text_area.label] = (element.text_area.id, part)
            elif element.WhichOneof("type") == "button":
                self.widgets[element.button.label] = (element.button.id, part)
            elif element.WhichOneof("type") == "html":
                self.turns = element.html.body.count('class="heyue-turn') or self.turns
            elif element.WhichOneof("type") in ("exception", "alert"):
                self.error = str(element)


@dataclass
class Trainee:
    """One browser tab with an exercise."""

    coach: Coach
    token: str
    talk_id: str
    choice: Random
    shown: Shown = field(default_factory=Shown)

    async def practise(self, waits: list[tuple[float, float]]) -> None:
        """Say the lines until they or the talk are at an end."""
        connection = await self._connected()
        await self._until(connection, lambda: self.shown.is_drawn and LABEL in self.shown.widgets)
        for line in LINES:
            await asyncio.sleep(self.choice.uniform(0.5, 1.5) * THINK_SECONDS)
            waits.append(await self._say(connection, line))
            if LABEL not in self.shown.widgets:  # the talk has ended
                break
        connection.close()

    async def _connected(self) -> WebSocketClientConnection:
        url = self.coach.url.replace("http", "ws", 1) + "/_stcore/stream"
        headers = {"Cookie": f"{self.coach.cookie_name}={self.token}", "Origin": self.coach.url}
        connection = await websocket_connect(HTTPRequest(url, headers=headers, request_timeout=WAIT_SECONDS), subprotocols=["streamlit"])
        await connection.write_message(self._asked("").SerializeToString(), binary=True)
        return connection

    def _asked(self, part: str) -> BackMsg:
        asked = BackMsg()
        asked.rerun_script.query_string = f"talk={self.talk_id}"
        asked.rerun_script.page_script_hash = self.shown.page
        asked.rerun_script.page_name = "" if self.shown.page else "practice"
        asked.rerun_script.fragment_id = part
        return asked

    async def _say(self, connection: WebSocketClientConnection, line: str) -> tuple[float, float]:
        """Leave the box and press the button, as enter.js does; seconds until the answer is there, and the page drawn."""
        (area, part), (button, _) = self.shown.widgets.pop(LABEL), self.shown.widgets[SEND]
        before, begun = self.shown.turns, time.perf_counter()
        for is_pressed in (False, True):
            asked = self._asked(part)
            asked.rerun_script.widget_states.widgets.add(id=area, string_value=line)
            if is_pressed:
                asked.rerun_script.widget_states.widgets.add(id=button, trigger_value=True)
            await connection.write_message(asked.SerializeToString(), binary=True)
        await self._until(connection, lambda: self.shown.turns >= before + 2)
        answered = time.perf_counter() - begun
        await self._until(connection, lambda: self.shown.is_drawn)
        return answered, time.perf_counter() - begun

    async def _until(self, connection: WebSocketClientConnection, holds) -> None:  # type: ignore[no-untyped-def]
        while not holds():
            raw = await asyncio.wait_for(connection.read_message(), WAIT_SECONDS)
            if not isinstance(raw, bytes):
                raise RuntimeError("the coach has closed the connection")
            self.shown.take(raw)
            if self.shown.error:
                raise RuntimeError(f"the page shows an error: {self.shown.error}")


def main() -> None:
    """Let them practise; print how long they waited."""
    parser = argparse.ArgumentParser(prog="bench.practice_page", description=__doc__)
    parser.add_argument("--trainees", type=int, default=50)
    count = parser.parse_args().trainees
    print("| trainees | | answers | median ms | p95 ms | longest ms |\n|---|---|---|---|---|---|")
    for trainees in dict.fromkeys((1, count)):
        with TemporaryDirectory() as folder, running_coach(Path(folder)) as coach:
            process = psutil.Process(coach.part.process.pid)
            used = sum(process.cpu_times()[:2])
            waits = asyncio.run(all_practise(coach, trainees))
            used, memory = sum(process.cpu_times()[:2]) - used, process.memory_info().rss
        for what, seconds in zip(("answer there", "page drawn"), zip(*waits, strict=True), strict=True):
            p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
            figures = f"{1e3 * statistics.median(seconds):.0f} | {1e3 * p95:.0f} | {1e3 * max(seconds):.0f}"
            print(f"| {trainees} | {what} | {len(seconds)} | {figures} |", flush=True)
        print(f"| {trainees} | processor of the coach, each answer | | {1e3 * used / len(waits):.0f} | | |", flush=True)
        print(f"| {trainees} | memory of the coach at the end, MB | | {memory / 1e6:.0f} | | |", flush=True)
    print(f"\nGoal: p95 of an answer within {GOAL_MS} ms. Load of the machine: {os.getloadavg()[0]:.1f}.")


async def all_practise(coach: Coach, trainees: int) -> list[tuple[float, float]]:
    """How long each answer took."""
    waits: list[tuple[float, float]] = []
    await asyncio.gather(*(begun(coach, number).practise(waits) for number in range(trainees)))
    return waits


def begun(coach: Coach, number: int) -> Trainee:
    """A trainee of his own with an exercise."""
    login, now = f"trainee-{number}", datetime.now(ZONE)
    desk: Desk = coach.desk
    desk.add_user(login, f"学员{number}", "trainee", PASSWORD, operator("bench"), now)
    verdict = desk.sign_in(login, PASSWORD, now)
    assert isinstance(verdict, SignedIn), verdict
    talk = desk.start_practice(verdict.user, BY_KIND, "easy", now, KINDS[number % len(KINDS)])
    return Trainee(coach, verdict.token, talk.talk_id, Random(number))


if __name__ == "__main__":
    main()
