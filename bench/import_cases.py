"""`python -m bench.import_cases`: what `heyue import` takes for a big case file, new and once more: time and memory.

The cases are invented. Each file is imported into a fresh SQLite store by the command itself, start included.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 24)
POLL_SECONDS = 0.02
COLUMNS = [
    "case_id", "borrower_name", "gender", "phone", "wechat_openid", "id_last4", "creditor", "product", "amount_due",
    "minimum_due", "due_date", "pay_day", "broken_promises",
]  # fmt: skip
FAMILIES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "明远晓雯建国雨桐桂芳海涛佳宁子轩梦洁"
CREDITORS, PRODUCTS = (
    ("云杉消费金融", "青禾消费金融", "白鹭银行"),
    ("信用卡", "现金分期", "装修分期", ""),
)


@dataclass(frozen=True)
class Measured:
    """One run of the command. Memory is the most that was resident at any moment."""

    seconds: float
    peak_megabytes: float
    said: str


def main(words: list[str] | None = None) -> int:
    options = parsed(words)
    sizes = sorted({max(options.rows // 10, 1), options.rows})
    print("| rows | run | seconds | rows a second | peak memory (MB) | reported |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            for line in lines_for(rows, Path(folder) / str(rows)):
                print(line, flush=True)
    return 0


def parsed(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.import_cases", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=100_000, help="of the big file; a tenth as many of the small one"
    )
    return parser.parse_args(words)


def lines_for(rows: int, folder: Path) -> Iterator[str]:
    """The table's lines for a file of so many rows."""
    folder.mkdir()
    case_file = folder / "cases.csv"
    write_case_file(case_file, rows)
    for run in ("new", "the same file again"):
        done = import_file(case_file, folder)
        yield (
            f"| {rows:,} | {run} | {done.seconds:.1f} | {rows / done.seconds:,.0f} | {done.peak_megabytes:.0f} "
            f"| {done.said} |"
        )


def write_case_file(case_file: Path, rows: int) -> None:
    """A case file of invented borrowers; half of them have an openid besides the phone."""
    rng = random.Random(rows)
    with case_file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(row(number, rng) for number in range(rows))


def row(number: int, rng: random.Random) -> list[object]:
    amount = rng.randrange(50_000, 5_000_000)
    return [
        f"B-{number:08}", rng.choice(FAMILIES) + "".join(rng.sample(GIVEN, 2)), rng.choice("男女"), f"139{number:08}",
        f"oBench{number:020}" if number % 2 else "", f"{rng.randrange(10_000):04}", rng.choice(CREDITORS),
        rng.choice(PRODUCTS), f"{amount / 100:.2f}", f"{amount // 10 / 100:.2f}",
        (TODAY - timedelta(days=rng.randrange(1, 29))).isoformat(), rng.choice(["", 5, 10, 15]), rng.randrange(3),
    ]  # fmt: skip


def import_file(case_file: Path, folder: Path) -> Measured:
    """Run the command over the store in `folder`."""
    environment = os.environ | {
        "HEYUE_DATA_FOLDER": str(folder),
        "HEYUE_DATABASE_URL": f"sqlite:///{folder / 'heyue.db'}",
    }
    with (folder / "said.txt").open("w+", encoding="utf-8") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "heyue.cli", "import", str(case_file)],
            cwd=ROOT, env=environment, stdout=said, stderr=said,
        )  # fmt: skip
        peak = peak_megabytes(process)
        seconds = time.perf_counter() - begun
        said.seek(0)
        text = " ".join(said.read().split())
    if process.returncode != 0:
        raise SystemExit(f"the import ended with status {process.returncode}: {text[-2000:]}")
    return Measured(seconds, peak, text)


def peak_megabytes(process: subprocess.Popen[bytes]) -> float:
    """Wait for the end of a process; the most memory that it held."""
    watched, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            peak = max(peak, watched.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(POLL_SECONDS)
    process.wait()
    return peak / 1e6


if __name__ == "__main__":
    sys.exit(main())
