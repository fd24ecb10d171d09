"""Log lines: JSON, tied to their request, and free of what people said and who they are."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from heyue.errors import StoreUnavailable
from heyue.watch import logs, trace

Lines = Callable[[], list[dict[str, Any]]]
NAME, LATIN_NAME, PHONE, CARD = "欧阳静怡", "Quentin Abernathy", "13912345678", "6222 0212 3456 7890 123"
SEEDS = (NAME, LATIN_NAME, PHONE, CARD)


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The log as a part of the product writes it."""
    out = io.StringIO()
    root, before = logging.getLogger(), (structlog.get_config(), logging.getLogger().handlers[:])
    hooks = threading.excepthook
    logs.configure("bot", out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    structlog.configure(**before[0])
    root.handlers[:], threading.excepthook = before[1], hooks
    structlog.contextvars.clear_contextvars()


def raised() -> Exception:
    try:
        return {}[f"{NAME} {LATIN_NAME} {PHONE}"]  # type: ignore[no-any-return]
    except KeyError as error:
        return error


def test_a_line_names_event_part_time_level_and_request(lines: Lines) -> None:
    request = trace.begin()
    structlog.get_logger("heyue.desk").info("message.received", conversation="c" * 32)
    (line,) = lines()
    assert line["event"] == "message.received"
    assert (line["part"], line["level"], line["request"]) == ("bot", "info", request)
    assert line["at"].endswith("Z")
    assert line["conversation"] == "c" * 32


def test_an_exception_leaves_its_type_and_places_but_not_its_words(lines: Lines) -> None:
    structlog.get_logger("bot").error("rest.turn_failed", exc_info=raised())
    logging.getLogger("sanic.error").error("Exception", exc_info=raised())
    for line in lines():
        assert line["error"] == "KeyError"
        assert "test_logs.py" in line["places"][-1]
        assert not [seed for seed in SEEDS if seed in json.dumps(line, ensure_ascii=False)]


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("Failed to parse %s", (f"{NAME} {LATIN_NAME} {PHONE}",)),
        (f"Failed to parse '{NAME} {LATIN_NAME}'", ()),
        (f"Failed to send: {LATIN_NAME} {PHONE}", ()),
        (f"Task failed\nfuture: <Task exception=KeyError('{LATIN_NAME}')>", ()),
    ],
)
def test_of_what_others_log_only_the_pattern_stays(lines: Lines, pattern: str, filled: tuple[str, ...]) -> None:
    logging.getLogger("rasa.core.processor").error(pattern, *filled)
    (line,) = lines()
    assert line["event"].startswith(("Failed to", "Task failed"))
    assert "test_logs.py" in line["place"]
    assert not [seed for seed in SEEDS if seed in json.dumps(line, ensure_ascii=False)]


@pytest.mark.parametrize("said", [NAME, PHONE, CARD, f"+86 {PHONE}", "110101199003078771", "11010119900307877X"])
def test_what_we_log_by_mistake_is_hidden(lines: Lines, said: str) -> None:
    structlog.get_logger("bot").warning("mistake", text=said, nested={"deep": [f"say {said}"]})
    (line,) = lines()
    assert said not in json.dumps(line, ensure_ascii=False)
    assert line["nested"]["deep"][0].startswith("say ")


@pytest.mark.parametrize("said", ["3f0a12345678901234567890abcdef01", "reply:123456789", "0007", "T-01", "12.5"])
def test_ids_and_figures_stay(lines: Lines, said: str) -> None:
    structlog.get_logger("bot").info("fine", id=said)
    expected = said if said != "reply:123456789" else "reply:…"
    assert lines()[0]["id"] == expected


def test_a_record_as_a_value_leaves_only_its_type(lines: Lines) -> None:
    structlog.get_logger("bot").info("fine", case=raised())
    assert lines()[0]["case"] == "KeyError"


def test_others_are_heard_from_warnings_on_and_requests_to_the_server_never(lines: Lines) -> None:
    logging.getLogger("rasa").info("loading")
    logging.getLogger("sanic.access").info("POST /webhooks/sms_aliyun/token/up")
    assert lines() == []


def test_of_a_database_that_fails_the_first_line_says_why() -> None:
    error = StoreUnavailable(f"the store did not answer: duplicate key\nDETAIL: Key (name)=({NAME})")
    assert logs.reason(error) == "StoreUnavailable: the store did not answer: duplicate key"
    assert logs.reason(KeyError(NAME)) == "KeyError"


def test_a_thread_that_fails_is_logged(lines: Lines) -> None:
    thread = threading.Thread(target=lambda: int(PHONE + LATIN_NAME))
    thread.start()
    thread.join()
    (line,) = lines()
    assert (line["event"], line["error"]) == ("thread.failed", "ValueError")
    assert LATIN_NAME not in json.dumps(line)
