"""`heyue keys`: the keys that seal personal data: status, a new one, changing over, dropping an old one."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import typer

from heyue.cli.operating import this_operator
from heyue.cli.options import Database
from heyue.desk import Desk, open_desk
from heyue.errors import BadInput
from heyue.settings import ZONE, Settings
from heyue.store.key_ring import KEY_VARIABLE, add_to_file, are_from_environment, drop_from_file

keys = typer.Typer(help="The keys of personal data: status, add, rotate, drop.", no_args_is_help=True)
REST_SECONDS = 0.02


@keys.command("status")
def status(database: Database = None) -> None:
    """Show the keys at hand, which one seals, and what still depends on which."""
    found = _desk(database).key_status(this_operator())
    print(f"现有密钥：{'、'.join(str(each) for each in found.numbers)}；用于加密：{found.sealing}")
    for number in sorted({each for counts in found.values.values() for each in counts} | set(found.numbers)):
        print(f"  密钥 {number}：{found.depending_on(number)} 个值依赖它")
    if found.change is not None and found.change.done_at is None:
        print("轮换尚未完成：运行 heyue keys rotate 继续")


@keys.command("add")
def add() -> None:
    """Put a new key into the key file; it seals from `heyue keys rotate` on."""
    number = add_to_file(Settings.from_environment().data_folder)
    print(f"已生成密钥 {number}。请先另行备份密钥文件，再运行 heyue keys rotate")


@keys.command("rotate")
def rotate(
    all_restarted: Annotated[
        bool, typer.Option("--all-restarted", help=f"All processes have the new key in {KEY_VARIABLE}.")
    ] = False,
    database: Database = None,
) -> None:
    """Let the newest key seal, and seal anew what older ones have sealed, while the product runs. Goes on after a stop."""
    if are_from_environment() and not all_restarted:
        raise BadInput(
            f"give every process {KEY_VARIABLE}=1:OLD,2:NEW and restart one after the other, then add --all-restarted"
        )
    done = _desk(database).rotate_keys(this_operator(), datetime.now(ZONE), lambda: time.sleep(REST_SECONDS))
    print("，".join(f"{table} {rows} 行" for table, rows in done.items() if rows) or "没有需要重新加密的数据")
    print("轮换完成")


@keys.command("drop")
def drop(
    number: Annotated[int, typer.Argument(help="The number of the old key.")], database: Database = None
) -> None:
    """Take an old key out of the key file, if nothing in the store depends on it. Backups of before still need it."""
    found = _desk(database).key_status(this_operator())
    if number == found.sealing or found.depending_on(number) or (found.change and found.change.done_at is None):
        raise BadInput(f"key {number} is still needed: run `heyue keys rotate` to its end first")
    drop_from_file(Settings.from_environment().data_folder, number)
    print(f"已删除密钥 {number}。用它加密的旧备份仍需要这个密钥，请与备份一起保管")


def _desk(database: str | None) -> Desk:
    return open_desk(Settings.from_environment(database))
