"""What is known of a conversation beside its words: the reading, the promises, the case."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.components.talk_charts import show_tension, show_types, tension_word
from heyue.desk.live import OpenTalk
from heyue.money import spoken_yuan
from heyue.names import name_of
from heyue.records import Case, RecordedPromise, TalkReading


def show_reading(reading: TalkReading | None) -> None:
    """Draw what the coach reads in the talk."""
    if reading is None:
        st.info("正在读取这段会话，稍候就有判断。", icon=":material/hourglass_top:")
        return
    left, right = st.columns(2)
    left.markdown(
        f"借款人类型  \n#### {name_of('debtor_type', reading.debtor_type)}\n把握 {reading.confidence:.0%}"
    )
    tension = f"当前 {reading.tension:.2f}，最高 {reading.peak_tension:.2f}"
    right.markdown(f"紧张度  \n#### {tension_word(reading.tension)}\n{tension}")
    left.markdown(f"处境  \n**{name_of('situation', reading.situation)}**")
    right.markdown(f"原因  \n**{name_of('reason', reading.reason)}**")
    if reading.details.get("types"):
        show_types(reading.details["types"])
    if len(reading.details.get("tension", [])) > 1:
        show_tension(reading.details["tension"])


def show_promises(promises: list[RecordedPromise]) -> None:
    """List the recorded promises and how they ended."""
    if not promises:
        st.caption("还没有记录的还款约定。")
    for promise in promises:
        st.markdown(f"- {promise_line(promise)}")


def promise_line(promise: RecordedPromise) -> str:
    """One promise in a line: days, sum, where it stands."""
    terms = promise.terms
    days = "日期未定" if terms.end is None else f"{terms.end:%m月%d日}"
    if terms.start and terms.end and terms.start != terms.end:
        days = f"{terms.start:%m月%d日}至{terms.end:%m月%d日}"
    paid = f"，已付{spoken_yuan(promise.paid_fen)}" if promise.paid_fen else ""
    return f"{days} {spoken_yuan(promise.amount_due_fen)} · {name_of('promise_state', promise.state)}{paid}"


def show_case(talk: OpenTalk, stage: str | None, at: datetime) -> None:
    """Draw the facts of the case."""
    case = talk.case
    if case is None:
        st.caption("这段会话没有对应的案件。")
        return
    st.markdown(case_lines(case, stage, at))
    if talk.stops:
        st.warning("停止提醒：" + "、".join(name_of("stop", state) for state in talk.stops))


def case_lines(case: Case, stage: str | None, at: datetime) -> str:
    """The facts of a case, one a line."""
    return "  \n".join(f"**{name}** {plain(value)}" for name, value in case_facts(case, stage, at).items())


def case_facts(case: Case, stage: str | None, at: datetime) -> dict[str, str]:
    """The facts of a case in words, by their names."""
    facts = {
        "案件": case.case_id,
        "借款人": case.borrower_name,
        "电话": case.phone or "—",
        "机构与产品": f"{case.creditor} {case.product or ''}".strip(),
        "应还": spoken_yuan(case.amount_due_fen),
        "逾期": f"{case.days_overdue(at.date())} 天" + (f" · {name_of('stage', stage)}" if stage else ""),
        "以往失约": f"{case.broken_promises} 次",
    }
    if case.minimum_due_fen is not None:
        facts["最低还款"] = spoken_yuan(case.minimum_due_fen)
    if case.pay_day is not None:
        facts["发薪日"] = f"每月 {case.pay_day} 号"
    return facts
