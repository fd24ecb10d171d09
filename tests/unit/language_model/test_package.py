"""The package of language models is an extra: without it nothing but its use is missing."""

from __future__ import annotations

import sys

import pytest

from heyue.errors import BadInput
from heyue.language_model.model import LanguageModel
from heyue.settings import LanguageModelSettings


def test_without_the_package_the_command_that_brings_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)  # as where it is not installed
    with pytest.raises(BadInput, match=r"\.venv/bin/uv pip install -c requirements-dev\.lock 'openai<2'"):
        LanguageModel(LanguageModelSettings("http://127.0.0.1:9/v1", "any"))
