"""`heyue extract`, `check` and `classify`: lines of every kind through the functions that the commands call, some through the commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from hypothesis import strategies as st

from bench.fuzz.drawing import MOMENTS, deep, numbers, said, spoilt, spoken, texts, values, written
from bench.fuzz.judging import Entry, Fault, nothing_but, within
from bench.fuzz.spelling import message, spelt, talk
from heyue.cli import check, classify, extract
from heyue.cli.json_lines import Reader, answers_by_line
from heyue.cli.json_lines import written as as_line
from heyue.coaching.transcript import transcript_from_dict
from heyue.settings import ZONE

NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)
SECONDS_A_GROUP, SECONDS_A_CHARACTER = 5.0, 0.002
SHORT, LONG = 2_000, 16_000  # characters
MOST_RATIO = 24  # of the times for these: 8 where time grows as length does, 64 where it grows as its square
UNFELT = 0.25  # seconds
COMMAND_SECONDS = 120

READERS: dict[str, Reader[Any]] = {
    "extract": Reader(partial(extract.message, now=NOW), extract.reading),
    "check": Reader(check.line_of, check.checked),
    "check --explain": Reader(check.line_of, check.explained),
    "classify": Reader(transcript_from_dict, partial(classify.classified, each_turn=False, explain=False, now=NOW)),
    "classify --explain": Reader(transcript_from_dict, partial(classify.classified, each_turn=False, explain=True, now=NOW)),
    "classify --each-turn": Reader(transcript_from_dict, partial(classify.classified, each_turn=True, explain=False, now=NOW)),
}


def messages() -> st.SearchStrategy[bytes]:
    """Lines for extract and check: most can be read, some not."""
    given = st.builds(
        lambda number, text, at, is_ascii: written({"id": number, "text": text} | ({"now": at} if at else {}), is_ascii),
        st.integers(0, 9), said(), st.one_of(st.none(), st.none(), st.sampled_from(MOMENTS)), st.booleans(),
    )  # fmt: skip
    return st.one_of(given, given, given, given, given, odd_objects({"id": values(), "text": values(), "now": values()}), broken(given))


def talks() -> st.SearchStrategy[bytes]:
    """Lines for classify."""
    turn = st.fixed_dictionaries(
        {"speaker": st.sampled_from(("collector", "borrower")), "text": said()}, optional={"at": st.sampled_from(MOMENTS[:12])}
    )
    odd_turn = st.fixed_dictionaries({"speaker": values(), "text": values()}, optional={"at": values()})
    facts = st.fixed_dictionaries({}, optional={"days_overdue": numbers(), "amount_due": st.one_of(texts(2), st.just("3200.00")), "broken_promises": numbers()})
    fields = {"id": texts(2), "turns": st.lists(turn, min_size=1, max_size=5), "channel": st.sampled_from(("phone", "sms", None)), "case": st.one_of(st.none(), facts)}
    given = st.builds(written, st.fixed_dictionaries(fields), st.booleans())
    odd = {"id": values(), "turns": st.one_of(values(), st.lists(odd_turn, max_size=3)), "channel": values(), "case": st.one_of(values(), facts)}
    return st.one_of(given, given, given, given, odd_objects(odd), broken(given))


def odd_objects(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[bytes]:
    """Objects whose fields are there or not and hold anything."""
    return st.builds(written, st.fixed_dictionaries({}, optional=fields), st.booleans())


def broken(given: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Lines that are no JSON, or JSON at its limits."""
    inside = st.builds(lambda field, value: f'{{"id": 1, "text": "还", "{field}": {value}}}'.encode(), st.sampled_from(("id", "now", "x", "text", "turns")), deep())
    digits = st.integers(1, 6_000).map(lambda count: b'{"id": ' + b"9" * count + b', "text": "x"}')
    return st.one_of(spoilt(given), inside, digits, st.binary(max_size=40), st.builds(written, values(), st.booleans()), st.sampled_from((b"\xef\xbb\xbf{}", b"\xff\xfe{\0}\0", b"{}{}", b'{"id":1,"id":2}', b"{'id':1}")))


def groups(lines: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Lines that arrive together; a line break inside one makes two."""
    return st.lists(lines, min_size=1, max_size=16).map(lambda group: [part for line in group for part in line.split(b"\n")])


def judge_group(name: str, lines: list[bytes]) -> int:
    """Each line that is not blank gets its answers, under its id, as JSON that anybody reads."""
    asked = [line for line in lines if line.strip()]
    with within(SECONDS_A_GROUP + SECONDS_A_CHARACTER * sum(map(len, asked))), nothing_but():
        found = answers_by_line(asked, READERS[name])
        shown = [[as_line(answer) for answer in answers] for answers in found]
    if len(shown) != len(asked):
        raise Fault("lines without an answer", f"{len(asked)} lines, {len(shown)} answers")
    for line, answers in zip(asked, shown, strict=True):
        if not answers and not name.endswith("--each-turn"):
            raise Fault("a line without an answer")
        for answer in answers:
            check_answer(line, answer)
    return len(asked)


def check_answer(line: bytes, answer: str) -> None:
    """Raises Fault where an answer is no JSON, or not under the id of its line."""
    said = read_strictly(answer)
    if "error" in said and not str(said["error"]).strip():
        raise Fault("an error without words")
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return
    if isinstance(asked, dict) and "error" not in said and said["id"] != asked.get("id"):
        raise Fault("an answer under another id")


def read_strictly(answer: str) -> dict[str, Any]:
    """An answer as others read it (RFC 8259): one line of UTF-8, no NaN."""
    def no_number(name: str) -> None:
        raise Fault("an answer that is no JSON", name)

    if "\n" in answer:
        raise Fault("an answer of several lines")
    try:
        found: dict[str, Any] = json.loads(answer.encode("utf-8"), parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise Fault("an answer that is no JSON", str(error)) from None
    return found


def judge_growth(name: str, drawn: tuple[str, bytes, bytes, bytes]) -> int:
    """Time grows about as length does: no expression of ours tries the same again and again."""
    reader, (kind, before, unit, after) = READERS[name], drawn
    short, long = (partial(_timed, reader, _repeated(length, kind, before, unit, after)) for length in (SHORT, LONG))
    if long("") > UNFELT:
        least = min(long(salt) for salt in "甲乙丙")
        ratio = least / max(min(short(salt) for salt in "甲乙丙"), 1e-6)
        if least > UNFELT and ratio > MOST_RATIO:
            raise Fault("time grows faster than length", f"{LONG} characters take {least:.2f} s, {ratio:.0f} times as long as {SHORT}")
    return 1


def _repeated(length: int, kind: str, before: bytes, unit: bytes, after: bytes) -> Callable[[str], dict[str, Any]]:
    words = spoken(unit) or "还"
    text = (spoken(before) + words * (length // len(words)) + spoken(after))[:length]

    def raw(salt: str) -> dict[str, Any]:  # what was read before is remembered
        said = [{"speaker": kind, "text": salt + text}] if kind != "many" else [
            {"speaker": ("collector", "borrower")[place % 2], "text": salt + text[place * 40 : place * 40 + 40]} for place in range(length // 40)
        ]  # fmt: skip
        return {"id": 1, "text": salt + text, "turns": said}

    return raw


def _timed(reader: Reader[Any], raw: Callable[[str], dict[str, Any]], salt: str) -> float:
    line = json.dumps(raw(salt)).encode()
    began = time.process_time()
    with within(60), nothing_but():
        answers_by_line([line], reader)
    return time.process_time() - began


def judge_command(drawn: tuple[str, list[list[bytes]]]) -> int:
    """The real command on its standard input, in a poor locale: an answer a line, exit status 0 or 1, no trace."""
    name, groups_of_lines = drawn
    lines = [line for group in groups_of_lines for line in group]
    asked = [line for line in lines if line.strip()]
    done = subprocess.run(
        [sys.executable, "-m", "heyue.cli", *name.split()], input=b"\n".join(lines) + b"\n", capture_output=True,
        timeout=COMMAND_SECONDS, check=False, env=os.environ | {"LC_ALL": "C"},
    )  # fmt: skip
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        raise Fault(f"{name} ended with {done.returncode}", done.stderr.decode(errors="replace")[-300:])
    shown = done.stdout.decode("utf-8").split("\n")[:-1]
    if len(shown) != len(asked):
        raise Fault("lines without an answer", f"{len(asked)} lines, {len(shown)} answers")
    for line, answer in zip(asked, shown, strict=True):
        check_answer(line, answer)
    return len(asked)


def line_entries() -> list[Entry]:
    """All of them with their shares of the inputs."""
    drawn = {"extract": messages(), "check": messages(), "classify": talks()}
    shares = {"extract": 0.42, "check": 0.3, "check --explain": 0.03, "classify": 0.1, "classify --explain": 0.02, "classify --each-turn": 0.02}
    spelling = {"extract": spelt(message), "check": spelt(message), "classify": spelt(talk)}
    both = {name: st.one_of(spelling[name], spelling[name], spelling[name], groups(lines)) for name, lines in drawn.items()}
    found = [Entry(name, both[name.split()[0]], partial(judge_group, name), share) for name, share in shares.items()]
    unit = st.binary(min_size=1, max_size=4)
    for name in drawn:
        kinds = ("many", "collector", "borrower") if name == "classify" else ("borrower",)
        growing = st.tuples(st.sampled_from(kinds), st.binary(max_size=3), unit, st.binary(max_size=3))
        found.append(Entry(f"{name}: growth", growing, partial(judge_growth, name), 0.0006, chunk=20))
        many = st.tuples(st.just(name), st.lists(groups(drawn[name]), min_size=10, max_size=40))
        found.append(Entry(f"heyue {name}", many, judge_command, 0.003, chunk=2))
    return found

