"""The intent of a message: a linear model over text and reading, overruled by signals that are certain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.intent_features import TRAINING_NOW, certain_intent, intent_input
from bot.components.reader import READING
from heyue.understanding.linear_text import LinearText
from heyue.understanding.reading import Reading, read

FALLBACK = "nlu_fallback"
MODEL_NAME = "intents.npz"
RANKED = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class HeyueIntent(GraphComponent, IntentClassifier):
    """Classifies by LinearText. Parameter names below are Rasa's graph: keep them."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: LinearText | None = None,
    ) -> None:
        self._threshold = float(config["fallback_threshold"])
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`fallback_threshold`: below this probability the intent is nlu_fallback (bench/nlu_voices.py chose it)."""
        return {"fallback_threshold": 0.3}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HeyueIntent:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> HeyueIntent:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, LinearText.load(Path(folder) / MODEL_NAME))

    def train(self, training_data: TrainingData) -> Resource:
        from heyue.understanding.linear_training import Example, fit

        examples = [
            Example(*intent_input(read(example.get(TEXT), TRAINING_NOW)), example.get(INTENT))
            for example in training_data.intent_examples
        ]
        with self._model_storage.write_to(self._resource) as folder:
            fit(examples).save(Path(folder) / MODEL_NAME)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set "intent" and "intent_ranking" on each message."""
        for message in messages:
            reading = Reading.from_dict(message.get(READING))
            ranking = self._ranking(reading)
            message.set("intent", self._first(ranking), add_to_output=True)
            message.set("intent_ranking", ranking[:RANKED], add_to_output=True)
        return messages

    def _ranking(self, reading: Reading) -> list[dict[str, Any]]:
        ranked = self._model.ranking(*intent_input(reading)) if self._model else []
        certain = certain_intent(reading, ranked[0][0] if ranked else None)
        if certain:
            ranked = [(certain, 1.0), *((name, share) for name, share in ranked if name != certain)]
        return [{"name": name, "confidence": confidence} for name, confidence in ranked]

    def _first(self, ranking: list[dict[str, Any]]) -> dict[str, Any]:
        if not ranking or ranking[0]["confidence"] < self._threshold:
            return {"name": FALLBACK, "confidence": 1.0 - (ranking[0]["confidence"] if ranking else 0.0)}
        return ranking[0]
