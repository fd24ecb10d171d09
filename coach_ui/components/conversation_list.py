"""The list of running conversations: those that wait for a human first, then the tense ones."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from coach_ui.away import refreshed
from coach_ui.components.plain_text import plain
from coach_ui.components.talk_charts import tension_word
from coach_ui.session import desk, now, user
from heyue.names import name_of
from heyue.records import ListedTalk

REFRESH_SECONDS = 1.0
VIEWS = ("全部", "等人接手", "我的", "紧张")
TENSE = 0.67


@refreshed(REFRESH_SECONDS)
def show_list() -> None:
    """Draw the list; a click opens a conversation."""
    talks = desk().running_talks(user(), now())
    view = st.segmented_control(
        "显示", VIEWS, default=VIEWS[0], label_visibility="collapsed", key="live.view"
    )
    shown = sorted((talk for talk in talks if belongs(talk, view)), key=urgency)
    st.caption(f"{len(shown)} 段会话")
    with st.container(height=620, border=False):
        if not shown:
            st.info("现在没有这样的会话。", icon=":material/inbox:")
        for talk in shown:
            _entry(talk)


def belongs(talk: ListedTalk, view: str | None) -> bool:
    """Whether a talk is in a view of the list."""
    conversation = talk.conversation
    return {
        "等人接手": waits_for_human(talk),
        "我的": conversation.holder == "human" and conversation.handler == user().login,
        "紧张": talk.reading is not None and talk.reading.tension >= TENSE,
    }.get(view or "", True)


def waits_for_human(talk: ListedTalk) -> bool:
    """Whether the bot has given way and nobody has taken over."""
    return talk.conversation.holder == "handing_over"


def urgency(talk: ListedTalk) -> tuple[bool, float, float]:
    """What stands first: who waits for a human or for a line that did not arrive, then tension, then the latest turn."""
    tension = talk.reading.tension if talk.reading else 0.0
    return not (waits_for_human(talk) or talk.is_cut_off), -round(tension, 1), -talk.conversation.last_turn_at.timestamp()


def _entry(talk: ListedTalk) -> None:
    conversation = talk.conversation
    is_open = st.query_params.get("talk") == conversation.conversation_id
    if st.button(
        label_of(talk, now()), key=f"open:{conversation.conversation_id}", width="stretch",
        type="primary" if is_open else "secondary",
    ):  # fmt: skip
        st.query_params["talk"] = conversation.conversation_id
        st.rerun()


def label_of(talk: ListedTalk, at: datetime) -> str:
    """What the list says of a talk."""
    conversation, reading = talk.conversation, talk.reading
    stage = desk().policy.stage((at.date() - talk.due_date).days) if talk.due_date else None
    first = [plain(talk.borrower_name or "无案件"), name_of("channel", conversation.channel)]
    first += [name_of("stage", stage).partition("（")[0]] if stage else []
    second = [name_of("holder", conversation.holder)]
    if reading is not None:
        second += [name_of("debtor_type", reading.debtor_type), tension_word(reading.tension)]
    if talk.is_cut_off:
        second.append("✕ 上一句未送达")
    elif conversation.last_speaker == "borrower":
        second.append(f"等了{spoken_wait(at - conversation.last_turn_at)}")
    return f"**{' · '.join(first)}**  \n{' · '.join(second)}"


def spoken_wait(wait: timedelta) -> str:
    """A time of waiting in words: 40秒, 12分钟, 3小时."""
    seconds = max(int(wait.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds}秒"
    return f"{seconds // 60}分钟" if seconds < 3600 else f"{seconds // 3600}小时"
