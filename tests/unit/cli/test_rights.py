"""The commands beside the product: retention, person, keys, audit."""

from __future__ import annotations

import json
import sqlite3
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from heyue.access.audit import AuditFilter
from heyue.access.people import operator
from heyue.cli import main
from heyue.desk import Desk, open_desk
from heyue.settings import ZONE, Settings
from tests.retention_contract import SETTLED, THEN, settled_case

NOW = ["--now", "2026-11-26T08:30:00+08:00"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(tmp_path))
    for name in ("HEYUE_DATA_KEY", "HEYUE_DATABASE_URL", "HEYUE_RETENTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("heyue.cli.keys.REST_SECONDS", 0)
    desk = open_desk(Settings.from_environment())
    settled_case(desk.store)
    return desk


NO_NAME = 4_242_424_242  # an account number that no machine gives a name to


@pytest.mark.parametrize(
    "words",
    [("users", "list"), ("retention", "holds"), ("keys", "status"), ("audit", "verify"), ("person", "requests"),
     ("case", "S-1"), ("export-labels",), ("stops", "S-1")],
    ids=" ".join,
)  # fmt: skip
def test_an_account_without_a_name_goes_by_its_number(
    desk: Desk, words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose user stands in no /etc/passwd."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: NO_NAME)
    said(capsys, *words)
    trail = desk.audit_trail(operator("test"), AuditFilter()).events
    if words[0] in ("case", "export-labels"):
        assert trail[0].actor == f"uid-{NO_NAME}"


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main(list(words)) == status
    captured = capsys.readouterr()
    return captured.out if status == 0 or captured.out else captured.err


def test_retention_shows_holds_and_does(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    step = json.loads(said(capsys, "retention", "--dry-run", "--json", *NOW).splitlines()[0])
    assert (step["case_id"], step["action"], [each["rule"] for each in step["why"]]) == ("S-1", "delete", ["R-02", "L-11"])
    assert "删除 1" in said(capsys, "retention", "--dry-run", *NOW)
    assert "已冻结案件 S-1，编号 1" in said(capsys, "retention", "hold", "S-1", "--why", "法院调取")
    assert "依法冻结" in said(capsys, "retention", "--dry-run", *NOW)
    assert "法院调取" in said(capsys, "retention", "holds")
    said(capsys, "retention", "lift", "1", "--why", "已结案")
    assert said(capsys, "retention", *NOW) == "删除 1\n"
    assert "删除 1" not in said(capsys, "retention", *NOW)
    assert "no hold" in said(capsys, "retention", "lift", "1", "--why", "x", status=1)


def test_a_policy_of_ones_own_is_taken_and_a_wrong_one_named(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.resources import files

    shipped = (files("heyue.retention") / "retention.yml").read_text(encoding="utf-8")
    file = tmp_path / "own.yml"
    monkeypatch.setenv("HEYUE_RETENTION", str(file))
    file.write_text(shipped.replace("years_after_last_record: {value: 5", "years_after_last_record: {value: 9"), encoding="utf-8")
    step = json.loads(said(capsys, "retention", "--dry-run", "--json", *NOW))
    assert (step["action"], step["until"][:4]) == ("restrict", "2029")
    file.write_text(shipped.replace("only: case_gone", "only: sometimes"), encoding="utf-8")
    assert "own.yml" in said(capsys, "retention", "--dry-run", status=1)


def test_a_person_gets_a_copy_a_correction_and_an_answer(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "copy.json"
    said(capsys, "person", "export", str(out), "--phone", SETTLED.phone or "")
    assert json.loads(out.read_text(encoding="utf-8"))["个人信息"]["案件"][0]["姓名"] == SETTLED.borrower_name
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "已更正 1 个案件：S-1" in said(capsys, "person", "correct", "--case", "S-1", "--name", "钱已青")
    with desk.store.transaction() as tx:
        tx.add_payment("S-1", datetime.now(ZONE) - timedelta(days=1), 1)
    answer = said(capsys, "person", "erase", "--case", "S-1")
    assert "依法保留，已限制查看" in answer
    assert "R-02" in answer
    assert [line.split("  ")[2] for line in said(capsys, "person", "requests").splitlines()] == ["查阅复制", "更正", "删除"]
    assert "one of --phone" in said(capsys, "person", "erase", status=1)


def test_keys_change_by_four_commands(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "已生成密钥 2" in said(capsys, "keys", "add")
    assert "still needed" in said(capsys, "keys", "drop", "1", status=1)
    assert "用于加密：1" in said(capsys, "keys", "status")
    with desk.store.reading() as tx:  # a process that began before the new key was made
        assert tx.case("S-1").borrower_name == SETTLED.borrower_name
    assert "轮换完成" in said(capsys, "keys", "rotate")
    with desk.store.transaction() as tx:
        assert tx.case("S-1").borrower_name == SETTLED.borrower_name
        assert tx.keys.sealing == 2
    assert "密钥 1：0 个值依赖它" in said(capsys, "keys", "status")
    assert "已删除密钥 1" in said(capsys, "keys", "drop", "1")
    assert (tmp_path / "data.key").read_text().startswith("2:")
    assert stat.S_IMODE((tmp_path / "data.key").stat().st_mode) == 0o600
    assert "S-1" in said(capsys, "case", "S-1")


def test_keys_of_the_environment_are_changed_there(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEYUE_DATA_KEY", (tmp_path / "data.key").read_text())
    assert "1:OLD,2:NEW" in said(capsys, "keys", "add", status=1)
    assert "--all-restarted" in said(capsys, "keys", "rotate", status=1)
    monkeypatch.setenv("HEYUE_DATA_KEY", f"1:{(tmp_path / 'data.key').read_text()},2:{'A' * 43}=")
    assert "轮换完成" in said(capsys, "keys", "rotate", "--all-restarted")


def test_the_audit_log_is_verified_against_a_checkpoint_and_archived_without_holes(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with desk.store.transaction() as tx:
        for number in range(3):
            tx.audit("case_viewed", THEN + timedelta(days=number), case_id="S-1", actor="li")
    point, folder = tmp_path / "point.json", tmp_path / "archive"
    assert "3 条" in said(capsys, "audit", "checkpoint", str(point))
    assert "审计日志完整：4 条" in said(capsys, "audit", "verify", "--checkpoint", str(point))
    assert "共归档 3 条" in said(capsys, "audit", "archive", str(folder))
    (file,) = folder.iterdir()
    whole = said(capsys, "audit", "verify", "--archive", str(file), "--checkpoint", str(point))
    assert "链 1 至第 3 条" in whole
    assert "审计日志完整：2 条，另有 3 条已归档" in whole
    assert desk.audit_trail(operator("t"), AuditFilter(actor="li")).events == []
    assert "共归档 0 条" in said(capsys, "audit", "archive", str(folder))
    file.write_text(file.read_text(encoding="utf-8").replace('"li"', '"la"'), encoding="utf-8")
    assert "第 1 条" in said(capsys, "audit", "verify", "--archive", str(file), status=1)


def test_a_log_that_was_written_anew_is_found_by_the_checkpoint_alone(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.audit_contract import fill_log, tamper

    fill_log(desk.store, 3)
    point = tmp_path / "point.json"
    said(capsys, "audit", "checkpoint", str(point))
    tamper(desk.store, "DELETE FROM audit_events")
    with sqlite3.connect(tmp_path / "heyue.db") as database:
        database.execute("UPDATE audit_chains SET position = 0, head_hash = zeroblob(32)")
    fill_log(desk.store, 2)
    assert "完整：2 条" in said(capsys, "audit", "verify")
    assert "及之后被截去" in said(capsys, "audit", "verify", "--checkpoint", str(point), status=1)
    fill_log(desk.store, 2)
    assert "被改动" in said(capsys, "audit", "verify", "--checkpoint", str(point), status=1)
    point.write_text("{}")
    assert "no checkpoint" in said(capsys, "audit", "verify", "--checkpoint", str(point), status=1)
