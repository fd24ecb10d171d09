"""Where a command that reads texts gets them from: lines of standard input, or an archive by Spark."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import typer

from heyue.cli.json_lines import MOST_LINES, Answer, Reader, answer_lines, answers_by_line
from heyue.cli.options import EngineName


@dataclass(frozen=True)
class Work:
    """The options of a command that say what reads, how much at once, from where and whereto."""

    engine: EngineName
    jobs: int
    source: str | None
    target: str | None
    master: str | None


def answer_by(work: Work, reader: Reader[Any], columns: str) -> None:
    """Answer all texts; exit status 1 when one was not valid. `columns`: of the answers, as Spark writes a schema."""
    if work.engine is EngineName.spark:
        _answer_archive(work, reader, columns)
    elif work.source or work.target or work.master:
        raise typer.BadParameter(
            "--from, --to and --master go with --engine spark; else standard input is read"
        )
    else:
        answer_lines(reader, work.jobs)


def _answer_archive(work: Work, reader: Reader[Any], columns: str) -> None:
    from heyue.archive.session import spark_session  # first of all: it says so where PySpark is missing

    if work.source is None or work.target is None or work.jobs != 1:
        raise typer.BadParameter(
            "--engine spark needs --from and --to, and --master local[N] in place of --jobs N"
        )
    with spark_session(work.master) as spark:
        from heyue.archive.run import Archive, answer_archive

        answer = partial(answers_in_groups, reader=reader)
        found = answer_archive(spark, Archive(work.source, work.target, columns, answer))
    print(f"{found.count:,} answers in {work.target}, {found.refused:,} of them refused (column error)")
    if found.refused:
        raise typer.Exit(1)


def answers_in_groups(lines: list[bytes], reader: Reader[Any]) -> list[list[Answer]]:
    """The answers to each line, none for a blank one; as many lines are read together as from standard input."""
    found = iter(_answers([line for line in lines if line.strip()], reader))
    return [next(found) if line.strip() else [] for line in lines]


def _answers(lines: list[bytes], reader: Reader[Any]) -> list[list[Answer]]:
    groups = (lines[start : start + MOST_LINES] for start in range(0, len(lines), MOST_LINES))
    return [found for group in groups for found in answers_by_line(group, reader)]
