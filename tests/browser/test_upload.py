"""A reviewer brings transcripts: looks at a table, says who is who, imports it, and sees what could not be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from heyue.records import TalkFilter
from tests.browser.conftest import Coach, PageOf, axe

pytestmark = pytest.mark.browser
TABLE = """编号,说话人,内容,时间
a1,客服小李,您好我是云杉消费金融的客服,2026-11-20 10:00:00
a1,老王,下周三还一千,2026-11-20 10:00:40
a2,客服小李,您好请问是孙女士吗,2026-11-20 11:00:00
a2,,这一句没有写是谁说的,2026-11-20 11:00:20
a2,老王,打错了,2026-11-20 11:00:40
"""


def uploads(coach: Coach) -> int:
    with coach.desk.store.reading() as tx:
        return tx.count_talks(TalkFilter(origin="upload"))


def test_a_table_is_looked_at_settled_and_imported_once(
    coach: Coach, page_of: PageOf, screenshot: Callable[[Page, str], Path]
) -> None:
    before = uploads(coach)
    page = page_of("reviewer", "upload")
    axe(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "通话.csv", "mimeType": "text/csv", "buffer": TABLE.encode("gb18030")}
    )
    expect(page.get_by_text("有些名字看不出是谁")).to_be_visible()
    page.get_by_role("radiogroup", name="老王（2 句").get_by_text("借款人").click()
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_text("导入 2 段会话")).to_be_visible()
    expect(page.get_by_text("1 处没有读入")).to_be_visible()
    screenshot(page, "upload")
    axe(page)
    assert uploads(coach) == before + 2
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_text("2 段以前导入过")).to_be_visible()


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 broken", b"\x00\x01\x02" * 50], ids=["empty", "broken", "binary"]
)
def test_a_broken_file_is_told_in_words(page_of: PageOf, data: bytes) -> None:
    page = page_of("reviewer", "upload")
    page.locator("input[type=file]").set_input_files(
        {"name": "x.xlsx", "mimeType": "application/octet-stream", "buffer": data}
    )
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    assert "Traceback" not in page.inner_text("body")
