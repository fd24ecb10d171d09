"""Talks in text files: exports of chat programs, speech recognition of calls, subtitles (chat_export.yml)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache

from heyue.intake.chat_form import Form, Head, chat_words, day_line, form_of, forms
from heyue.intake.raw_talk import RawTalk
from heyue.intake.subtitles import without_cues
from heyue.intake.transcript_bytes import MIB, clean, encoding_of, text_lines
from heyue.intake.transcript_columns import guess_field
from heyue.intake.transcript_problem import problem, refusal
from heyue.intake.transcript_time import CLOCK, DAY

MOST_TEXT_MIB = 32  # a text file is read as a whole
HEADER_LINE = re.compile(r"(?P<key>[^:：]{1,12})[:：]\s?(?P<value>.{1,100})")
DATA = {"transcript_id", "time", "day", "channel", "days_overdue", "amount_due", "broken_promises"}
WRITTEN_TIME = re.compile(rf"{DAY}(?:\s?{CLOCK})?", re.IGNORECASE)


def chat_talks(data: bytes) -> Iterator[RawTalk]:
    """The talks in a text file: mostly one; several where the file names several contacts or recordings.

    Raises:
        BadInput: too big, or nobody can be seen to speak.
    """
    if len(data) > MOST_TEXT_MIB * MIB:
        raise refusal("text_too_big", size=len(data) // MIB, most=MOST_TEXT_MIB)
    lines = without_cues([clean(line) for line in text_lines(data, encoding_of(data))])
    form = form_of([line for line in lines if line and not stands_apart(line)], is_key)
    if form is None:
        raise refusal("no_talk")
    reader = TalkReader(form, RawTalk(1))
    for number, line in enumerate(lines, start=1):
        if reader.begun and reader.after_gap and begins_talk(line):
            yield reader.finished()
            reader = TalkReader(form, RawTalk(number))
        reader.take(number, line)
    yield reader.finished()


@dataclass
class TalkReader:
    """Puts the lines of one talk together to turns. `begun`: the line of the turn being read, 0 before the first."""

    form: Form
    talk: RawTalk
    begun: int = 0
    speaker: str = ""
    at: datetime | None = None
    said: list[str] = field(default_factory=list)
    shown: str = ""  # a time on a line of its own, for the turns below it
    after_gap: bool = True
    first_unread: int = 0
    unread: int = 0
    left_out: int = 0
    doubtful: dict[str, int] = field(default_factory=dict)

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        self.after_gap = not line or is_rule(line)
        head = self.form.turn(line) or self.unstamped(line)
        if is_left_out(line):
            self.left_out += 1
        elif head:
            self.begin_turn(number, head)
        elif self.separates(line):
            self.separate(line)
        elif self.begun:
            self.said.append(line)
            self.note_colon(number, line)
        elif line and not is_rule(line) and not self.take_header(line):
            self.unread += 1
            self.first_unread = self.first_unread or number

    def unstamped(self, line: str) -> Head | None:
        """A turn without its time by a known speaker, where texts stand on the line of the speaker."""
        head = None if self.form.alone else loose_form().head(line)
        return head if head and head.speaker in self.form.names else None

    def note_colon(self, number: int, line: str) -> None:
        """Keep in mind a line that may begin with another speaker's name, though it was read as text."""
        head = self.form.head(line)
        if head and not is_key(head.speaker):
            self.doubtful.setdefault(head.speaker, number)

    def begin_turn(self, number: int, head: Head) -> None:
        self.end_turn()
        self.begun, self.speaker, self.said = number, head.speaker, [head.text]
        self.at = self.talk.clock.moment(head.stamp or self.shown, number)

    def end_turn(self) -> None:
        """Hand the turn read so far to the talk: without quotations of others, lines of dashes and placeholders."""
        if not self.begun:
            return
        own = quotation().sub("", "\n".join(self.said).strip())
        text = "\n".join(line for line in own.split("\n") if line and not is_rule(line))
        if text and is_left_out(text):
            self.left_out += 1
        elif text:
            self.talk.say(self.begun, self.speaker, text, self.at)

    def separates(self, line: str) -> bool:
        """Whether a line gives the day or time of the turns below it: only where they do not say it themselves."""
        is_message = self.form.alone and self.said == [""]
        own_day = self.form.dated or is_message
        return not own_day and bool(day_line().fullmatch(line) or relative_day().fullmatch(line))

    def separate(self, line: str) -> None:
        """Take day and time for the turns below; after 昨天 10:12 nobody knows the day."""
        if found := day_line().fullmatch(line):
            self.talk.clock.note(found["stamp"])
        else:
            self.talk.clock.day = None
        shown = found["stamp"] if found else line
        has_clock = re.search(CLOCK, shown, re.IGNORECASE)
        self.shown = shown if has_clock and self.form.untimed else ""

    def take_header(self, line: str) -> bool:
        """Take what a line before the first turn says of the talk; False where it says nothing."""
        found = HEADER_LINE.fullmatch(line)
        name = key_field(found["key"].strip()) if found else None
        if found and name and name not in ("time", "day"):
            self.set_fact(name, found["value"].strip())
            return True
        if not_a_time().search(line):
            return True
        written = WRITTEN_TIME.search(line)
        noted = bool(written and self.talk.clock.note(written[0]))
        return noted or name is not None or talk_line().fullmatch(line) is not None

    def set_fact(self, name: str, value: str) -> None:
        if name == "transcript_id":
            self.talk.given_id = value
        else:
            self.talk.facts.setdefault(name, value)

    def finished(self) -> RawTalk:
        """The talk with what was left out of it."""
        self.end_turn()
        if self.unread:
            self.talk.problems.append(problem("lines_before", self.first_unread, count=self.unread))
        if self.left_out:
            self.talk.problems.append(problem("left_out", self.talk.line, count=self.left_out))
        for name, line in self.doubtful.items():
            self.talk.problems.append(problem("name_in_text", line, said=name))
        return self.talk


def begins_talk(line: str) -> bool:
    """Whether a line names another contact or recording."""
    found = HEADER_LINE.fullmatch(line)
    named = found is not None and key_field(found["key"].strip()) == "transcript_id"
    return named or talk_line().fullmatch(line) is not None


@lru_cache(maxsize=1024)
def key_field(key: str) -> str | None:
    """The field that a header line's key gives; None where it is no such key, but perhaps somebody's name."""
    for name, pattern in chat_words()["header"].items():
        if re.fullmatch(pattern, key):
            return str(name)
    guessed = guess_field(key)
    return guessed if guessed in DATA else None


def is_key(name: str) -> bool:
    return key_field(name) is not None


def stands_apart(line: str) -> bool:
    """Whether a line is nobody's by its looks, wherever it stands."""
    alone = day_line().fullmatch(line) or relative_day().fullmatch(line)
    return bool(alone) or is_left_out(line) or is_rule(line)


def is_left_out(line: str) -> bool:
    return len(line) <= 200 and left_out().fullmatch(line) is not None


def is_rule(line: str) -> bool:
    return bool(line) and rule_line().fullmatch(line) is not None


@cache
def loose_form() -> Form:
    (form,) = (form for form in forms() if form.untimed)
    return form


@cache
def left_out() -> re.Pattern[str]:
    return re.compile("|".join(chat_words()["lines_left_out"]), re.IGNORECASE)


@cache
def rule_line() -> re.Pattern[str]:
    return re.compile(chat_words()["rule_line"])


@cache
def quotation() -> re.Pattern[str]:
    return re.compile(chat_words()["quotation"])


@cache
def relative_day() -> re.Pattern[str]:
    return re.compile(chat_words()["relative_day"])


@cache
def talk_line() -> re.Pattern[str]:
    return re.compile(chat_words()["new_talk"])


@cache
def not_a_time() -> re.Pattern[str]:
    return re.compile(chat_words()["not_a_time"])
