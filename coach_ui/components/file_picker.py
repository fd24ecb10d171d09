"""Streamlit's file uploader, in Chinese and with names for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

HERE = Path(__file__).parent


def pick_file(label: str, kinds: Sequence[str], explanation: str) -> UploadedFile | None:
    """Ask for one file of these kinds (endings); None while there is none."""
    st.html(HERE / "file_picker.css")
    file: UploadedFile | None = st.file_uploader(label, type=list(kinds), help=explanation)
    script = (HERE / "file_picker.js").read_text(encoding="utf-8")
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
    return file
