"""`heyue retention`: what would be restricted or deleted and why; legal holds."""

from __future__ import annotations

import json
import sys
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from heyue.cli.operating import this_operator
from heyue.cli.options import Database, Now, moment_or_clock
from heyue.desk import Desk, open_desk
from heyue.desk.retention import RetentionStep
from heyue.errors import BadInput
from heyue.names import name_of
from heyue.retention.judge import KEEP
from heyue.settings import Settings

retention = typer.Typer(help="What is kept how long: run, hold, lift, holds.", invoke_without_command=True)
PIPED_WIDTH = 160
COLUMNS = ("案件 / 类别", "行数", "处理", "依据", "最早删除日")
Why = Annotated[str, typer.Option(help="The reason; it is kept sealed.")]


@retention.callback()
def run(
    context: typer.Context,
    database: Database = None,
    now: Now = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show it: nothing is changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")] = False,
) -> None:
    """Restrict and delete what retention.yml says is due, as the worker does every night."""
    if context.invoked_subcommand is not None:
        return
    desk = _desk(database)
    try:
        at = moment_or_clock(now)
    except ValueError as error:
        raise BadInput(str(error)) from None
    if dry_run:
        steps = desk.plan_retention(at)
        show_lines(steps) if as_json else show_table(steps)
        return
    done = desk.run_retention(at, uuid.uuid4().hex)
    print(json.dumps(done, ensure_ascii=False) if as_json else _summary(done))


@retention.command("hold")
def hold(case_id: Annotated[str, typer.Argument()], why: Why, database: Database = None) -> None:
    """Forbid to delete a case (a lawsuit, a complaint, an authority's request)."""
    number = _desk(database).set_hold(this_operator(), case_id, why, moment_or_clock(None))
    print(f"已冻结案件 {case_id}，编号 {number}")


@retention.command("lift")
def lift(hold_id: Annotated[int, typer.Argument()], why: Why, database: Database = None) -> None:
    """Let a hold end."""
    _desk(database).lift_hold(this_operator(), hold_id, why, moment_or_clock(None))
    print(f"已解除冻结 {hold_id}")


@retention.command("holds")
def holds(database: Database = None) -> None:
    """Show all holds, also the lifted ones."""
    for each in _desk(database).holds(this_operator()):
        ended = f"，{each.lifted_at:%Y-%m-%d} 由 {each.lifted_by} 解除" if each.lifted_at else ""
        print(f"{each.hold_id}  {each.case_id}  {each.set_at:%Y-%m-%d} 由 {each.set_by} 设立：{each.why}{ended}")


def show_lines(steps: Iterable[RetentionStep]) -> None:
    """One JSON object a step."""
    for step in steps:
        print(json.dumps(_as_json(step), ensure_ascii=False))


def _as_json(step: RetentionStep) -> dict[str, Any]:
    return {
        "case_id": step.case_id, "kind": step.kind, "rows": step.rows, "action": step.action,
        "why": [{"rule": each.rule, "says": each.says} for each in step.why],
        "until": step.until.isoformat() if step.until else None,
    }  # fmt: skip


def show_table(steps: Iterable[RetentionStep]) -> None:
    """A table for people, and how much of what."""
    table, done = Table(*(Column(name, overflow="fold") for name in COLUMNS), show_lines=True), Counter[str]()
    for step in steps:
        done[step.action] += step.rows
        why = "\n".join(f"{each.rule} {each.says}" for each in step.why)
        until = f"{step.until:%Y-%m-%d}" if step.until else ""
        table.add_row(step.case_id or step.kind, str(step.rows), name_of("retention_action", step.action), why, until)
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)
    print("，".join(f"{name_of('retention_action', each)} {count}" for each, count in done.items()) or "没有到期的数据")


def _summary(done: Counter[str]) -> str:
    named = (f"{_name(what)} {count}" for what, count in done.items() if what != KEEP)
    return "，".join(named) or "没有到期的数据"


def _name(what: str) -> str:
    return name_of("retention_action", what) if what in ("restrict", "delete", "release") else f"{what}（删除）"


def _desk(database: str | None) -> Desk:
    return open_desk(Settings.from_environment(database))
