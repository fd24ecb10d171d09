"""The look that every screen shares; colours and fonts stand in .streamlit/config.toml."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
ICON = (
    HERE / "icon.svg"
)  # of the browser's tab: Streamlit fetches those of its icon fonts from another machine
COLOURS = {  # names in style sheets, as Streamlit calls them inside components: options of the theme
    "--st-primary-color": "primaryColor",
    "--st-background-color": "backgroundColor",
    "--st-secondary-background-color": "secondaryBackgroundColor",
    "--st-text-color": "textColor",
    "--st-link-color": "linkColor",
    "--st-border-color": "borderColor",
    "--st-gray-text-color": "grayColor",
    "--st-red-text-color": "redColor",
    "--st-orange-text-color": "orangeColor",
    "--st-green-text-color": "greenColor",
    "--st-blue-text-color": "blueColor",
}


def apply_theme() -> None:
    """Put the style sheet, the logo and the mends of Streamlit's own elements into the page."""
    styles = (HERE / "theme.css").read_text(encoding="utf-8")
    st.html(f"<style>{colours()}\n{styles}</style>")
    st.logo(HERE / "logo.svg", size="large")
    mend = st.components.v2.component("heyue_mend", js=(HERE / "mend.js").read_text(encoding="utf-8"))
    mend(key="frame_mend", height=1)


def colours() -> str:
    """The colours of the theme for style sheets. Which theme holds is the system's choice: the menu offers none."""
    light, dark = (
        "; ".join(f"{name}: {st.get_option(f'theme.{scheme}.{option}')}" for name, option in COLOURS.items())
        for scheme in ("light", "dark")
    )
    return f":root {{ {light} }} @media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
