"""规则健康: how many of each rule's flags reviewers confirmed, which were wrong, which were missed."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.judged_flags import show_judged
from coach_ui.components.precision_chart import show_precision
from coach_ui.session import desk, user
from heyue.access.people import User
from heyue.desk.rule_health import RulesHealth

FRESH_SECONDS = 60


def main() -> None:
    """Draw the page."""
    st.title("规则健康")
    st.caption("机器的每条违规提示由质检员确认或驳回。准确率低的规则需要改进；漏掉的用来补充训练。")
    found = health(user().role.key, user())
    if not found.health and not found.missed:
        st.info(
            "还没有完成的点评。在“质检”页确认或驳回违规提示后，这里显示每条规则的准确率。",
            icon=":material/inbox:",
        )
        return
    if found.latest is not None:
        st.caption(f"按最近 {found.latest:,} 份点评统计。")
    if found.health:
        show_precision(found.health)
    rejected, missed = st.tabs([f"被驳回的（{len(found.rejected)}）", f"机器漏掉的（{len(found.missed)}）"])
    with rejected:
        show_judged(found.rejected, "rejected", "没有被驳回的提示。")
    with missed:
        show_judged(found.missed, "missed", "没有发现机器漏掉的违规。")


@st.cache_data(ttl=FRESH_SECONDS, show_spinner="正在统计…")
def health(role: str, _user: User) -> RulesHealth:
    """The figures, at most a minute old."""
    return desk().rule_health(_user)


main()
