"""What stops messages of a case, for whoever may change it: a list, and one state more or less with a reason."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.session import desk, now, user
from heyue.desk.stops import ACTION, NotStopped, Stopped
from heyue.names import names_of
from heyue.settings import ZONE

ADD, LIFT = "登记", "解除"


def show_stops(case_id: str) -> None:
    """Draw the panel; nothing for roles that may not. Outside of what refreshes itself, which would take the words away."""
    if not user().role.may(ACTION):
        return
    with st.expander("停止状态", icon=":material/block:"):
        found = desk().stop_states(user(), case_id, now())
        st.markdown("  \n".join(plain(_line(each, case_id)) for each in found) or "没有停止状态。")
        choices = _choices([each.state for each in found if each.case_id == case_id])
        chosen = st.selectbox("要做什么", list(choices))
        st.caption("退订只在借款人本人要求恢复时解除，理由里写明。")
        key = f"stops.why:{case_id}"
        why = st.text_input("理由（会记入审计）", key=key, max_chars=200).strip()
        st.button("确定", disabled=not why, on_click=_change, args=(case_id, *choices[chosen], key))


def _choices(standing: list[str]) -> dict[str, tuple[str, str]]:
    """What can be done, by its words: first to lift what stands."""
    missing = [state for state in desk().contact_policy.stop_states if state not in standing]
    deeds = [*((LIFT, state) for state in standing), *((ADD, state) for state in missing)]
    return {f"{deed}：{_name(state)}": (deed, state) for deed, state in deeds}


def _change(case_id: str, deed: str, state: str, key: str) -> None:
    """Do it; the reason must not stand there for the next change."""
    change = desk().lift_stop if deed == LIFT else desk().add_stop
    with suppress(NotStopped):  # somebody else was quicker, as the list shows
        change(user(), case_id, state, st.session_state[key], now())
    st.session_state[key] = ""


def _line(stopped: Stopped, case_id: str) -> str:
    """One state in a line."""
    where = "" if stopped.case_id == case_id else f"（同一借款人的案件 {stopped.case_id}）"
    over = "，已到期" if stopped.has_ended else ""
    return f"{_name(stopped.state)}：自{stopped.since.astimezone(ZONE):%Y年%m月%d日}{over}{where}"


def _name(state: str) -> str:
    return names_of("stop").get(state, state)
