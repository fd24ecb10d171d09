"""A few talks, lines and messages of two voices, laid out as nlu_data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SAID = {
    "victim": ["我真的没办法了，孩子住院", "求求你别逼我，我也不想的", "命太苦了"],
    "provocative": ["你算什么东西", "有本事来抓我啊", "再打我骂死你"],
    "undetermined": ["好的知道了", "我看一下账单", "周五给你还500"],
}
SITUATION = {"victim": "unable_long", "provocative": "unwilling", "undetermined": "cooperative"}
LINES = [
    ("您好，请问是王先生吗", []),
    ("请您周五前处理", []),
    ("你就是个骗子无赖", ["abuse"]),
    ("再不还打断你的腿", ["violence_threat"]),
]
MOVES = [("您好，请问是王先生吗", ["verify"]), ("您打算哪天还", ["ask_day"]), ("嗯", ["other"])]


def talk(identifier: str, debtor_type: str, ending: str, family: str) -> dict[str, Any]:
    turns = [{"speaker": "collector", "text": "您好，您有一笔欠款", "at": "2026-11-23T10:05:00+08:00"}]
    turns += [{"speaker": "borrower", "text": text + ending} for text in SAID[debtor_type]]
    gold = {"debtor_type": debtor_type, "situation": SITUATION[debtor_type], "reason": None, "promises": []}
    return {"id": identifier, "family": family, "turns": turns, "gold": gold | {"violations": []}}


def write_data(folder: Path) -> Path:
    """A folder of training data with two voices."""
    for voice, endings, weight in (("north", ("", "啊", "。"), 1), ("south", ("啦", "喔", "！"), 3)):
        talks = [
            talk(f"{voice}-{name}-{ending}", name, ending, f"{voice}-{ending}") | {"weight": weight}
            for name in SAID
            for ending in endings
        ]
        lines = [
            {"id": f"{voice}-{n}-{e}", "text": text + e, "gold": rules}
            for n, (text, rules) in enumerate(LINES)
            for e in endings
        ]
        _write(folder / "types" / f"{voice}.jsonl", talks)
        _write(folder / "lines" / f"{voice}.jsonl", lines)
        said = [{"id": f"{voice}-{n}", "text": text, "moves": held} for n, (text, held) in enumerate(MOVES)]
        _write(folder / "moves" / f"{voice}.jsonl", said)
    return folder


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
