"""The coach's first page. For now it says what will come, and shows that the store answers."""

from __future__ import annotations

import streamlit as st

from heyue.desk import desk_of_process
from heyue.errors import HeyueError

COMING = (
    "正在和机器人交谈的借款人，以及一键接手、交回",
    "对借款人类型与处境的判断，并给出依据",
    "下一句话的建议，以及不合规用语的当场提醒",
    "与模拟借款人练习，练习后逐项点评",
)


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_title="和约 · 催收教练", page_icon="🤝")
    st.title("和约 · 催收教练")
    show_store()
    st.subheader("这里将会有")
    st.markdown("\n".join(f"- {each}" for each in COMING))
    st.caption("现在可以在终端里用 `heyue chat 案件号` 与机器人对话，用 `heyue case 案件号` 查看案件。")


def show_store() -> None:
    """Say whether the store answers, and how many cases it holds."""
    try:
        count = number_of_cases()
    except HeyueError as error:
        st.error(f"数据库没有应答：{error}")
    else:
        st.success(f"数据库应答正常，共有 {count} 个案件。")


@st.cache_data(ttl=10)
def number_of_cases() -> int:
    with desk_of_process().store.transaction() as tx:
        return len(tx.case_ids())


main()
