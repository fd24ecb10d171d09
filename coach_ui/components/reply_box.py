"""The box in which a collector writes to the borrower: checked while typing, and again on sending."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from coach_ui import drafts
from coach_ui.away import refreshed
from coach_ui.components.plain_text import plain
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.desk.live import BrokenRule
from heyue.desk.outbox import NotPermitted

LABEL = "回复借款人"
TYPING = (Path(__file__).parent / "typing.js").read_text(encoding="utf-8")
SENT = "reply.sent"


def typing_script(label: str) -> str:
    """What lets the text area of this label be checked while somebody types in it."""
    return TYPING.replace("__LABEL__", label)


def draft_of(conversation_id: str) -> str:
    """The name of the draft in a conversation."""
    return f"reply:{conversation_id}"


def put_line(conversation_id: str, text: str) -> None:
    """Put a line into the box. In a callback."""
    drafts.put(draft_of(conversation_id), text)


@refreshed(None)
def show_reply_box(conversation_id: str) -> None:
    """Draw the box, what is wrong with the draft, and the ways to send it."""
    text = drafts.area(
        LABEL, draft_of(conversation_id), height=100, max_chars=1000,
        placeholder="在这里写，边写边检查。Ctrl+Enter 立即检查。",
    )  # fmt: skip
    st.html(f"<script>{typing_script(LABEL)}</script>", unsafe_allow_javascript=True)
    broken = desk().broken_rules(user(), conversation_id, text)
    show_broken_rules(conversation_id, broken)
    if broken:
        _offer_override(conversation_id, text)
    elif st.button("发送", type="primary", disabled=not text.strip(), icon=":material/send:"):
        _send(conversation_id, text)


def show_broken_rules(conversation_id: str, broken: list[BrokenRule]) -> None:
    """Say which rules a draft breaks, on what ground, and offer lawful words in its place."""
    for each in broken:
        st.error(f"**{each.name}**：“{plain(each.text)}”  \n依据：{each.source}", icon=":material/block:")
        st.button(
            f"改说：{each.instead}", key=f"instead:{each.rule}", on_click=put_line, args=(conversation_id, each.instead),
            icon=":material/edit_note:",
        )  # fmt: skip


def _offer_override(conversation_id: str, text: str) -> None:
    if not user().role.may("override_line"):
        st.caption("这句话不能发送，请修改。")
        return
    with st.expander("仍要发送"):
        why = st.text_input("理由（会记入审计）", key=f"override:{conversation_id}", max_chars=200)
        if st.button("说明理由并发送", disabled=len(why.strip()) < 4):
            _send(conversation_id, text, why.strip())


def _send(conversation_id: str, text: str, override: str | None = None) -> None:
    try:
        broken = desk().say(user(), conversation_id, text.strip(), now(), override)
    except NotPermitted as refusal:
        st.error(f"没有发出：{in_chinese(refusal)}。", icon=":material/block:")
        return
    if broken:
        st.rerun()  # it was changed at the last moment: the check shows what is wrong
    mark_sent(conversation_id)
    st.rerun()


def mark_sent(conversation_id: str) -> None:
    """Remember that the text of the box has been said."""
    st.session_state[SENT] = conversation_id


def clear_if_sent() -> None:
    """Empty the box whose text has been sent. Before it is drawn."""
    if sent := st.session_state.pop(SENT, None):
        drafts.drop(draft_of(sent))
