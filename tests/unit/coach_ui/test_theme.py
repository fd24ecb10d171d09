"""The colours of .streamlit/config.toml: readable in light and in dark (WCAG 2.2, success criterion 1.4.3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import toml

CONFIG: dict[str, Any] = toml.loads(
    (Path(__file__).parents[3] / ".streamlit/config.toml").read_text(encoding="utf-8")
)
TEXTS = [
    "textColor", "linkColor", "redColor", "orangeColor", "yellowColor", "greenColor", "blueColor", "violetColor",
    "grayColor",
]  # fmt: skip
GROUNDS = ["backgroundColor", "secondaryBackgroundColor"]
THEMES = ["light", "dark"]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition of contrast ratio)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_stands_out_from_its_ground(theme: str, text: str, ground: str) -> None:
    colours = CONFIG["theme"][theme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_stands_out_in_the_menu_too(theme: str, ground: str) -> None:
    assert contrast(CONFIG["theme"][theme]["textColor"], CONFIG["theme"][theme]["sidebar"][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_white_stands_out_on_main_buttons_and_borders_from_the_page(theme: str) -> None:
    colours = CONFIG["theme"][theme]
    assert contrast("#FFFFFF", colours["primaryColor"]) >= 4.5
    assert contrast(colours["borderColor"], colours["backgroundColor"]) >= 3  # fields: criterion 1.4.11


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert "fontFaces" not in CONFIG["theme"]
    assert "http" not in str(CONFIG)
