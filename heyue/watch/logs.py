"""Log lines: one JSON object each, with the request's id, without personal data.

Our own lines name events and ids. What other libraries log is not ours to word: of their messages the pattern stays, what
was filled in goes, and so do Chinese characters and long numbers. Of an exception the type and the places stay; its
message may quote anything. Source: compliance.md P-01, P-02.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from heyue.errors import StoreUnavailable

LEVEL_VARIABLE, FORM_VARIABLE = "HEYUE_LOG_LEVEL", "HEYUE_LOG_FORMAT"
OURS = ("heyue", "bot", "actions", "coach_ui")
OTHERS_LEVEL = logging.WARNING
LOUD = ("sanic.access",)  # writes addresses, and tokens that stand in them
MOST_PLACES, MOST_LENGTH = 12, 300
HIDDEN = "…"
PERSONAL = re.compile(r"[㐀-鿿豈-﫿]+|(?<![0-9A-Za-z])\+?\d[\d -]{5,}[\dXx](?![0-9A-Za-z])")
FILLED_IN = re.compile(r"[\n\d:'\"<{(=\[`]")  # from here on a message may quote something
STAMP = "at"  # the field that holds the time is full of digits


def configure(part: str, out: TextIO | None = None) -> None:
    """Let this process write its log lines, of all libraries, to `out` (default: standard error).

    Args:
        part: which part of the product this is, on every line.
    """
    stream = out or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars, structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key=STAMP), _part_named(part),
    ]  # fmt: skip
    final: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta, places_of_exceptions, without_personal_data,
        _rendered(stream),
    ]  # fmt: skip
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_pattern_only, *shared], processors=final
    ))  # fmt: skip
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(), wrapper_class=structlog.stdlib.BoundLogger,
    )  # fmt: skip
    _take_over(handler)
    sys.excepthook, threading.excepthook = _log_end_of_process, _log_end_of_thread


def _take_over(handler: logging.Handler) -> None:
    """Make this the only place where lines go, whatever libraries have set up for themselves."""
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(OTHERS_LEVEL)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        if not name.startswith(OURS):
            logger.setLevel(logging.NOTSET)
    for name in OURS:
        logging.getLogger(name).setLevel((os.environ.get(LEVEL_VARIABLE) or "INFO").upper())
    for name in LOUD:
        logging.getLogger(name).disabled = True
    if not sys.warnoptions:  # others' warnings are for developers, who ask for them by -W
        warnings.simplefilter("ignore")


def _part_named(part: str) -> Processor:
    def name(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return {"part": part, **line}

    return name


def _rendered(stream: TextIO) -> Processor:
    """JSON, but for people at a terminal."""
    form = os.environ.get(FORM_VARIABLE) or ("console" if stream.isatty() else "json")
    if form == "console":
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _pattern_only(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """What another library logs, without what it filled in."""
    record: logging.LogRecord = line["_record"]
    if not record.name.startswith(OURS):
        line["event"] = FILLED_IN.split(str(record.msg))[0].strip()  # msg is the pattern, unless it was filled in before
        line["place"] = f"{record.pathname}:{record.lineno}"
    return line


def places_of_exceptions(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """In place of an exception its type and where it came from, innermost last; its message stays out."""
    raised = line.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    line.pop("stack_info", None)
    if isinstance(error, BaseException):
        line["error"] = reason(error)
        frames = traceback.extract_tb(error.__traceback__)[-MOST_PLACES:]
        line["places"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return line


def unforeseen(error: BaseException) -> BaseException | None:
    """The exception whose trace belongs into the log; None for a store that is away, which the reason tells in full."""
    return None if isinstance(error, StoreUnavailable) else error


def reason(error: BaseException) -> str:
    """What may be logged of an exception: its type; of a database's no the first line too, which quotes no values."""
    name = type(error).__name__
    return f"{name}: {str(error).partition(chr(10))[0]}" if isinstance(error, StoreUnavailable) else name


def without_personal_data(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """The line without Chinese characters and long numbers: no line of ours has any, so what has is a mistake."""
    return {name: value if name == STAMP else _hidden(value) for name, value in line.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return PERSONAL.sub(HIDDEN, value)[:MOST_LENGTH]
    if isinstance(value, (list, tuple)):
        return [_hidden(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _hidden(each) for name, each in value.items()}
    return value if value is None or isinstance(value, (bool, int, float)) else type(value).__name__


def _log_end_of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger("heyue").critical("process.failed", exc_info=(kind, error, trace))


def _log_end_of_thread(raised: threading.ExceptHookArgs) -> None:
    if raised.exc_value is not None:
        structlog.get_logger("heyue").error("thread.failed", exc_info=raised.exc_value)
