"""20 reviewers and 50 live conversations at once: `python -m bench.coach_load` (two minutes, prints Markdown).

The coach, its reader and a browser with a tab for each reviewer share this machine's cores. Reviewers go from page to page;
each conversation gets a message every five seconds. Any error shown, or a page that is not drawn, ends the run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.live_reading import CONVERSATIONS, case_of, measured
from bench.many_talks import fill
from heyue.desk import Desk
from heyue.settings import ZONE
from tests.browser.conftest import ARGUMENTS, Coach, running_coach, settled
from tests.conftest import program

REVIEWERS, SECONDS, STORED_TALKS = 20, 60.0, 2_000
PAGES = ("review", "rule_health", "calibration", "review?state=done", "upload")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_coach(Path(folder)) as coach:
        prepare(coach.desk)
        reader = subprocess.Popen(
            [sys.executable, "-m", "heyue.cli", "read-talks", "--follow"],
            env=os.environ | {"HEYUE_DATA_FOLDER": folder},
        )
        waits: list[float] = []
        talking = threading.Thread(target=lambda: waits.extend(measured(coach.desk)))
        try:
            talking.start()
            drawn = review(coach)
            talking.join()
        finally:
            reader.terminate()
            reader.wait()
    report(drawn, [1e3 * wait for wait in waits])


def prepare(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        tx.put_cases([(case_of(number), "usable") for number in range(CONVERSATIONS)])
    fill(desk.store, STORED_TALKS, datetime.now(ZONE))


def review(coach: Coach) -> list[float]:
    """Let the reviewers go from page to page; seconds until each page was drawn."""
    drawn: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("browser"), args=ARGUMENTS)
        pages = [open_page(coach, browser.new_context(locale="zh-CN")) for _ in range(REVIEWERS)]
        until, turn = time.monotonic() + SECONDS, 0
        while time.monotonic() < until:
            page, name = pages[turn % REVIEWERS], PAGES[(turn // REVIEWERS) % len(PAGES)]
            begun = time.perf_counter()
            page.goto(f"{coach.url}/{name}")
            settled(page)
            drawn.append(time.perf_counter() - begun)
            refuse_error(page)
            turn += 1
        browser.close()
    return drawn


def open_page(coach: Coach, context: BrowserContext) -> Page:
    context.add_cookies([{"name": coach.cookie_name, "value": coach.token_of("reviewer"), "url": coach.url}])
    page = context.new_page()
    page.set_default_timeout(60_000)
    return page


def refuse_error(page: Page) -> None:
    """Raises RuntimeError when the page shows one."""
    text = page.inner_text("body")
    if "出错了" in text or "暂时连不上" in text or page.get_by_test_id("stException").count():
        raise RuntimeError(f"{page.url} shows an error:\n{text[:500]}")


def report(drawn: list[float], waits: list[float]) -> None:
    print("| | count | p50 | p95 |\n|---|---|---|---|")
    for what, values, unit in (("page drawn, of 20 reviewers", [1e3 * each for each in drawn], "ms"),
                               ("message to suggestion stored, 50 conversations", waits, "ms")):  # fmt: skip
        p95 = sorted(values)[int(0.95 * len(values))]
        print(f"| {what} | {len(values)} | {statistics.median(values):.0f} {unit} | {p95:.0f} {unit} |")


if __name__ == "__main__":
    main()
