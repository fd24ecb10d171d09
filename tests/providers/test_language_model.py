"""The language model's client, the real SDK over loopback: what comes back, what does not, and when it is left alone."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from heyue.errors import BadInput
from heyue.language_model.breaker import Breaker
from heyue.language_model.endpoint import Endpoint, Message, NoAnswer
from heyue.language_model.limits import limits
from heyue.language_model.model import LanguageModel, Verdict
from heyue.provider_sim.language_model import PATH, ChatModel
from heyue.provider_sim.loopback import Fault
from heyue.settings import LanguageModelSettings
from tests.language_models import stand_in_model

ASKED = (Message("system", "改写"), Message("user", "您好"))


@dataclass(frozen=True)
class Plain:
    """A task whose checks refuse one word."""

    use: str = "coach"

    def messages(self) -> Sequence[Message]:
        return ASKED

    def judged(self, reply: str) -> Verdict:
        return Verdict(None, "insults") if "笨" in reply else Verdict(reply)


@pytest.fixture
def served() -> Iterator[tuple[ChatModel, LanguageModel]]:
    with stand_in_model() as both:
        yield both


def test_a_line_comes_back_and_its_cost_is_logged(served: tuple[ChatModel, LanguageModel]) -> None:
    stand_in, model = served
    stand_in.replies.append("您好呀")
    with capture_logs() as logs:
        assert model.line(Plain()) == "您好呀"
    assert [(each["use"], each["outcome"], each["prompt_tokens"], each["completion_tokens"]) for each in logs] == [
        ("coach", "used", 2, 3)
    ]


def test_a_refused_line_is_logged_by_the_rule_and_not_by_its_words(served: tuple[ChatModel, LanguageModel]) -> None:
    stand_in, model = served
    stand_in.replies.append("您真笨")
    with capture_logs() as logs:
        assert model.line(Plain()) is None
    assert [(each["outcome"], each["why"]) for each in logs] == [("refused", "insults")]
    assert "笨" not in str(logs)


FAULTS = {
    "an error of the server": (Fault(PATH, {"error": {}}, status=500), "http_500"),
    "too many requests": (Fault(PATH, {"error": {}}, status=429), "http_429"),
    "a cut connection": (Fault(PATH, cut=True), "no_connection"),
    "JSON that breaks off": (Fault(PATH, body=b'{"choices": [{"mess'), "broken"),
    "JSON of another kind": (Fault(PATH, {"answer": "您好"}), "broken"),
    "no choices": (Fault(PATH, {"choices": []}), "broken"),
    "a text that is none": (Fault(PATH, {"choices": [{"message": {"content": None}}]}), "broken"),
    "a usage that is none": (Fault(PATH, {"choices": [{"message": {"content": "好"}}], "usage": "much"}), "broken"),
    "a web page": (Fault(PATH, body=b"<html>gateway</html>"), "broken"),
    "bytes that are no text": (Fault(PATH, body=b"\xff\xfe\x00"), "broken"),
    "brackets without end": (Fault(PATH, body=b"[" * 60_000), "broken"),
    "an answer without end": (Fault(PATH, body=b" " * 70_000), "too_long"),
    "words cut off at the limit": (
        Fault(PATH, {"choices": [{"message": {"content": "您"}, "finish_reason": "length"}]}),
        "too_long",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_gives_no_line(name: str, served: tuple[ChatModel, LanguageModel]) -> None:
    stand_in, model = served
    fault, why = FAULTS[name]
    stand_in.faults.append(fault)
    with capture_logs() as logs:
        assert model.line(Plain()) is None
    assert [(each["outcome"], each["why"]) for each in logs] == [("fault", why)]


def test_a_wrong_key_is_a_fault_and_stands_in_no_log() -> None:
    with ChatModel() as stand_in:
        settings = LanguageModelSettings(f"{stand_in.url}/v1", stand_in.model, "sk-another")
        with capture_logs() as logs:
            assert LanguageModel(settings).line(Plain()) is None
    assert logs[0]["why"] == "http_401"
    assert "sk-another" not in f"{settings} {logs}"


def test_an_endpoint_that_is_away_is_a_fault() -> None:
    with pytest.raises(NoAnswer, match="no_connection"):
        Endpoint(LanguageModelSettings("http://127.0.0.1:9/v1", "stand-in")).ask(ASKED)


def test_a_fault_of_ours_costs_no_answer_either(served: tuple[ChatModel, LanguageModel]) -> None:
    class Faulty(Plain):
        def judged(self, reply: str) -> Verdict:
            raise KeyError(reply)

    with capture_logs() as logs:
        assert served[1].line(Faulty()) is None
    assert [(each["outcome"], each["why"]) for each in logs] == [("fault", "KeyError")]


def test_who_answers_slowly_is_not_waited_for() -> None:
    with stand_in_model(seconds=0.2) as (stand_in, model):
        stand_in.faults.append(Fault(PATH, seconds=2))
        with capture_logs() as logs:
            assert model.line(Plain()) is None
    assert [each["outcome"] for each in logs] == ["timeout"]


def test_who_trickles_is_not_waited_for_either() -> None:
    """The deadline holds for the whole answer: each byte by itself would come in time."""
    with trickling() as url, pytest.raises(NoAnswer, match="timeout"):
        Endpoint(LanguageModelSettings(url, "stand-in", seconds=0.5)).ask(ASKED)


@contextmanager
def trickling() -> Iterator[str]:
    """A server that sends a byte every tenth of a second, until the client goes away."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n")
                try:
                    while not threading.Event().wait(0.1):
                        connection.sendall(b" ")
                except OSError:
                    gone.set()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        assert gone.wait(10), "the client has not let go of the connection"


def test_who_fails_again_and_again_is_left_alone_and_then_tried_again() -> None:
    now = [0.0]
    with ChatModel() as stand_in:
        settings = LanguageModelSettings(f"{stand_in.url}/v1", stand_in.model, stand_in.key)
        model = LanguageModel(settings, clock=lambda: now[0])
        stand_in.faults.extend([Fault(PATH, {}, status=500)] * limits().faults)
        assert [model.line(Plain()) for _ in range(limits().faults + 2)] == [None] * (limits().faults + 2)
        assert len(stand_in.asked) == limits().faults
        now[0] = limits().rest_seconds
        assert model.line(Plain()) == "您好"
        assert model.line(Plain()) == "您好"


def test_after_a_rest_only_one_tries() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(limits().faults):
        breaker.note(is_fault=True)
    now[0] = limits().rest_seconds
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    breaker.note(is_fault=True)
    assert not breaker.lets_through()


def test_it_words_nothing_that_it_was_not_switched_on_for() -> None:
    with stand_in_model(uses=frozenset(["practice"])) as (stand_in, model):
        assert model.line(Plain("coach")) is None
        assert stand_in.heard == []


def test_more_calls_than_allowed_at_once_get_no_line() -> None:
    with stand_in_model() as (stand_in, model):
        stand_in.faults.extend([Fault(PATH, seconds=0.5)] * limits().at_once)
        with capture_logs() as logs:
            lines = model.lines([Plain()] * (limits().at_once + 2))
    assert sorted(map(str, lines)) == ["None"] * 2 + ["您好"] * limits().at_once
    assert [each["outcome"] for each in logs].count("busy") == 2


WRONG = {
    "no model": ({"HEYUE_LLM_URL": "http://x/v1"}, "HEYUE_LLM_MODEL"),
    "no address": ({"HEYUE_LLM_URL": "x", "HEYUE_LLM_MODEL": "m"}, "HEYUE_LLM_URL"),
    "no number": ({"HEYUE_LLM_URL": "http://x", "HEYUE_LLM_MODEL": "m", "HEYUE_LLM_SECONDS": "soon"}, "HEYUE_LLM_SECONDS"),
    "too long": ({"HEYUE_LLM_URL": "http://x", "HEYUE_LLM_MODEL": "m", "HEYUE_LLM_SECONDS": "900"}, "HEYUE_LLM_SECONDS"),
    "another use": ({"HEYUE_LLM_URL": "http://x", "HEYUE_LLM_MODEL": "m", "HEYUE_LLM_USES": "all"}, "HEYUE_LLM_USES"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named(name: str) -> None:
    environment, variable = WRONG[name]
    with pytest.raises(BadInput, match=variable):
        LanguageModelSettings.from_environment(environment)


def test_nothing_is_set_by_default() -> None:
    assert LanguageModelSettings.from_environment({}) is None


def test_the_client_is_not_imported_unless_an_endpoint_is_configured(tmp_path: object) -> None:
    look = "import sys, heyue.desk, heyue.cli, actions; sys.exit('openai' in sys.modules or 'jieba.posseg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], timeout=120).returncode == 0
