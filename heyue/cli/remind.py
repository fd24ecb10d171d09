"""`heyue remind`: who is written to today, when and in which words, and who is not and why."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Optional

import typer
from rich.console import Console
from rich.table import Column, Table

from heyue.cli.options import Database, Now, moment
from heyue.delivery.configured import senders
from heyue.desk import open_desk
from heyue.desk.outreach import PlannedStep, Wanted
from heyue.errors import BadInput
from heyue.names import channel_name, name_of
from heyue.outreach.policy import PURPOSES
from heyue.settings import ZONE, Settings

COLUMNS = ("案件", "借款人", "逾期天数", "做什么", "渠道", "时间", "原因 / 内容")
PIPED_WIDTH = 160
SAID_OF = ("case_id", "person", "days_overdue", "stage", "action", "kind", "template", "channel", "segments")


def remind(
    database: Database = None,
    now: Now = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show it: nothing is written or sent.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")] = False,
    purposes: Annotated[
        Optional[list[str]],  # noqa: UP045  typer reads the annotation at run time
        typer.Option("--purpose", help=f"Of {', '.join(PURPOSES)}; may be repeated. Default: those of outreach.yml."),
    ] = None,
    as_if: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--as-if", help="With --dry-run: a channel to be taken as configured; may be repeated."),
    ] = None,
) -> None:
    """Plan today's messages for all cases and put them into the outbox, where the worker sends them at their hour."""
    at = _time(now)
    if as_if and not dry_run:
        raise BadInput("--as-if shows what would be: it needs --dry-run")
    if unknown := set(purposes or ()) - set(PURPOSES):
        raise BadInput(f"--purpose must be of {', '.join(PURPOSES)}, not {', '.join(sorted(unknown))}")
    desk = open_desk(Settings.from_environment(database))
    wanted = Wanted(frozenset(purposes or desk.outreach_policy.purposes), as_if=frozenset(as_if or ()))
    if dry_run:
        steps = desk.plan_outreach(at, wanted)
        show_lines(steps) if as_json else show_table(steps)
        return
    senders(os.environ, desk.provider_state(lambda: at))  # half a configuration is better known now
    done = desk.run_outreach(at, wanted)
    print(json.dumps(done, ensure_ascii=False) if as_json else _summary(done))


def _time(said: str | None) -> datetime:
    try:
        return moment(said) if said else datetime.now(ZONE)
    except ValueError as error:
        raise BadInput(str(error)) from None


def show_lines(steps: Iterable[PlannedStep]) -> None:
    """One JSON object a case."""
    for step in steps:
        print(json.dumps(_as_json(step), ensure_ascii=False))


def _as_json(step: PlannedStep) -> dict[str, Any]:
    return {
        **{name: getattr(step, name) for name in SAID_OF},
        "not_before": step.not_before.isoformat() if step.not_before else None,
        "until": step.until.isoformat() if step.until else None,
        "why": [{"rule": rule, "says": says} for rule, says in step.why],
        "text": step.message.text if step.message else None,
    }


def show_table(steps: Iterable[PlannedStep]) -> None:
    """A table for people, and how many cases of each kind."""
    table = Table(*(Column(name, overflow="fold") for name in COLUMNS), show_lines=True)
    done: Counter[str] = Counter()
    segments = 0
    for step in steps:
        done[step.action] += 1
        segments += step.segments or 0
        what = name_of("outreach_action", step.action) + (f"：{name_of('message_kind', step.kind)}" if step.kind else "")
        when = f"{step.not_before:%m-%d %H:%M}" if step.not_before else (f"{step.until} 起" if step.until else "")
        why = "\n".join(f"{rule} {says}" for rule, says in step.why) or (step.message.text if step.message else "")
        table.add_row(step.case_id, step.person, str(step.days_overdue), what, channel_name(step.channel, step.segments), when, why)
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)
    print(_summary(done) + (f"，短信共计费 {segments} 条" if segments else ""))


def _summary(done: Counter[str]) -> str:
    said = (f"{name_of('outreach_action', action)} {count}" for action, count in done.items())
    return "，".join(said) or "没有需要处理的案件"
