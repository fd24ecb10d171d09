"""Talks a second by Spark against one process and two: `python -m bench.archive_speed [TALKS]` (some minutes, prints Markdown).

The same file is read three ways in turn, whole rounds, on this machine alone. Spark's time is told with and without its
start; its answers are compared with those of the single process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psutil
import pyarrow.parquet as pq

from bench.reading_speed import rows

NOW = "2026-11-24T10:00:00+08:00"
TALKS = 6_000
FILES = 8
LOOK_SECONDS = 0.2
CLASSIFY = (sys.executable, "-m", "heyue.cli", "classify", "--now", NOW)


class Run(NamedTuple):
    """Seconds of the clock and of all cores, the most memory (MB) of all processes and of each kind of them together."""

    seconds: float
    core_seconds: float
    memory: float
    by_kind: dict[str, float]


def main(count: int = TALKS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in")
        lines = written(source, count)
        whole = Path(folder, "all.jsonl")
        whole.write_bytes(b"\n".join(lines))
        found = {
            "one process": from_stdin(whole, Path(folder, "one"), 1),
            "`--jobs 2`": from_stdin(whole, Path(folder, "two"), 2),
            "Spark `local[2]`": by_spark(source, Path(folder, "spark")),
            "Spark `local[2]`, 8 talks alone": by_spark(
                small(Path(folder, "few"), lines), Path(folder, "none")
            ),
        }
        same(Path(folder, "one"), Path(folder, "spark"))
    print(
        f"{count:,} talks, {sum(map(len, lines)) / 1e6:.1f} MB; answers of Spark and of one process are the same.\n"
    )
    print(
        "| | seconds | core seconds | talks a second | talks a core second | peak memory MB |\n|---|---|---|---|---|---|"
    )
    for name, run in found.items():
        rates = (
            "| |" if "alone" in name else f"| {count / run.seconds:,.0f} | {count / run.core_seconds:,.0f} |"
        )
        print(f"| {name} | {run.seconds:.1f} | {run.core_seconds:.1f} {rates} {run.memory:,.0f} |")
    spark, start = list(found.values())[2:]
    print(
        f"\nSpark without its start: {count / (spark.core_seconds - start.core_seconds):,.0f} talks a core second."
    )
    print("Memory at the peak, MB:", ", ".join(f"{name} {size:,.0f}" for name, size in spark.by_kind.items()))


def written(folder: Path, count: int) -> list[bytes]:
    """Talks of nlu_data over some files, each with words of its own so that none is remembered from another."""
    talks, lines = rows("types"), []
    for number in range(count):
        raw = talks[number % len(talks)]
        turns = [turn | {"text": f"{turn['text']}{number}"} for turn in raw["turns"]]
        lines.append(json.dumps(raw | {"id": str(number), "turns": turns}, ensure_ascii=False).encode())
    folder.mkdir()
    for place in range(FILES):
        (folder / f"{place}.jsonl").write_bytes(b"\n".join(lines[place::FILES]))
    return lines


def small(folder: Path, lines: Sequence[bytes]) -> Path:
    folder.mkdir()
    (folder / "few.jsonl").write_bytes(b"\n".join(lines[:8]))
    return folder


def from_stdin(source: Path, target: Path, jobs: int) -> Run:
    with source.open("rb") as texts, target.open("wb") as answers:
        return measured(subprocess.Popen([*CLASSIFY, "--jobs", str(jobs)], stdin=texts, stdout=answers))


def by_spark(source: Path, target: Path) -> Run:
    words = ["--engine", "spark", "--master", "local[2]", "--from", str(source), "--to", str(target)]
    silent = subprocess.DEVNULL
    return measured(subprocess.Popen([*CLASSIFY, *words], stdout=silent, stderr=silent))


def measured(process: subprocess.Popen[bytes]) -> Run:
    """Wait for the process and look at it and all below it meanwhile."""
    begun, watched = time.perf_counter(), Watched({}, 0.0, {})
    while process.poll() is None:
        watched = look(psutil.Process(process.pid), watched)
        time.sleep(LOOK_SECONDS)
    if process.returncode != 0:
        raise SystemExit(f"{process.args} ended with status {process.returncode}")
    spent = sum(watched.core_seconds.values())
    return Run(time.perf_counter() - begun, spent, watched.memory, watched.by_kind)


class Watched(NamedTuple):
    """What was seen so far: core seconds by process, and the most memory."""

    core_seconds: dict[int, float]
    memory: float
    by_kind: dict[str, float]


def look(root: psutil.Process, watched: Watched) -> Watched:
    """What is seen now. Memory that several processes share is counted once (PSS)."""
    kinds: dict[str, float] = {}
    for each in [root, *root.children(recursive=True)]:
        try:
            times, kind = each.cpu_times(), kind_of(each)
            kinds[kind] = kinds.get(kind, 0.0) + each.memory_full_info().pss / 1e6
        except psutil.Error:  # it has ended meanwhile
            continue
        watched.core_seconds[each.pid] = times.user + times.system
    if sum(kinds.values()) > watched.memory:
        return watched._replace(memory=sum(kinds.values()), by_kind=kinds)
    return watched


def kind_of(process: psutil.Process) -> str:
    if process.name() == "java":
        return "Java"
    return "Python workers" if "heyue.archive.daemon" in process.cmdline() else "the command"


def same(one: Path, spark: Path) -> None:
    """End the run where Spark answered something else than the single process."""
    answers = {raw["id"]: raw for raw in map(json.loads, one.read_text(encoding="utf-8").splitlines())}
    for row in pq.read_table(spark, partitioning=None).to_pylist():
        expected = answers.pop(row["id"])
        if any(row[name] != value for name, value in expected.items()):
            raise SystemExit(f"Spark answers {row}, one process {expected}")
    if answers:
        raise SystemExit(f"Spark left out {len(answers)} talks")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
