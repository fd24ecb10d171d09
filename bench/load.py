"""Borrowers who write: whole conversations side by side, messages at once, one long conversation."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp

from bench.rivals import ID_DIGITS, Rival, phone

BEGIN = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
# from the first word to the recorded promise: each message runs one action
DIALOGUE = ("你好", "是我", ID_DIGITS, "下周五还", "三千块", "最近工资晚发了", "对", "没有了")
AT_ONCE = DIALOGUE[3:]
SMALL_TALK = ("你是谁", "我还欠多少钱")


@dataclass
class Measured:
    """Reply times of one run, in seconds, and what it took."""

    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    cpu_seconds: float = 0.0
    unanswered: int = 0
    promises_missing: int = 0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed

    def percentile(self, share: float) -> float:
        """The reply time in milliseconds that this share of the replies stays below."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def merge(self, other: Measured) -> None:
        self.seconds += other.seconds
        self.elapsed += other.elapsed
        self.cpu_seconds += other.cpu_seconds
        self.unanswered += other.unanswered
        self.promises_missing += other.promises_missing


class Client:
    """Sends messages to one rival and notes how long the answers take."""

    def __init__(self, rival: Rival, session: aiohttp.ClientSession) -> None:
        self._url = f"{rival.url}/webhooks/rest/webhook"
        self._session = session
        self.measured = Measured()

    async def say(self, sender: str, text: str, minute: int) -> float:
        """Send one message; the seconds until the whole answer was there."""
        body = {
            "sender": sender,
            "message": text,
            "metadata": {"at": (BEGIN + timedelta(minutes=minute)).isoformat()},
        }
        begun = time.perf_counter()
        async with self._session.post(self._url, json=body) as response:
            lines = await response.json()
        taken = time.perf_counter() - begun
        self.measured.seconds.append(taken)
        self.measured.unanswered += response.status != 200 or not lines
        return taken


async def conversations(rival: Rival, at_once: int, rounds: int) -> Measured:
    """So many borrowers at once, each holding `rounds` whole conversations one after another."""
    numbers = [[rival.take_case() for _ in range(rounds)] for _ in range(at_once)]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        client = Client(rival, session)
        cpu, begun = rival.cpu_seconds(), time.perf_counter()
        await asyncio.gather(*(hold(client, mine) for mine in numbers))
        client.measured.elapsed = time.perf_counter() - begun
        client.measured.cpu_seconds = rival.cpu_seconds() - cpu
    everyone = [number for mine in numbers for number in mine]
    client.measured.promises_missing = len(everyone) - rival.promises(everyone)
    return client.measured


async def hold(client: Client, numbers: list[int]) -> None:
    for number in numbers:
        for minute, text in enumerate(DIALOGUE):
            await client.say(phone(number), text, minute)


async def five_at_once(rival: Rival, times: int) -> tuple[list[float], bool]:
    """Seconds until the last of five messages sent at once by one borrower was answered, and whether all were
    answered in the order in which they were sent."""
    waits, in_order = [], True
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        client = Client(rival, session)
        for _ in range(times):
            number = rival.take_case()
            for minute, text in enumerate(DIALOGUE[:3]):
                await client.say(phone(number), text, minute)
            done: list[str] = []

            async def say(text: str, number: int = number, done: list[str] = done) -> float:
                taken = await client.say(phone(number), text, 3)
                done.append(text)
                return taken

            waits.append(max(await asyncio.gather(*(say(text) for text in AT_ONCE))))
            in_order = in_order and done == list(AT_ONCE) and rival.promises([number]) == 1
    return waits, in_order


async def long_conversation(rival: Rival, turns: int) -> tuple[float, float]:
    """Median milliseconds of a reply around turn 10 and at the end of a conversation of so many messages."""
    number = rival.take_case()
    async with aiohttp.ClientSession() as session:
        client = Client(rival, session)
        taken = [
            await client.say(phone(number), SMALL_TALK[turn % len(SMALL_TALK)], turn // 10)
            for turn in range(turns)
        ]
    return 1000 * statistics.median(taken[5:16]), 1000 * statistics.median(taken[-11:])
