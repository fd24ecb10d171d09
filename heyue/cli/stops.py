"""`heyue stops CASE_ID`: what stops messages of a case and why; one more, one less, with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Optional

import typer

from heyue.access.people import User
from heyue.cli.operating import this_operator
from heyue.cli.options import Database
from heyue.desk import Desk, open_desk
from heyue.desk.stops import Stopped
from heyue.errors import BadInput
from heyue.names import names_of
from heyue.settings import ZONE, Settings

Text = Optional[str]  # noqa: UP045


def stops(
    case_id: Annotated[str, typer.Argument(help="The case number")],
    add: Annotated[Text, typer.Option(metavar="STATE", help="A state of contact_gate.yml that holds from now.")] = None,
    lift: Annotated[
        Text, typer.Option(metavar="STATE", help="A state that is over; OPTED_OUT only at the borrower's own wish.")
    ] = None,
    why: Annotated[str, typer.Option(help="The reason; it is kept in the audit log.")] = "",
    database: Database = None,
) -> None:  # fmt: skip
    """Show the states that stop messages of a case; add or lift one."""
    if add and lift:
        raise BadInput("add a state or lift one: not both at once")
    desk, by, at = open_desk(Settings.from_environment(database)), this_operator(), datetime.now(ZONE)
    if add:
        desk.add_stop(by, case_id, add, why, at)
        print(f"已登记：{desk.contact_policy.says(add)}")
    elif lift:
        goes_on = desk.lift_stop(by, case_id, lift, why, at)
        print(f"已解除：{lift}" + ("。案件恢复自动提醒" if goes_on else ""))
    show(desk, by, case_id, at)


def show(desk: Desk, by: User, case_id: str, at: datetime) -> None:
    """Print what stops messages of the case, a state a line."""
    found = [described(each, case_id) for each in desk.stop_states(by, case_id, at)]
    print("\n".join(found) or "没有停止状态")


def described(stopped: Stopped, case_id: str) -> str:
    """One state in a line: its rule, since when, where it stands."""
    words = [stopped.state, stopped.says or "不认识的状态，停止一切消息", f"自{stopped.since.astimezone(ZONE):%Y-%m-%d %H:%M}"]
    words += [stopped.rule] if stopped.rule else []
    words += ["、".join(names_of("channel").get(each, each) for each in stopped.channels)] if stopped.channels else []
    words += [f"同一借款人的案件 {stopped.case_id}"] if stopped.case_id != case_id else []
    return "  ".join([*words, *(["已到期，不再生效"] if stopped.has_ended else [])])
