"""Puts what heyue.understanding reads in a message onto Rasa's message, as the output key "reading"."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from heyue.understanding.reading import read

READING = "reading"
ARRIVED_AT = "at"
ZONE = ZoneInfo("Asia/Shanghai")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class HeyueReader(GraphComponent):
    """Reads promises, amounts, days, reason and signals. Parameter names below are Rasa's graph: keep them."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HeyueReader:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set "reading" on each message. The time of arrival is the metadata's "at", else the clock (rasa shell)."""
        for message in messages:
            reading = read(message.get(TEXT) or "", arrived_at(message))
            message.set(READING, reading.as_dict(), add_to_output=True)
        return messages


def arrived_at(message: Message) -> datetime:
    """When the message arrived, in Asia/Shanghai."""
    stamp = (message.get("metadata") or {}).get(ARRIVED_AT)
    return datetime.fromisoformat(stamp).astimezone(ZONE) if stamp else datetime.now(ZONE)
