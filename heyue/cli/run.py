"""`heyue run`: the whole product on this machine."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from heyue.cli.options import Database
from heyue.launch.product import Plan, run_product
from heyue.settings import ZONE, Settings


def run(
    database: Database = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the bot listens.")] = Plan.bot_port,
    coach_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where the coach listens.")
    ] = Plan.coach_port,
    action_server: Annotated[
        bool, typer.Option("--action-server", help="Run the actions in a server of their own.")
    ] = False,
    actions_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where the action server listens.")
    ] = Plan.actions_port,
    demonstration: Annotated[
        bool, typer.Option("--demo/--no-demo", help="Take the demonstration cases into an empty store.")
    ] = True,
    wait_seconds: Annotated[
        float,
        typer.Option("--wait", min=1, help="Seconds until a part that does not answer counts as failed."),
    ] = Plan.wait_seconds,
) -> None:
    """Start the whole product on this machine, say where each part listens, and stop it on Ctrl-C."""
    plan = Plan(port, coach_port, actions_port, action_server, demonstration, wait_seconds)
    run_product(
        plan,
        Settings.from_environment(database),
        lambda text: print(text, flush=True),
        lambda: datetime.now(ZONE),
    )
