"""A language model over the stand-in, for tests of whatever uses one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from heyue.language_model.model import LanguageModel
from heyue.provider_sim.language_model import ChatModel
from heyue.settings import LanguageModelSettings


@contextmanager
def stand_in_model(**changed: object) -> Iterator[tuple[ChatModel, LanguageModel]]:
    """The stand-in and the product's client to it. `changed`: settings that differ."""
    with ChatModel() as stand_in:
        settings = LanguageModelSettings(f"{stand_in.url}/v1", stand_in.model, stand_in.key, **changed)  # type: ignore[arg-type]
        yield stand_in, LanguageModel(settings)
