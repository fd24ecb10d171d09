"""`heyue person`: a borrower's rights: a copy of his data, a correction, erasure; and the proofs that they were served."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from heyue.cli.operating import this_operator
from heyue.cli.options import Database
from heyue.desk import Desk, open_desk
from heyue.desk.persons import Asked, Correction
from heyue.errors import BadInput
from heyue.names import name_of
from heyue.retention.judge import DELETE, KEEP, RESTRICT, Ruling
from heyue.settings import ZONE, Settings

person = typer.Typer(help="A borrower's rights: export, correct, erase, requests.", no_args_is_help=True)
Phone = Annotated[Optional[str], typer.Option(help="The person's phone number.")]  # noqa: UP045
Wechat = Annotated[Optional[str], typer.Option(help="The person's WeChat openid.")]  # noqa: UP045
CaseId = Annotated[Optional[str], typer.Option("--case", help="The number of one of the person's cases.")]  # noqa: UP045
Text = Optional[str]  # noqa: UP045
OUTCOMES = {DELETE: "已删除", RESTRICT: "依法保留，已限制查看，自动分析结果已删除", KEEP: "暂不能删除"}


@person.command("export")
def export(
    out: Annotated[Path, typer.Argument(help="The file to write, readable by you alone.")],
    phone: Phone = None, wechat: Wechat = None, case_id: CaseId = None, database: Database = None,
) -> None:  # fmt: skip
    """Write everything held about a person into a JSON file with Chinese labels."""
    text = _desk(database).export_person(this_operator(), _asked(phone, wechat, case_id), datetime.now(ZONE))
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    print(f"个人信息副本已写入 {out}")


@person.command("correct")
def correct(
    phone: Phone = None, wechat: Wechat = None, case_id: CaseId = None,
    name: Annotated[Text, typer.Option(help="The right name.")] = None,
    new_phone: Annotated[Text, typer.Option(help="The right phone number.")] = None,
    new_wechat: Annotated[Text, typer.Option(help="The right openid.")] = None,
    id_last4: Annotated[Text, typer.Option(help="The right last four of the identity number.")] = None,
    database: Database = None,
) -> None:  # fmt: skip
    """Correct a person's data in all of his cases."""
    right = Correction(name, new_phone, new_wechat, id_last4)
    done = _desk(database).correct_person(this_operator(), _asked(phone, wechat, case_id), right, datetime.now(ZONE))
    print(f"已更正 {len(done)} 个案件：{'、'.join(done)}。请同时更正源系统，否则下次导入变更的案件行会覆盖")


@person.command("erase")
def erase(phone: Phone = None, wechat: Wechat = None, case_id: CaseId = None, database: Database = None) -> None:
    """Delete what no rule keeps; restrict the rest where it is settled, and say why it stays and until when."""
    done = _desk(database).erase_person(this_operator(), _asked(phone, wechat, case_id), datetime.now(ZONE))
    for case_id_, ruling in done.rulings.items():
        print(f"案件 {case_id_}：{described(ruling)}")
    print("退订记录（不可逆标记）继续保留，以免再次打扰" if done.rulings else "没有属于此人的案件")


def described(ruling: Ruling) -> str:
    """What became of a case, why, and until when it is kept."""
    if ruling.action == DELETE:
        return OUTCOMES[DELETE]
    why = "；".join(f"{each.rule} {each.says}" for each in ruling.why)
    until = f"，最早 {ruling.until:%Y-%m-%d} 删除" if ruling.until else ""
    return f"{OUTCOMES.get(ruling.action, OUTCOMES[KEEP])}{until}。依据：{why}"


@person.command("requests")
def requests(database: Database = None) -> None:
    """Show the proofs: who asked for what when, who served it, how it was answered."""
    for each in _desk(database).person_requests(this_operator()):
        kind = name_of("person_request", each["kind"])
        answer = json.dumps(json.loads(each["answer"]), ensure_ascii=False)
        print(f"{each['request_id']}  {each['at']:%Y-%m-%d %H:%M}  {kind}  经办 {each['operator']}  {answer}")


def _asked(phone: str | None, wechat: str | None, case_id: str | None) -> Asked:
    if sum(each is not None for each in (phone, wechat, case_id)) != 1:
        raise BadInput("say whose data is meant by one of --phone, --wechat, --case")
    return Asked(phone, wechat, case_id)


def _desk(database: str | None) -> Desk:
    return open_desk(Settings.from_environment(database))
