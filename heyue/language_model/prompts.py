"""What the model is told, by use (prompts.yml)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from heyue.language_model.endpoint import Message


def question(use: str, **material: str) -> tuple[Message, Message]:
    """The question of a use with its material, which must be concealed already."""
    told = _prompts()[use]
    return (
        Message("system", told["system"].strip()),
        Message("user", told["material"].strip().format_map(material)),
    )


@cache
def _prompts() -> dict[str, dict[str, str]]:
    source = (files("heyue.language_model") / "prompts.yml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.safe_load(source)
    return loaded
