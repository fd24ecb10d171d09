"""The coach's first page, drawn without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from heyue.desk import desk_of_process
from heyue.errors import StoreUnavailable

PAGE = Path(__file__).parents[3] / "coach_ui/app.py"


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("HEYUE_DATABASE_URL", raising=False)
    for cached in (desk_of_process.cache_clear, streamlit.cache_data.clear):
        cached()
    yield
    desk_of_process.cache_clear()


def test_it_says_what_comes_and_that_the_store_answers() -> None:
    page = AppTest.from_file(str(PAGE), default_timeout=20).run()
    assert not page.exception
    assert page.title[0].value.startswith("和约")
    assert "0 个案件" in page.success[0].value


def test_a_store_that_is_away_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_self: object) -> None:
        raise StoreUnavailable("locked")

    monkeypatch.setattr("heyue.store.Store.transaction", away)
    page = AppTest.from_file(str(PAGE), default_timeout=20).run()
    assert not page.exception
    assert "没有应答" in page.error[0].value
