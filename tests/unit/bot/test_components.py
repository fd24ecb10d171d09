"""The two pipeline components, without a Rasa server: what they put on a message, and what they refuse."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.intent import FALLBACK, HeyueIntent
from bot.components.reader import HeyueReader

LINES = {
    "greet": ["你好", "在吗", "您好啊", "早上好", "你好你好"],
    "promise_to_pay": ["周五还三千", "15号全部还清", "下周三给你两千", "明天还", "月底还五百"],
    "give_reason": ["工资没发", "住院了", "公司拖欠工资", "忘了还款日", "店里生意不好"],
}
METADATA = {"at": "2026-11-20T10:00:00+08:00", "conversation_id": "c-1"}
GRAPH_NAMES = {
    "training_data",
    "messages",
    "config",
    "model_storage",
    "resource",
    "execution_context",
    "kwargs",
    "self",
}


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage(tmp_path)


@pytest.fixture
def trained(storage: LocalModelStorage) -> HeyueIntent:
    config = {**HeyueIntent.get_default_config(), "fallback_threshold": 0.0}
    resource = Resource("intent")
    examples = [Message.build(text, intent) for intent, texts in LINES.items() for text in texts]
    HeyueIntent.create(config, storage, resource, None).train(TrainingData(examples))
    return HeyueIntent.load(config, storage, resource, None)


def heard(text: str, classifier: HeyueIntent | None = None) -> Message:
    messages = HeyueReader().process([Message({"text": text, "metadata": METADATA})])
    return (classifier.process(messages) if classifier else messages)[0]


@pytest.mark.parametrize("component", [HeyueReader, HeyueIntent])
@pytest.mark.parametrize("method", ["create", "load", "train", "process"])
def test_parameter_names_are_nodes_of_rasas_graph(component: type, method: str) -> None:
    function = getattr(component, method, None)
    if function is not None:
        assert set(inspect.signature(function).parameters) <= GRAPH_NAMES


def test_reading_is_output() -> None:
    message = heard("下周五还两千，工资没发")
    assert message.as_dict(only_output_properties=True)["reading"]["text"] == "下周五还两千，工资没发"
    assert message.get("reading")["promises"][0]["start"] == "2026-11-27"


@pytest.mark.parametrize("text", ["", " ", "\x00\x01", "𠮷" * 3, "还" * 10_000, "[语音]", "\u202e还钱", "👍"])
def test_any_text_gets_an_intent(trained: HeyueIntent, text: str) -> None:
    message = heard(text, trained)
    assert message.get("intent")["name"]
    assert 0.0 <= message.get("intent")["confidence"] <= 1.0


def test_missing_text_is_silence(trained: HeyueIntent) -> None:
    messages = HeyueReader().process([Message({"metadata": None})])
    assert trained.process(messages)[0].get("intent")["name"] == "silence"


def test_learns_after_saving_and_loading(trained: HeyueIntent) -> None:
    assert heard("周三还一千", trained).get("intent")["name"] == "promise_to_pay"
    assert heard("工资还没发", trained).get("intent")["name"] == "give_reason"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("不想活了", "self_harm"),
        ("不想活了，转人工", "self_harm"),
        ("td", "opt_out"),
        ("[图片]", "media"),
        ("。。", "silence"),
        ("👍", "emoji_only"),
        ("5126", "give_id_digits"),
        ("844X", "give_id_digits"),
        ("尾号5126", "give_id_digits"),
    ],
)
def test_signals_overrule_the_model(trained: HeyueIntent, text: str, intent: str) -> None:
    message = heard(text, trained)
    assert message.get("intent")["name"] == intent
    assert message.get("intent_ranking")[0]["name"] == intent


def test_a_bare_round_number_is_left_to_the_model(trained: HeyueIntent) -> None:
    assert heard("3000", trained).get("intent")["name"] != "give_id_digits"


def test_low_confidence_is_fallback_with_the_ranking_kept(
    trained: HeyueIntent, storage: LocalModelStorage
) -> None:
    strict = HeyueIntent.load({"fallback_threshold": 1.1}, storage, Resource("intent"), None)
    message = heard("周三还一千", strict)
    assert message.get("intent")["name"] == FALLBACK
    assert message.get("intent_ranking")[0]["name"] == "promise_to_pay"
