"""What a language model costs the product besides its own time: `python -m bench.worded_lines` (prints Markdown).

Each line goes the whole way: facts become marks, the real SDK asks a stand-in on this machine that answers at once, the reply
is checked and filled in. The tables of tests/data say what is asked and answered, so that replies of every sort are judged.
"""

from __future__ import annotations

import json
import logging
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import structlog

from heyue.coaching.rewording import FittedLine
from heyue.conduct.contact_policy import default_contact_policy
from heyue.conversation.dialogue import Dialogue
from heyue.conversation.exchange import Exchange
from heyue.conversation.off_script import off_script_question
from heyue.language_model.model import LanguageModel, Task
from heyue.policy import default_policy
from heyue.practice.debtor import Turn, begin
from heyue.practice.persona import personas
from heyue.practice.wording import DebtorLine
from heyue.provider_sim.language_model import ChatModel
from heyue.records import Case
from heyue.settings import ZONE, LanguageModelSettings
from heyue.understanding.reading import read

TABLES = Path(__file__).parents[1] / "tests/data"
AT = datetime(2026, 11, 26, 10, tzinfo=ZONE)
CASE = Case("C-1", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), id_last4="5126", product="现金分期")
ROUNDS = 5


def main() -> None:
    """Print how long a line takes, by use, and what became of the replies of the tables."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print("| | lines | median ms | p95 ms | used |\n|---|---|---|---|---|")
    with ChatModel() as stand_in:
        model = LanguageModel(LanguageModelSettings(f"{stand_in.url}/v1", stand_in.model, stand_in.key))
        for name, table, task_of in USES:
            cases = list(tasks(table, task_of))
            timed(stand_in, model, cases)  # models load, expressions compile
            waits, used = [], Counter[bool]()
            for _ in range(ROUNDS):
                for seconds, line in timed(stand_in, model, cases):
                    waits.append(seconds)
                    used[line is not None] += 1
            p95 = statistics.quantiles(waits, n=20)[-1]
            share = f"{used[True] // ROUNDS} of {len(cases)}"
            print(f"| {name} | {len(waits)} | {1e3 * statistics.median(waits):.1f} | {1e3 * p95:.1f} | {share} |")


def timed(stand_in: ChatModel, model: LanguageModel, cases: list[tuple[Task, str]]) -> list[tuple[float, str | None]]:
    """How long each line took, and the line."""
    found = []
    for task, reply in cases:
        stand_in.replies.append(reply)
        began = time.perf_counter()
        line = model.line(replace(task))  # type: ignore[type-var]  # a fresh one: nothing is remembered
        found.append((time.perf_counter() - began, line))
    return found


def tasks(table: str, task_of: Callable[[dict[str, Any]], Task | None]) -> Iterator[tuple[Task, str]]:
    """The tasks of a table with the reply to each."""
    for row in (TABLES / table).read_text(encoding="utf-8").splitlines():
        given = json.loads(row)["given"]
        if (task := task_of(given)) is not None:
            yield task, given["reply"]


def debtor_line(given: dict[str, Any]) -> Task:
    persona = next(each for each in personas().values() if each.kind == given["kind"])
    said = given["line"].format(id_last4=persona.case.id_last4)
    asked = Turn("collector", given.get("collector", "您看怎么安排合适？"), AT, 0.3)
    exercise = begin(persona, "easy", 7, AT)
    return DebtorLine(replace(exercise, turns=(*exercise.turns, asked, Turn("borrower", said, AT, 0.3, act=given["act"]))))


def fitted_line(given: dict[str, Any]) -> Task:
    talk = (("collector", "您好，我是客服。"), ("borrower", given.get("borrower", "我最近压力好大")))
    return FittedLine(given["line"], talk, CASE, given.get("verified", True), AT)


def off_script(given: dict[str, Any]) -> Task | None:
    said, dialogue = given["said"], Dialogue(verified=given.get("verified", True))
    exchange = Exchange(CASE, default_policy(), AT, dialogue, "nlu_fallback", 0.3, read(said, AT))
    exchange.say("not_understood")
    return off_script_question(exchange, default_contact_policy())


USES = (
    ("practice", "debtor_wordings.jsonl", debtor_line),
    ("coach", "fitted_lines.jsonl", fitted_line),
    ("bot", "off_script.jsonl", off_script),
)

if __name__ == "__main__":
    main()
