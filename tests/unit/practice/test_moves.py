"""The moves of a line: the model's, and the data it is trained on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from heyue.errors import BadInput
from heyue.practice.move_training import judge_moves, read_moved_lines, train_moves
from heyue.practice.moves import LEARNT, move_model_moves, moves, read_moves
from heyue.training.models import CHECKOUT_DATA

LINES = read_moved_lines(CHECKOUT_DATA / "moves")


def test_every_move_to_be_learnt_has_lines_of_several_voices() -> None:
    count = Counter(move for line in LINES for move in line.moves)
    voices = {move: {line.voice for line in LINES if move in line.moves} for move in LEARNT}
    assert all(count[move] >= 40 for move in LEARNT), count
    assert all(len(voices[move]) >= 2 for move in LEARNT)


def test_computed_moves_are_not_learnt() -> None:
    assert {name for name, move in moves().items() if move.computed} == {
        "repeat", "threat", "disclose", "concede_too_much",
    }  # fmt: skip
    assert not {"repeat", "threat", "disclose", "concede_too_much", "other"} & set(LEARNT)


@pytest.mark.parametrize(
    ("line", "move"),
    [
        ("您好，我是客服小李，工号1024。", "introduce"),
        ("您能说说是什么原因没还上吗？", "ask_reason"),
        ("您可以先还一小部分，或者分三期，您选一个。", "offer_choice"),
        ("马上把钱还了！", "command"),
        ("还款请走官方App。", "pay_way"),
        ("要投诉可以打12378，我也可以帮您登记。", "complaint_channel"),
    ],
)
def test_plain_moves_are_read(line: str, move: str) -> None:
    assert move in read_moves(line)


def test_training_twice_gives_the_same_model() -> None:
    few = LINES[::8]
    texts = [line.text for line in LINES[1::40]]
    assert move_model_moves(train_moves(few), texts) == move_model_moves(train_moves(few), texts)


def test_a_held_out_voice_is_read_better_than_by_chance() -> None:
    voice = LINES[0].voice
    judged = judge_moves([line for line in LINES if line.voice == voice][::2] + [line for line in LINES if line.voice != voice], [voice])
    right = sum(len(each.right & each.given) for each in judged)
    assert right / sum(len(each.right) for each in judged) > 0.5


def test_a_wrong_label_is_named_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"id": "x-1", "text": "好", "moves": ["smile"]}\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"x\.jsonl, line 1.*smile"):
        read_moved_lines(tmp_path)
