"""The certificate of what somebody has practised: a page that prints well, and a workbook."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.components.practice_links import home_link
from coach_ui.components.practice_words import kind_name, level_name, passed_word, points_of
from coach_ui.components.table_files import XLSX, xlsx_of
from coach_ui.session import desk, now, user
from heyue.desk.practice_record import PracticeRecord
from heyue.practice.skills import skills
from heyue.review.scorecard import default_scorecard

PRINT = Path(__file__).parent / "print.css"
CERTIFICATE = "certificate"


def show_certificate(record: PracticeRecord) -> None:
    """Draw it as a sheet."""
    st.html(PRINT)
    with st.container(key="on_screen"):
        home_link()
        st.caption("用浏览器的打印（Ctrl+P 或 ⌘P）可以打印，或存成 PDF。")
    st.title("对练成绩单")
    st.markdown(f"#### {plain(record.name)}　{now():%Y年%m月%d日}")
    st.markdown(f"**结论：{conclusion(record)}**  \n{demand()}")
    if not record.finished:
        st.caption("还没有完成的练习。")
        return
    st.subheader("各项得分")
    st.table(sections_of(record).set_index("项目"), border="horizontal")
    st.subheader("完成的练习")
    st.table(exercises_of(record).set_index("日期"), border="horizontal")
    with st.container(key="on_screen_files"):
        _offer_file(record)


def conclusion(record: PracticeRecord) -> str:
    """Whether it comes to a certificate."""
    return "合格" if record.is_certified else "尚未达到合格要求"


def demand() -> str:
    """What a certificate asks for."""
    goal = skills().certificate
    return (
        f"要求：{level_name(goal.level)}及以上级别合格 {goal.exercises} 次，涉及 {goal.kinds} 种类型的借款人。"
        f"一次合格：评分不低于 {default_scorecard().pass_points} 分，并谈成有日期、有金额的承诺。"
    )


def sections_of(record: PracticeRecord) -> pd.DataFrame:
    """The mean points of each section of the scorecard."""
    rows = [
        {
            "项目": name,
            f"最近 {skills().latest} 次平均": f"{record.skills[section]:g}"
            if section in record.skills
            else "—",
        }
        for section, name in default_scorecard().sections.items()
    ]
    return pd.DataFrame(rows)


def exercises_of(record: PracticeRecord) -> pd.DataFrame:
    """The exercises that count."""
    rows = [
        {
            "日期": f"{each.finished_at or each.started_at:%Y-%m-%d %H:%M}", "类型": kind_name(each.kind),
            "级别": level_name(each.level), "得分": points_of(each), "是否合格": passed_word(each.is_passed),
        }
        for each in record.finished
    ]  # fmt: skip
    return pd.DataFrame(rows)


def workbook_of(record: PracticeRecord, day: str) -> bytes:
    """The certificate as a workbook."""
    head = pd.DataFrame(
        [("姓名", record.name), ("日期", day), ("结论", conclusion(record)), ("要求", demand())],
        columns=["对练成绩单", ""],
    )
    return xlsx_of({"成绩单": head, "各项得分": sections_of(record), "完成的练习": exercises_of(record)})


def _offer_file(record: PracticeRecord) -> None:
    person, file = user(), f"heyue-practice-{record.login}-{now():%Y%m%d}.xlsx"

    def workbook() -> bytes:
        desk().note_certificate(person, record.login, file, now())
        return workbook_of(record, f"{now():%Y-%m-%d}")

    st.download_button("导出 XLSX", workbook, file, XLSX, icon=":material/download:", on_click="ignore")
