"""导入: transcripts from other systems, looked at before they go in, with every problem told by its line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from coach_ui.components.file_picker import pick_file
from coach_ui.components.upload_choices import choose_channel, choose_columns, choose_speakers
from coach_ui.session import desk, now, user
from heyue.errors import BadInput
from heyue.intake.transcript_file import (
    ColumnMapping,
    FilePreview,
    ReadTranscript,
    RowProblem,
    inspect_file,
    read_transcripts,
)

KINDS = ("jsonl", "csv", "xlsx", "txt", "srt", "vtt")
BATCH, MOST_PROBLEMS = 200, 50
DONE = "upload.done"


def main() -> None:
    """Draw the page."""
    st.title("导入会话")
    st.caption(
        "通话转写、企业微信或微信聊天记录、客服系统的导出表。导入后教练会自动读取，质检队列里就能看到。"
    )
    file = pick_file("会话文件", KINDS, "JSONL、CSV、XLSX、TXT、SRT、VTT，最大 200 MB")
    if file is None:
        show_forms()
        return
    try:
        preview = inspect_file(file.name, file.getvalue(), chosen_columns(file))
        show_preview(preview)
        import_file(file, preview)
    except BadInput as refusal:
        st.error(str(refusal), icon=":material/error:")


def show_forms() -> None:
    """What files may look like."""
    with st.expander("文件可以是什么样子"):
        st.markdown(
            "- **表格**：一行一句，列名如 编号、说话人、时间、内容，可另有 渠道、催收员、逾期天数、欠款金额、爽约次数\n"
            "- **聊天记录**：微信、企业微信、QQ 导出的 TXT，或“催收员：… / 借款人：…”\n"
            "- **通话转写**：“[00:01:23] 坐席：…”这样的 TXT，或带说话人的 SRT、VTT 字幕\n"
            "- **JSONL**：一行一个会话，含 turns 列表"
        )


def chosen_columns(file: UploadedFile) -> ColumnMapping | None:
    """The columns that were chosen for this file so far; None for the guess."""
    chosen: ColumnMapping | None = st.session_state.get(f"upload.columns:{file.file_id}")
    return chosen


def show_preview(preview: FilePreview) -> None:
    """The first rows, and what is odd in them."""
    facts = [
        preview.kind.upper(),
        preview.encoding or "",
        f"{preview.size / 1024:,.0f} KB",
        f"约 {preview.rows:,} 行",
    ]
    st.markdown(" · ".join(fact for fact in facts if fact))
    if preview.first_rows:
        st.table(pd.DataFrame(preview.first_rows, columns=list(preview.columns)))
    show_problems(list(preview.problems))


def import_file(file: UploadedFile, preview: FilePreview) -> None:
    """Ask for what is not clear, then read and store."""
    mapping = choose_columns(file.file_id, preview)
    speakers = choose_speakers(preview)
    channel = choose_channel()
    if st.button("导入", type="primary", icon=":material/upload:"):
        items = read_transcripts(file.name, file.getvalue(), mapping, speakers, channel)
        st.session_state[DONE] = (file.file_id, *store(items, preview))
    done = st.session_state.get(DONE)
    if done and done[0] == file.file_id:
        show_outcome(*done[1:])


def store(
    items: Iterator[ReadTranscript | RowProblem], preview: FilePreview
) -> tuple[int, int, list[RowProblem]]:
    """Store the talks batch by batch: how many were new, how many known already, and what was wrong."""
    bar = st.progress(0.0, "正在导入…")
    new, read = 0, 0
    problems: list[RowProblem] = []
    while batch := list(islice(items, BATCH)):
        talks = [item for item in batch if isinstance(item, ReadTranscript)]
        problems += [item for item in batch if isinstance(item, RowProblem)]
        new += desk().take_transcripts(user(), talks, now())
        read += len(talks)
        lines = [item.last_line if isinstance(item, ReadTranscript) else item.line or 0 for item in batch]
        bar.progress(min(1.0, max(lines) / max(preview.rows, 1)), f"已读 {read} 段会话…")
    bar.empty()
    return new, read - new, problems


def show_outcome(new: int, known: int, problems: list[RowProblem]) -> None:
    """What was taken in and what was not."""
    st.success(f"导入 {new} 段会话，{known} 段以前导入过。", icon=":material/check_circle:")
    if not problems:
        return
    lost = sum(not each.taken for each in problems)
    st.warning(f"{lost} 处没有读入，{len(problems) - lost} 处读入但请留意。", icon=":material/info:")
    show_problems(problems)


def show_problems(problems: list[RowProblem]) -> None:
    """Each problem with its line and the remedy."""
    if not problems:
        return
    rows = [
        {
            "行": each.line,
            "列": each.column,
            "读入": "是" if each.taken else "否",
            "问题": each.reason,
            "怎么办": each.remedy,
        }
        for each in problems[:MOST_PROBLEMS]
    ]
    st.table(pd.DataFrame(rows).set_index("行"))
    if len(problems) > MOST_PROBLEMS:
        st.caption(f"只列出前 {MOST_PROBLEMS} 处，共 {len(problems)} 处。")


main()
