"""What a language model answers: any words in the text, any bytes in the body, over the real client and the stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import strategies as st

from bench.fuzz.drawing import deep, said, spoilt, texts, values, written
from bench.fuzz.judging import Entry, Fault, nothing_but, within
from bench.fuzz.report import Stage
from bench.worded_lines import AT, TABLES, debtor_line, fitted_line, off_script
from heyue.language_model.endpoint import Endpoint, Message, NoAnswer
from heyue.language_model.model import Task
from heyue.provider_sim.language_model import PATH, ChatModel
from heyue.provider_sim.loopback import Fault as Trouble
from heyue.settings import LanguageModelSettings

SECONDS_A_REPLY, SECONDS_AN_ANSWER = 5.0, 3.0
USES: dict[str, tuple[str, Callable[[dict[str, Any]], Task | None]]] = {
    "practice": ("debtor_wordings.jsonl", debtor_line), "coach": ("fitted_lines.jsonl", fitted_line), "bot": ("off_script.jsonl", off_script),
}  # fmt: skip


def tasks_of(table: str, task_of: Callable[[dict[str, Any]], Task | None]) -> list[tuple[Task, str]]:
    """Tasks with the reply of the table to each."""
    rows = [json.loads(row)["given"] for row in (TABLES / table).read_text(encoding="utf-8").splitlines()]
    return [(task, str(given["reply"])) for given in rows if (task := task_of(given)) is not None]


@st.composite
def judged_replies(draw: st.DrawFn, tasks: list[tuple[Task, str]]) -> tuple[Task, str]:
    """A task and a reply: the table's, spoilt, or any words."""
    task, reply = draw(st.sampled_from(tasks))
    place = draw(st.integers(0, len(reply)))
    words = draw(st.one_of(said(), texts(3).map(lambda put: reply[:place] + put + reply[place:]), texts(2).map(lambda put: reply[place:] + put)))
    return replace(task, at=AT) if hasattr(task, "at") else replace(task), words  # type: ignore[type-var]


def judge_reply(drawn: tuple[Task, str]) -> int:
    """Every reply becomes a line or is refused by a rule's name."""
    task, reply = drawn
    with within(SECONDS_A_REPLY), nothing_but():
        verdict = task.judged(reply)
    if (verdict.line is None) == (verdict.refused_by is None):
        raise Fault("neither line nor rule")
    if verdict.line is not None:
        try:
            verdict.line.encode("utf-8")
        except UnicodeEncodeError:
            raise Fault("a line that nobody can store") from None
    return 1


def bodies() -> st.SearchStrategy[bytes]:
    """Chat completions as they should be, and as they should not."""
    message = st.one_of(st.fixed_dictionaries({"content": said()}), st.fixed_dictionaries({}, optional={"content": values(), "tool_calls": values()}), values())
    choice = st.one_of(st.fixed_dictionaries({"message": message}, optional={"finish_reason": st.one_of(st.sampled_from(("stop", "length", None)), values())}), values())
    usage = st.one_of(st.fixed_dictionaries({}, optional={"prompt_tokens": values(), "completion_tokens": values()}), values())
    whole = st.builds(written, st.fixed_dictionaries({"choices": st.one_of(st.lists(choice, min_size=1, max_size=2), st.lists(choice, min_size=1, max_size=2), values())}, optional={"usage": usage, "id": values()}), st.booleans())
    return st.one_of(whole, whole, whole, spoilt(whole), deep().map(str.encode), st.binary(max_size=60), st.just(b"{" + b" " * 200_000))


def judge_body(stand_in: ChatModel, endpoint: Endpoint, drawn: tuple[bytes, int]) -> int:
    """Whatever an endpoint sends is an answer or none."""
    body, status = drawn
    stand_in.faults.append(Trouble(PATH, body=body, status=status))
    with nothing_but(NoAnswer):
        answer = endpoint.ask([Message("user", "您好")])
        answer.text.encode("utf-8", "surrogatepass")
    stand_in.faults.clear()
    return 1


@contextmanager
def answer_stage() -> Iterator[Stage]:
    """The three uses of a model, and its protocol."""
    with ChatModel() as stand_in:
        endpoint = Endpoint(LanguageModelSettings(f"{stand_in.url}/v1", stand_in.model, stand_in.key, seconds=SECONDS_AN_ANSWER))
        statuses = st.sampled_from((200,) * 8 + (204, 301, 400, 401, 429, 500, 503, 599))
        found = [Entry("model: protocol", st.tuples(bodies(), statuses), partial(judge_body, stand_in, endpoint), 0.004)]
        found += [Entry(f"model: {use}", judged_replies(tasks_of(*how)), judge_reply, 0.012) for use, how in USES.items()]
        yield found, []
