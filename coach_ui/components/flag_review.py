"""The machine's flags, each to be confirmed or rejected by one key or click, and rules that it missed."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from coach_ui.components import review_draft
from coach_ui.components.plain_text import plain
from heyue.conduct.rules import rules
from heyue.desk.live import OpenTalk
from heyue.desk.reviewed_talk import lender_turns, machine_flags
from heyue.review.labels import Flag
from heyue.review.scorecard import RULES
from heyue.review.work import FlagVerdict, ReviewWork

HERE = Path(__file__).parent
UNDECIDED, CONFIRMED, REJECTED = "待定", "✓ 已确认", "✗ 已驳回"
TURN_CHARACTERS = 28


def show_flags(number: int, talk: OpenTalk) -> None:
    """Draw a card for each flag, and the way to add one."""
    st.html(HERE / "review.css")
    script = (HERE / "review_keys.js").read_text(encoding="utf-8")
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
    flags = machine_flags(talk)
    if flags:
        st.caption("键盘：j 下一条，k 上一条，y 确认，n 驳回。")
    else:
        st.info("机器没有发现违规。看到漏掉的，请在下面补充。", icon=":material/verified_user:")
    verdicts = {each.flag: each for each in review_draft.work(number).verdicts}
    for place, flag in enumerate(flags):
        _card(number, place, flag, _quote(talk, flag), verdicts.get(flag))
    _added(number, [each for each in verdicts.values() if each.is_added])
    _add(number, talk)


def state_of(verdict: FlagVerdict | None) -> str:
    """Where a flag stands, in words."""
    if verdict is None:
        return UNDECIDED
    return CONFIRMED if verdict.is_confirmed else REJECTED


def _quote(talk: OpenTalk, flag: Flag) -> str:
    violations = talk.reading.details["violations"] if talk.reading else []
    return next((each["text"] for each in violations if (each["turn"], each["rule"]) == flag), "")


def _card(number: int, place: int, flag: Flag, quote: str, verdict: FlagVerdict | None) -> None:
    with st.container(border=True, key=f"flag_card_{place}_turn_{flag.turn}"):
        st.markdown(f"**第{flag.turn + 1}句 · {rules()[flag.rule].name}** · {state_of(verdict)}")
        if quote:
            st.markdown(f"“{plain(quote)}”")
        with st.container(horizontal=True):
            for words, is_confirmed in (("确认", True), ("驳回", False)):
                is_chosen = verdict is not None and verdict.is_confirmed == is_confirmed
                st.button(
                    words, key=f"flag:{number}:{place}:{is_confirmed}", type="primary" if is_chosen else "secondary",
                    on_click=review_draft.put_verdict, args=(number, FlagVerdict(*flag, is_confirmed)),
                )  # fmt: skip


def _added(number: int, added: list[FlagVerdict]) -> None:
    for each in added:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**第{each.turn + 1}句 · {rules()[each.rule].name}** · 您补充的")
            st.button(
                "去掉", key=f"flag.drop:{number}:{each.turn}:{each.rule}", type="tertiary", icon=":material/delete:",
                on_click=review_draft.drop_verdict, args=(number, each.flag),
            )  # fmt: skip


def _add(number: int, talk: OpenTalk) -> None:
    turns = list(lender_turns(talk))
    if not turns:
        return
    with st.expander("补充机器漏掉的违规"):
        turn = st.selectbox(
            "哪一句", turns, format_func=lambda each: turn_words(talk, each), key=f"flag.turn:{number}"
        )
        rule = st.selectbox(
            "违反哪条规则", RULES, format_func=lambda each: rules()[each].name, key=f"flag.rule:{number}"
        )
        is_known = Flag(turn, rule) in machine_flags(talk)
        st.button(
            "补充", disabled=is_known, help="机器已经提示过，请在上面确认。" if is_known else None, key=f"flag.add:{number}",
            on_click=review_draft.put_verdict, args=(number, FlagVerdict(turn, rule, True, is_added=True)),
        )  # fmt: skip


def turn_words(talk: OpenTalk, turn: int) -> str:
    """A turn in a list of choices."""
    text = talk.turns[turn].text
    return f"第{turn + 1}句：{text[:TURN_CHARACTERS]}{'…' if len(text) > TURN_CHARACTERS else ''}"


def remarks_of(talk: OpenTalk, work: ReviewWork) -> dict[int, list[str]]:
    """What stands below the turns: flags and what became of them, comments."""
    verdicts = {each.flag: each for each in work.verdicts}
    found: dict[int, list[str]] = {}
    for flag in sorted({*machine_flags(talk), *verdicts}):
        verdict = verdicts.get(flag)
        added = "（质检补充）" if verdict and verdict.is_added else f"（{state_of(verdict)}）"
        found.setdefault(flag.turn, []).append(f"⚠ {rules()[flag.rule].name}{added}")
    for turn, text in work.comments.items():
        found.setdefault(turn, []).append(f"✎ {text}")
    return found
