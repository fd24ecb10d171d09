"""导入 without a browser: before a file is chosen, and for roles that bring none. Files go through tests/browser."""

from __future__ import annotations

import pytest

from heyue.desk import Desk
from heyue.records import TalkFilter
from tests.unit.coach_ui.conftest import AppOf


@pytest.mark.parametrize("login", ["reviewer", "lead"])
def test_before_a_file_is_chosen_it_says_what_files_may_look_like(app_of: AppOf, login: str) -> None:
    app = app_of(login, "upload")
    assert not app.exception
    assert app.title[0].value == "导入会话"
    assert any("一行一句" in each.value for each in app.markdown)
    assert "导入" not in [each.label for each in app.button]


@pytest.mark.parametrize("login", ["trainee", "collector", "admin"])
def test_other_roles_are_refused(app_of: AppOf, login: str) -> None:
    assert "不使用这一页" in app_of(login, "upload").warning[0].value


def test_a_transcript_goes_in_and_what_is_wrong_is_told_by_its_line(app_of: AppOf, desk: Desk) -> None:
    good = '{"id": "a", "turns": [{"speaker": "collector", "text": "您好"}, {"speaker": "borrower", "text": "你好"}]}'
    app = app_of("reviewer", "upload")
    app.file_uploader[0].upload("talks.jsonl", f"{good}\n{{broken\n".encode(), "application/json").run()
    next(each for each in app.button if each.label == "导入").click().run()
    assert not app.exception
    assert "导入 1 段会话" in app.success[0].value
    assert "1 处没有读入" in " ".join(each.value for each in app.warning)
    with desk.store.reading() as tx:
        assert tx.count_talks(TalkFilter(origin="upload")) == 1
