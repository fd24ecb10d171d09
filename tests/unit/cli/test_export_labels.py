"""`heyue export-labels`: one labelled transcript a line."""

from __future__ import annotations

import json

import pytest

from heyue.cli import main
from heyue.coaching.transcript import transcript_from_dict
from heyue.desk import open_desk
from heyue.settings import Settings
from tests.unit.desk.conftest import REVIEWER
from tests.unit.desk.review_talks import CONFIRMED, SAID, THREAT, add_talk, finished, work_with


@pytest.mark.parametrize(("options", "is_masked"), [([], True), (["--unmasked"], False)])
def test_finished_reviews_become_lines(
    options: list[str], is_masked: bool, tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("HEYUE_DATABASE_URL", raising=False)
    desk = open_desk(Settings.from_environment())
    here = add_talk(desk, THREAT, case_id=None)
    finished(desk, REVIEWER, here, work_with(CONFIRMED))
    add_talk(desk, THREAT, case_id=None)
    desk.store.close()
    assert main(["export-labels", *options]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert transcript_from_dict(found)
    assert found["gold"]["violations"] == [{"turn": 2, "rule": "exposure_threat"}]
    assert (found["turns"][1]["text"] != SAID[1][1]) == is_masked
