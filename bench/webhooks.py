"""Two hundred messages a second at a webhook: how soon each is acknowledged, and whether all are stored.

    python -m bench.webhooks [--rate 200] [--seconds 5] [--rounds 2] [--tree PATH ...]

Borrowers write once each, at fixed moments whatever the bot does (waiting for the client's own lag counts too). With several
source trees (of the same schema of the store) the bots of all are loaded in turns on the same machine, and the figures are given as ratios to the first as well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import aiohttp
import psutil

from bench.rivals import free_port
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import callback_of, environment_of
from heyue.provider_sim.wechat import ENCRYPTED, OfficialAccount
from heyue.records import Case
from heyue.settings import Settings
from heyue.store import Store, open_store

ROOT = Path(__file__).parents[1]
WECHAT, SMS = "wechat", "sms"
CHANNELS = (WECHAT, SMS)
START_SECONDS = 120


@dataclass(frozen=True)
class Posted:
    """A signed request that is not sent yet."""

    url: str
    body: bytes
    kind: str


def case(number: int) -> Case:
    """A borrower like no other."""
    return Case(
        f"H-{number:05}", f"测试{number}", "云山消费金融", 320_000, date(2026, 11, 15), phone=f"137{number:08}",
        wechat_openid=f"oWebhook{number:06}", id_last4=f"{number % 10_000:04}",
    )  # fmt: skip


def request(provider: OfficialAccount | AliyunSms, number: int) -> Posted:
    """A first message of a borrower."""
    if isinstance(provider, AliyunSms):
        said = provider.said(str(case(number).phone), "你好")
        return Posted(f"{provider.callback}/up", json.dumps([said]).encode(), "application/json")
    openid = str(case(number).wechat_openid)
    provider._free[openid] = 5
    query, body = provider.signed(provider.message(openid, "你好"))
    return Posted(f"{provider.callback}?{'&'.join(f'{name}={value}' for name, value in query.items())}", body.encode(), "text/xml")


@contextmanager
def running_bot(tree: Path, folder: Path, provider: OfficialAccount | AliyunSms, count: int) -> Iterator[tuple[Store, psutil.Process]]:
    """A bot of this source tree for that provider, over a store with so many borrowers."""
    templates = folder / "templates.yml"
    templates.write_text('free_words: {id: SMS_FREE, fields: {text: text}}\n', encoding="utf-8")
    url, port = f"sqlite:///{folder / 'heyue.db'}", free_port()
    environment = os.environ | environment_of(provider, templates if isinstance(provider, AliyunSms) else None) | {
        "PYTHONPATH": str(tree), "HEYUE_DATABASE_URL": url, "HEYUE_DATA_FOLDER": str(folder),
    }  # fmt: skip
    store = open_store(Settings(url, folder))
    with store.transaction() as tx:
        tx.put_cases([(case(number), "usable") for number in range(count)])
    with (folder / "bot.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "bot.serve", "--port", str(port)], cwd=tree, env=environment, stdout=log, stderr=log)
    try:
        asyncio.run(until_up(f"http://127.0.0.1:{port}/webhooks/rest/"))
        provider.callback = callback_of(provider, f"http://127.0.0.1:{port}")
        yield store, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)
        store.close()


async def until_up(url: str) -> None:
    """Wait until a bot answers."""
    end = time.monotonic() + START_SECONDS
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < end:
            try:
                async with session.get(url):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.3)
    raise TimeoutError(f"nobody answers at {url}")


async def load(requests: list[Posted], rate: int) -> tuple[list[float], int]:
    """Send them at this rate; the seconds that each acknowledgement took, and how many were not acknowledged."""
    seconds: list[float] = []
    refused = 0

    async def post(session: aiohttp.ClientSession, posted: Posted, due: float) -> None:
        nonlocal refused
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        try:
            async with session.post(posted.url, data=posted.body, headers={"content-type": posted.kind}) as answer:
                await answer.read()
                refused += answer.status != 200
        except aiohttp.ClientError:  # such as a connection that was reset
            refused += 1
        seconds.append(time.perf_counter() - due)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        begin = time.perf_counter() + 0.1
        await asyncio.gather(*(post(session, each, begin + place / rate) for place, each in enumerate(requests)))
    return seconds, refused


def measure(tree: Path, channel: str, rate: int, seconds: int) -> dict[str, float]:
    """One run: the percentiles of the acknowledgement in milliseconds, the bot's processor time a message, and what was stored."""
    count, warm = rate * seconds, 5
    kind = AliyunSms if channel == SMS else lambda: OfficialAccount(mode=ENCRYPTED)
    with tempfile.TemporaryDirectory() as name, kind() as provider, running_bot(tree, Path(name), provider, count + warm) as (store, bot):
        asyncio.run(load([request(provider, count + each) for each in range(warm)], 2))
        time.sleep(2)
        requests = [request(provider, number) for number in range(count)]
        before = sum(bot.cpu_times()[:2])
        taken, refused = asyncio.run(load(requests, rate))
        used = sum(bot.cpu_times()[:2]) - before
        with store.reading() as tx:
            stored = tx.connection.exec_driver_sql("SELECT count(*) FROM messages WHERE speaker = 'borrower'").scalar()
    cuts = statistics.quantiles(taken, n=100)
    return {
        "p50": round(1000 * cuts[49]), "p95": round(1000 * cuts[94]), "p99": round(1000 * cuts[98]),
        "max": round(1000 * max(taken)), "bot_cpu_ms": round(1000 * used / count, 2), "sent": count,
        "stored": stored - warm, "refused": refused,
    }  # fmt: skip


def main() -> None:
    """Measure every tree in turns and print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=int, default=200)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--channels", nargs="+", default=CHANNELS, choices=CHANNELS)
    options.add_argument("--tree", type=Path, action="append", help="a source tree; default: this one")
    given = options.parse_args()
    trees = given.tree or [ROOT]
    p95: dict[tuple[Path, str], list[float]] = {}
    for _ in range(given.rounds):
        for channel in given.channels:
            for tree in trees:
                figures = measure(tree, channel, given.rate, given.seconds)
                p95.setdefault((tree, channel), []).append(figures["p95"])
                print(tree, channel, f"load {os.getloadavg()[0]:.1f}", figures, flush=True)
    for (tree, channel), found in p95.items():
        ratio = statistics.median(found) / statistics.median(p95[trees[0], channel])
        print(f"{tree} {channel}: median p95 {statistics.median(found):.0f} ms, {ratio:.2f} of {trees[0]}")


if __name__ == "__main__":
    main()
