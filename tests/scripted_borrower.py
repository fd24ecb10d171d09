"""A scripted borrower: says his openers, then answers what the bot asks about (format of sample_dialogues.jsonl)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# what the bot asks about is read from its last question, as a person would
TOPICS = [
    ("confirm", re.compile("确认一下|请您确认|和您确认|对吗")),
    ("verify", re.compile("后四位")),
    ("identity", re.compile("本人吗")),
    ("anything_else", re.compile("还有其他")),
    ("reason", re.compile("原因")),
    ("amount", re.compile("还多少")),
    ("when", re.compile("哪天|哪一天|几号")),
]
MOST_TURNS = 24
RECORDED = re.compile("已登记|登记好了")  # by which the bot says that a promise stands


@dataclass
class Talk:
    """What was said: pairs of the borrower's message and the bot's lines."""

    turns: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def bot_lines(self) -> list[str]:
        return [line for _, lines in self.turns for line in lines]


def topic_of(lines: list[str]) -> str | None:
    """What the bot asks about at the end of its answer, or None when it asks nothing."""
    for line in reversed(lines):
        for topic, pattern in TOPICS:
            if pattern.search(line):
                return topic
    return None


def play(script: dict[str, Any], send: Callable[[str], list[str]]) -> Talk:
    """Hold the scripted conversation; `send` gives the bot's lines to one message of the borrower."""
    talk = Talk()
    answers = {topic: list(lines) for topic, lines in script["answers"].items()}
    for opener in script["openers"]:
        talk.turns.append((opener, send(opener)))
    while len(talk.turns) < MOST_TURNS:
        topic = topic_of(talk.turns[-1][1])
        if topic is None or not answers.get(topic):
            break
        queue = answers[topic]
        is_last = len(queue) == 1
        answer = queue[0] if is_last else queue.pop(0)
        talk.turns.append((answer, send(answer)))
        if topic == "anything_else" and is_last:
            break
    return talk
