"""`heyue audit`: whether the log is whole, checkpoints to keep outside, archives of its oldest part."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, Optional

import typer

from heyue.access.audit_archive import archive_lines, broken_line
from heyue.access.audit_chain import CHECKPOINT, BrokenEntry
from heyue.cli.operating import this_operator
from heyue.cli.options import Database
from heyue.desk import Desk, open_desk
from heyue.errors import BadInput
from heyue.names import name_of
from heyue.settings import ZONE, Settings

audit = typer.Typer(help="The audit log: verify, checkpoint, archive.", no_args_is_help=True)
BROKEN = 1


@audit.command("verify")
def verify(
    checkpoint: Annotated[
        Optional[Path],  # noqa: UP045  typer reads the annotation at run time
        typer.Option(exists=True, dir_okay=False, help="A checkpoint that was kept outside."),
    ] = None,
    archive: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(exists=True, dir_okay=False, help="An archive to go through as well; may be repeated."),
    ] = None,
    database: Database = None,
) -> None:
    """Say whether the log is whole, or which entry is the first that is not (exit status 1)."""
    for file in archive or ():
        found = broken_line(file.read_text(encoding="utf-8").splitlines(), str(file))
        if isinstance(found, BrokenEntry):
            _say_broken(found, f"{file}：")
        print(f"{file}：完整，链 {found[0]} 至第 {found[1]} 条")
    known = _checkpoint_in(checkpoint) if checkpoint else None
    outcome = _desk(database).verify_audit(this_operator(), known)
    if isinstance(outcome, BrokenEntry):
        _say_broken(outcome)
    else:
        print(f"审计日志完整：{outcome.entries} 条，另有 {outcome.archived} 条已归档")


def _say_broken(found: BrokenEntry, where: str = "") -> NoReturn:
    number = f"（编号 {found.event_id}）" if found.event_id is not None else ""
    print(f"{where}审计日志不完整：链 {found.chain} 第 {found.position} 条{number}{name_of('audit_flaw', found.why)}")
    raise typer.Exit(BROKEN)


def _checkpoint_in(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if found["format"] == CHECKPOINT:
            return found
    except (ValueError, KeyError, TypeError):
        pass
    raise BadInput(f"{file}: no checkpoint of an audit log")


@audit.command("checkpoint")
def checkpoint(
    file: Annotated[Path, typer.Argument(help="Where to write it; keep it on another machine.")], database: Database = None
) -> None:
    """Write down where the log ends now, to keep outside: `verify --checkpoint` then finds a log written anew."""
    found = _desk(database).audit_checkpoint(this_operator(), datetime.now(ZONE))
    _write(file, [json.dumps(found, ensure_ascii=False)])
    print(f"检查点已写入 {file}：{sum(each['position'] for each in found['chains'])} 条")


@audit.command("archive")
def archive(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where the archives go.")], database: Database = None
) -> None:
    """Move entries older than retention.yml keeps into archives; the log then begins with the hash of their last entry."""
    folder.mkdir(parents=True, exist_ok=True)
    desk, at, gone = _desk(database), datetime.now(ZONE), 0
    while parts := list(desk.audit_to_archive(this_operator(), at)):
        for head, entries in parts:
            last = entries[-1]
            file = folder / f"audit-{head.chain}-{entries[0]['position']}-{last['position']}.jsonl"
            _write(file, archive_lines(head, entries))
            gone += desk.drop_archived_audit(this_operator(), at, last, file.name)
            print(f"{file}：{len(entries)} 条")
    print(f"共归档 {gone} 条")


def _write(file: Path, lines: Iterable[str]) -> None:
    """Write the file and wait until it lies on the disk."""
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in lines)
        out.flush()
        os.fsync(out.fileno())


def _desk(database: str | None) -> Desk:
    return open_desk(Settings.from_environment(database))
