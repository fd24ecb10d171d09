"""Subtitles (SRT, WebVTT) as lines that begin with their time, as speech recognition writes them."""

from __future__ import annotations

import re

CUE = re.compile(r"(?P<start>\d{1,3}:\d{2}(?::\d{2})?[.,]\d{1,3})\s?-->\s?\d{1,3}:\d{2}.{0,80}")
SPEAKER = re.compile(r"(?:<v\s(?P<voice>[^>]{1,30})>)?(?P<text>.*)")
COLON = re.compile(r"[^:：]{1,30}[:：]")


def without_cues(lines: list[str]) -> list[str]:
    """The same lines, as many of them: cue numbers and times emptied, each time put before the text of its cue.

    A cue that names no speaker goes on with what was said before. Other files come back unchanged.
    """
    cues = [CUE.fullmatch(line) for line in lines]
    if not any(cues):
        return lines
    plain, start = [], ""
    for number, line in enumerate(lines):
        cue = cues[number]
        counted = line.isdigit() and number + 1 < len(lines) and cues[number + 1]
        if cue:
            start = cue["start"]
        text = "" if cue or counted else with_speaker(line)
        named = start and COLON.match(text)
        plain.append(f"[{start}] {text}" if named else text)
        start = "" if text else start
    return plain


def with_speaker(line: str) -> str:
    """A WebVTT voice as a speaker with a colon: <v 坐席>您好 -> 坐席：您好."""
    found = SPEAKER.fullmatch(line)
    if found and found["voice"]:
        return f"{found['voice']}：{found['text'].replace('</v>', '')}"
    return line
