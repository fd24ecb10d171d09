"""What the model is told, by use (prompts.yml)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import yaml

from heyue.language_model.concealed import Concealed
from heyue.language_model.endpoint import Message

TURNS_SHOWN = 6
_NAMES = {"borrower": "借款人"}


def question(use: str, **material: str) -> tuple[Message, Message]:
    """The question of a use with its material, which must be concealed already."""
    told = _prompts()[use]
    return (
        Message("system", told["system"].strip()),
        Message("user", told["material"].strip().format_map(material)),
    )


def talk_shown(concealed: Concealed, turns: Iterable[tuple[str, str]]) -> str:
    """The end of a talk of speakers and their words, concealed, one turn a line."""
    shown = [f"{_NAMES.get(speaker, '催收员')}：{concealed.conceal(text)}" for speaker, text in turns]
    return "\n".join(shown[-TURNS_SHOWN:]) or "（刚开始）"


@cache
def _prompts() -> dict[str, dict[str, str]]:
    source = (files("heyue.language_model") / "prompts.yml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.safe_load(source)
    return loaded
