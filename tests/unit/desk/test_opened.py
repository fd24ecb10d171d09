"""What the environment makes of the desk."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from heyue.desk import open_desk
from heyue.errors import BadInput
from heyue.provider_sim.language_model import ChatModel
from heyue.settings import Settings


def settings(folder: Path, patch: pytest.MonkeyPatch, **environment: str) -> Settings:
    patch.setenv("HEYUE_DATA_FOLDER", str(folder))
    patch.delenv("HEYUE_DATABASE_URL", raising=False)
    for name, value in environment.items():
        patch.setenv(name, value)
    return Settings.from_environment()


def test_a_language_model_is_there_only_where_one_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_desk(settings(tmp_path, monkeypatch)).language_model is None
    with ChatModel() as stand_in:
        desk = open_desk(settings(tmp_path, monkeypatch, **stand_in.environment(), HEYUE_LLM_USES="coach"))
        assert [desk.may_word(use) for use in ("practice", "coach", "bot")] == [False, True, False]


def test_a_missing_package_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Mapping[str, Any]) -> Any:
        if name.partition(".")[0] == "openai":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    wanted = settings(tmp_path, monkeypatch, HEYUE_LLM_URL="http://127.0.0.1:9/v1", HEYUE_LLM_MODEL="m")
    with pytest.raises(BadInput, match=r"uv pip install -c requirements-dev\.lock 'openai<2'"):
        open_desk(wanted)
