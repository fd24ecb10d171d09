"""`heyue stops`: what stops messages of a case, shown, added and lifted in words for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from heyue.cli import main
from tests.outreaching import DAWN, open_outreach, overdue


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("HEYUE_DATA_KEY", "A" * 43 + "=")
    monkeypatch.delenv("HEYUE_CONTACT_GATE", raising=False)
    url = f"sqlite:///{tmp_path / 'heyue.db'}"
    desk = open_outreach(url, overdue(1), overdue(2, phone="13900000001"))
    desk.opt_out("rest", "13900000001", DAWN)
    desk.store.close()
    return ["--database", url]


def test_states_are_added_shown_and_lifted(database: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str, status: int = 0) -> str:
        assert main(["stops", *words, *database]) == status
        captured = capsys.readouterr()
        return captured.err if status else captured.out

    opted_out = "OPTED_OUT  借款人已拒收，180天内不再主动联系  自2026-11-26 08:30  X-05  rest\n"
    assert said("C-1") == opted_out
    added = said("C-1", "--add", "LAWYER", "--why", "来函告知").splitlines()
    assert (added[0], len(added)) == ("已登记：借款人已委托律师，不再直接联系", 3)
    assert "同一借款人的案件 C-1" in said("C-2")
    assert "it stands in case C-1" in said("C-2", "--lift", "LAWYER", "--why", "委托已解除", status=1)
    assert "say why" in said("C-1", "--lift", "LAWYER", status=1)
    assert "not both" in said("C-1", "--lift", "LAWYER", "--add", "LAWSUIT", "--why", "x", status=1)
    assert "choose one of" in said("C-1", "--add", "NONE", "--why", "x", status=1)
    assert said("C-1", "--lift", "LAWYER", "--why", "委托已解除") == f"已解除：LAWYER\n{opted_out}"
    assert said("C-1", "--lift", "OPTED_OUT", "--why", "借款人来电要求恢复") == "已解除：OPTED_OUT\n没有停止状态\n"
    assert "no case" in said("C-9", status=1)
