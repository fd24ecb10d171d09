"""`heyue remind`: who would be written to, when, and who not and why, without a name or number in full."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from heyue.cli import main
from tests.outreaching import open_outreach, overdue

DAWN = ["--now", "2026-11-26T08:30:00+08:00"]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("HEYUE_DATA_KEY", "A" * 43 + "=")
    for name in ("HEYUE_SMS_PROVIDER", "HEYUE_WECHAT_APP_ID", "HEYUE_WECOM_CORP_ID", "HEYUE_OUTREACH", "HEYUE_CONTACT_GATE"):
        monkeypatch.delenv(name, raising=False)
    url = f"sqlite:///{tmp_path / 'heyue.db'}"
    desk = open_outreach(url, overdue(1), overdue(2, 40), overdue(3, -3))
    desk.store.close()
    return ["--database", url]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_dry_run_says_who_when_what_and_why_not(database: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remind", "--dry-run", "--json", "--as-if", "sms", *DAWN, *database]) == 0
    found = {str(line["case_id"]): line for line in lines(capsys)}
    assert (found["C-1"]["action"], found["C-1"]["kind"], found["C-1"]["channel"]) == ("send", "reminder", "sms")
    assert str(found["C-1"]["not_before"]).startswith("2026-11-26T")
    assert "本消息由AI生成" in str(found["C-1"]["text"])
    assert (found["C-1"]["segments"], found["C-2"]["segments"]) == (2, None)
    assert found["C-2"]["why"] == [{"rule": "O-07", "says": "后期提醒已结束，转人工跟进"}]
    assert found["C-3"]["why"] == [{"rule": "O-02", "says": "不在这次外联的范围内"}]
    assert not any(secret in json.dumps(found, ensure_ascii=False) for secret in ("赵二远", "13900000001"))


def test_the_table_is_in_chinese_and_counts(database: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remind", "--dry-run", "--purpose", "courtesy", "--as-if", "sms", *DAWN, *database]) == 0
    shown = capsys.readouterr().out
    assert "发送：到期前提醒" in shown
    assert "短信（计费 2 条）" in shown.replace("\n", "")
    assert shown.splitlines()[-1] == "暂不需要 2，发送 1，短信共计费 2 条"


def test_without_a_sender_nothing_is_queued(database: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remind", "--json", *DAWN, *database]) == 0
    assert lines(capsys) == [{"follow_up": 1, "withheld": 1, "rest": 1}]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--as-if", "sms"], "--dry-run"), (["--purpose", "spam", "--dry-run"], "--purpose must be of"),
        (["--now", "tomorrow", "--dry-run"], "ISO 8601"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_plain_message(
    database: list[str], capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    assert main(["remind", *words, *database]) == 1
    assert why in capsys.readouterr().err


def test_a_broken_policy_file_is_named(
    database: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outreach.yml").write_text("version: x\n", encoding="utf-8")
    monkeypatch.setenv("HEYUE_OUTREACH", str(tmp_path / "outreach.yml"))
    assert main(["remind", "--dry-run", *database]) == 1
    assert "outreach.yml" in capsys.readouterr().err
