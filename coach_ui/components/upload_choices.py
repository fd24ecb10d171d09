"""What a person settles before a file is read: which column holds what, who speaks for whom, the channel."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from coach_ui.components.plain_text import plain
from heyue.coaching.transcript import CHANNELS
from heyue.intake.transcript_columns import ColumnMapping
from heyue.intake.transcript_preview import FilePreview
from heyue.intake.transcript_problem import field_name
from heyue.intake.transcript_speakers import IGNORED, OTHERS, ROLES
from heyue.names import name_of

NONE, UNKNOWN = "（没有）", "（请选择）"
NEEDED = ("speaker", "text")


def choose_columns(file_id: str, preview: FilePreview) -> ColumnMapping | None:
    """The columns of a table; None for other files. A change is seen in the preview at once."""
    if preview.mapping is None:
        return None
    chosen = preview.mapping
    with st.expander("列对应", expanded=bool(chosen.unclear)):
        boxes = st.columns(4)
        for place, field in enumerate(ColumnMapping.__dataclass_fields__):
            now = getattr(chosen, field)
            options = [NONE, *preview.columns]
            picked = boxes[place % 4].selectbox(
                field_name(field) + ("（必选）" if field in NEEDED else ""), options,
                index=options.index(now) if now in options else 0, key=f"upload.column:{file_id}:{field}",
            )  # fmt: skip
            chosen = replace(chosen, **{field: None if picked == NONE else picked})
    if chosen != preview.mapping:
        st.session_state[f"upload.columns:{file_id}"] = chosen
        st.rerun()
    return chosen


def choose_speakers(preview: FilePreview) -> dict[str, str]:
    """Who is who: those whose name says nothing first."""
    roles: dict[str, str] = {}
    if not preview.speakers:
        return roles
    unclear = [each for each in preview.speakers if each.guess is None]
    with st.expander("说话人", expanded=bool(unclear)):
        if unclear:
            st.caption("有些名字看不出是谁，请选择；没有选的，含有他们的会话不会读入。")
        for each in sorted(preview.speakers, key=lambda each: each.guess is not None):
            label = f"{plain(each.name)}（{each.turns} 句，如“{plain(each.example[:20])}”）"
            if picked := _pick_role(label, each.guess):
                roles[each.name] = picked
        if preview.more_speakers and (picked := _pick_role(f"其余 {preview.more_speakers} 人", None)):
            roles[OTHERS] = picked
    return roles


def _pick_role(label: str, guess: str | None) -> str | None:
    options = ([] if guess else [UNKNOWN]) + list(ROLES)
    index = options.index(guess) if guess else 0
    picked = st.radio(label, options, index=index, format_func=_role_name, horizontal=True)
    return None if picked == UNKNOWN else picked


def choose_channel() -> str:
    """The channel of talks that name none."""
    channel: str = st.radio(
        "没有写渠道的会话算作", CHANNELS, index=CHANNELS.index("phone"), horizontal=True,
        format_func=lambda each: name_of("channel", each),
    )  # fmt: skip
    return channel


def _role_name(role: str) -> str:
    if role == UNKNOWN:
        return UNKNOWN
    return "不读入" if role == IGNORED else name_of("speaker", role)
