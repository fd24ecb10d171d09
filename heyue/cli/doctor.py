"""`heyue doctor`: is everything here that the product needs, and if not, what helps."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import chain

import typer
from rich.console import Console
from rich.markup import escape

from heyue.cli.options import Database
from heyue.launch.checkup import (
    BAD,
    GOOD,
    LEFT_OUT,
    UNPROVED,
    check_up,
    readable_settings,
)
from heyue.settings import ZONE

MARKS = {GOOD: "[green]✓[/]", BAD: "[red]✗[/]", UNPROVED: "[yellow]?[/]", LEFT_OUT: "[dim]–[/]"}


def doctor(database: Database = None) -> None:
    """Look at configuration, key, models, clock, fonts, database, Redis, broker and bot. Exit status 1 when something is bad."""
    screen, states = Console(highlight=False, soft_wrap=True), Counter[str]()
    settings, wrong = readable_settings(database)
    for line in chain(wrong, check_up(settings, lambda: datetime.now(ZONE))):
        states[line.state] += 1
        screen.print(f"{MARKS[line.state]} {line.name}：{escape(line.says)}")
        if line.remedy:
            screen.print(f"  → {escape(line.remedy)}")
    screen.print(f"\n{_sum(states)}")
    if states[BAD]:
        raise typer.Exit(1)


def _sum(states: Counter[str]) -> str:
    if bad := states[BAD]:
        return f"[red]{bad} 项需要处理[/]"
    return f"[yellow]没有发现问题，{states[UNPROVED]} 项无法证实[/]" if states[UNPROVED] else "[green]一切正常[/]"
