"""`heyue backup`, `heyue restore`: the store as a whole."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from heyue.cli.options import Database
from heyue.settings import ZONE, Settings
from heyue.store import store_as_it_is
from heyue.store.backup import back_up
from heyue.store.backup import restore as put_back
from heyue.store.backup.manifest import Manifest

File = Annotated[Path, typer.Argument(help="The backup; FILE.json beside it says what is in it.")]


def backup(
    file: File,
    database: Database = None,
    verify: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Restore it into a scratch store and compare.")
    ] = True,
) -> None:
    """Save the store as of this moment, while the product runs. The data key is not in it: keep that elsewhere."""
    saved = back_up(store_as_it_is(Settings.from_environment(database)), file, datetime.now(ZONE), verify)
    checked = "已恢复到临时库并逐表核对一致" if verify else "没有核对"
    print(f"已备份到 {file}：{_described(saved)}，{file.stat().st_size / 1e6:,.1f} MB；{checked}")
    print("数据密钥不在备份里，请另外妥善保存：没有它，姓名、电话和消息都读不出来。")


def restore(
    file: File,
    database: Database = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Lose what the store holds now.")] = False,
) -> None:
    """Put a backup into the store, and compare. An older schema is brought up by `heyue migrate` or the next start."""
    manifest = put_back(store_as_it_is(Settings.from_environment(database)), file, overwrite)
    print(f"已从 {file} 恢复：{_described(manifest)}，逐表核对一致")


def _described(manifest: Manifest) -> str:
    return f"结构 {manifest.schema}，{len(manifest.tables)} 张表，{manifest.rows:,} 行"
