"""Archives on real Spark (local[2]): the same answers as the single process, nothing lost, and cut-off runs go on."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyspark
import pytest
from pyspark.sql import SparkSession

from heyue.archive import run as archive_run
from heyue.archive.session import spark_session
from heyue.cli import main

pytestmark = pytest.mark.spark
ROOT = Path(__file__).parents[2]
NOW = ("--now", "2026-11-24T10:00:00+08:00")
BAD = (
    b"{",
    b"[]",
    b'{"id": 7, "text": "\xff"}',
    b'{"id": "no text"}',
    b'{"id": null, "text": 5, "turns": []}',
)
Row = dict[str, Any]


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    with spark_session("local[2]") as session:
        yield session


def raws(folder: str, count: int) -> list[Row]:
    """Texts of nlu_data by all its voices in turn."""
    voices = [
        path.read_text(encoding="utf-8").splitlines()
        for path in sorted((ROOT / "nlu_data" / folder).glob("*.jsonl"))
    ]
    each = -(-count // len(voices))
    return [json.loads(line) for lines in voices for line in lines[:each]][:count]


def lines_of(rows: list[Row]) -> list[bytes]:
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


def archived(folder: Path, lines: list[bytes]) -> Path:
    """Lines over files of each kind, with empty ones among them."""
    (folder / "二月 [1]").mkdir(parents=True)
    half = len(lines) // 2
    (folder / "二月 [1]/通话记录 甲.jsonl").write_bytes(b"\n".join(lines[:half]) + b"\n\n  \n")
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress(b"\r\n".join(lines[half:])))
    (folder / "empty.jsonl").write_bytes(b"")
    (folder / "blank.jsonl").write_bytes(b"\n\n")
    return folder


def by_single_process(
    words: list[str], lines: list[bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """What the command answers on standard output, in an order of its own."""
    stdin = io.TextIOWrapper(io.BytesIO(b"\n".join(lines)))
    monkeypatch.setattr(sys, "stdin", stdin)
    capsys.readouterr()
    main(words)
    return sorted(as_said(json.loads(line)) for line in capsys.readouterr().out.splitlines())


def as_said(answer: Row) -> str:
    """An answer for comparing: its id as Parquet holds it."""
    identifier = answer["id"]
    if identifier is not None and not isinstance(identifier, str):
        identifier = json.dumps(identifier)
    return json.dumps(answer | {"id": identifier}, ensure_ascii=False, sort_keys=True)


def by_spark(words: list[str], source: Path, target: Path) -> tuple[int, list[Row]]:
    """The exit status, and the rows of the output."""
    status = main([*words, "--engine", "spark", "--from", str(source), "--to", str(target)])
    return status, pq.read_table(target, partitioning=None).to_pylist()


def said(rows: list[Row]) -> list[str]:
    """The rows as the single process would have answered."""
    bare = [{name: value for name, value in row.items() if name not in ("file", "line")} for row in rows]
    refused = [{"id": row["id"], "error": row["error"]} for row in bare if row["error"]]
    read = [
        {name: value for name, value in row.items() if name != "error"} for row in bare if not row["error"]
    ]
    return sorted(map(as_said, refused + read))


@pytest.mark.parametrize(
    ("command", "folder", "count"),
    [
        (["classify", "--each-turn", "--explain", *NOW], "types", 26),
        (["extract", *NOW], "messages", 100),
        (["check", "--explain"], "lines", 100),
    ],
)
def test_spark_answers_as_the_single_process_does(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    command: list[str], folder: str, count: int,
) -> None:  # fmt: skip
    lines = lines_of(raws(folder, count))
    lines[3:3], lines[-3:-3] = BAD, [b'{"id": "\\ud800", "text": "\xe5\xa5\xbd", "turns": 3}']
    status, rows = by_spark(command, archived(tmp_path / "in", lines), tmp_path / "out")
    expected = by_single_process(command, lines, monkeypatch, capsys)
    assert said(rows) == [each.replace("\ud800", "\ufffd") for each in expected]
    assert status == 1
    refused = [row for row in rows if row["error"]]
    assert {row["line"] for row in refused} >= set(BAD)
    assert all(row["line"] is None for row in rows if not row["error"])
    assert {row["file"].rsplit("/", 1)[1] for row in rows} == {"packed.jsonl.gz", "通话记录%20甲.jsonl"}


def test_parquet_is_read_as_its_lines(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talks = raws("types", 26)
    (tmp_path / "in").mkdir()
    bare = [{name: talk[name] for name in ("id", "turns")} for talk in talks[:13]]
    pq.write_table(
        pa.Table.from_pylist(bare), tmp_path / "in/a.parquet"
    )  # columns that the other file has not
    pq.write_table(pa.Table.from_pylist(talks[13:]), tmp_path / "in/b.parquet")
    status, rows = by_spark(["classify", *NOW], tmp_path / "in", tmp_path / "out")
    assert status == 0
    assert said(rows) == by_single_process(
        ["classify", *NOW], lines_of([*bare, *talks[13:]]), monkeypatch, capsys
    )


def test_a_run_that_was_cut_off_goes_on_behind_the_finished_batches(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_run, "TASK_BYTES", 1)  # each file is a batch of its own
    lines = lines_of(raws("lines", 90))
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for number in range(3):
        (source / f"{number}.jsonl").write_bytes(b"\n".join(lines[number::3]))
    status, whole = by_spark(["check"], source, target)
    assert status == 0
    assert len(whole) == 90
    finished = (target / "batch=00001/_SUCCESS").stat().st_mtime_ns
    (target / "batch=00003/_SUCCESS").unlink()  # as a run leaves it that is killed while it writes
    (source / "4.jsonl").write_bytes(lines[0])
    status, again = by_spark(["check"], source, target)
    first = [row for row in whole if row["id"] == json.loads(lines[0])["id"]]
    assert said(again) == sorted([*said(whole), *said(first)])
    assert (target / "batch=00001/_SUCCESS").stat().st_mtime_ns == finished
    assert by_spark(["check"], source, target) == (0, again), "all is done: nothing is read a second time"


def test_a_broken_file_stops_the_run_by_one_line_and_keeps_what_was_finished(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(archive_run, "TASK_BYTES", 1)
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / "a.jsonl").write_bytes(lines_of(raws("lines", 1))[0])
    (source / "b.jsonl.gz").write_bytes(gzip.compress(os.urandom(5_000))[:3_000])
    status, rows = by_spark(["check"], source, target)
    assert (status, len(rows)) == (1, 1)
    said_of_it = capsys.readouterr()
    assert "b.jsonl.gz" in said_of_it.out, "the batch that is begun names its files"
    error = said_of_it.err[said_of_it.err.index("heyue: ") :]  # behind Spark's bar of progress
    assert error.startswith("heyue: Spark gave up: java.io.EOFException: Unexpected end of input stream. ")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("made", "source", "target", "said_of_it"),
    [
        ([], "nowhere", "out", "does not exist"),
        (["in/"], "in", "out", "no files lie there"),
        (["in/a.jsonl", "in/b.parquet"], "in", "out", "read each kind by itself"),
        (["in/a.jsonl"], "in", "in/out", "lies in the archive"),
        (["in/a.jsonl"], "in", "in", "lies in the archive"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_remedy(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    made: list[str], source: str, target: str, said_of_it: str,
) -> None:  # fmt: skip
    for name in made:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if name.endswith("/"):
            (tmp_path / name).mkdir()
        else:
            (tmp_path / name).write_text("x")
    words = ["check", "--engine", "spark", "--from", str(tmp_path / source), "--to", str(tmp_path / target)]
    assert main(words) == 1
    assert said_of_it in capsys.readouterr().err


def test_answers_of_another_command_are_not_mixed_in(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines_of(raws("lines", 1))[0])
    by_spark(["check"], tmp_path / "a.jsonl", tmp_path / "out")
    assert (
        main(
            [
                "extract",
                "--engine",
                "spark",
                "--from",
                str(tmp_path / "a.jsonl"),
                "--to",
                str(tmp_path / "out"),
            ]
        )
        == 1
    )
    assert "name another folder" in capsys.readouterr().err


def test_spark_submit_runs_the_command_and_gives_its_exit_status(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"id": "a", "text": "' + "下周五还两千".encode() + b'"}\n{')
    submit = Path(pyspark.__file__).parent / "bin/spark-submit"
    done = subprocess.run(
        [submit, "--master", "local[1]", ROOT / "heyue/cli/__main__.py", "extract", *NOW,
         "--engine", "spark", "--from", tmp_path / "a.jsonl", "--to", tmp_path / "out"],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    rows = pq.read_table(tmp_path / "out", partitioning=None).to_pylist()
    assert [row["promises"][0]["amount"] for row in rows if not row["error"]] == ["2000.00"]
    assert [row["line"] for row in rows if row["error"]] == [b"{"]


def test_a_master_that_cannot_be_had_is_told_in_one_line(tmp_path: Path) -> None:
    words = [
        "check",
        "--engine",
        "spark",
        "--master",
        "nonsense",
        "--from",
        tmp_path,
        "--to",
        tmp_path / "out",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "heyue.cli", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "heyue: Spark did not start: " in done.stderr
    assert "Could not parse Master URL: 'nonsense'" in done.stderr
    assert "Traceback" not in done.stderr
