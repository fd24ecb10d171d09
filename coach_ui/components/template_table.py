"""The words of outreach, as they are to be approved by the providers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.session import desk
from heyue.outreach.wording import template_texts

CHANNELS = {"sms": "短信", "wechat": "微信"}


def show_templates() -> None:
    """Each template with its text by channel."""
    st.caption("短信和微信模板须先由服务商审核。花括号里的内容发送时填入；收件人核实身份前，任何模板都不提欠款和金额。")
    approved = desk().contact_policy.approved_templates
    rows = {
        plain(name): {
            **{CHANNELS[key]: plain(texts[key].replace("\n", " ")) for key in CHANNELS},
            "已启用": "、".join(label for key, label in CHANNELS.items() if name in approved[key]),
        }
        for name, texts in template_texts().items()
    }
    st.table(pd.DataFrame.from_dict(rows, orient="index").rename_axis("模板"), border="horizontal")
