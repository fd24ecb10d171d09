"""Exercises in which a language model words the debtor: the words are kept, and everything else is as without it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from heyue.desk import Desk
from heyue.practice.debtor import PHONE, replay
from heyue.practice.persona import COOPERATIVE, personas
from heyue.practice.records import BY_KIND, PracticeTalk, Uttered
from heyue.provider_sim.language_model import PATH, ChatModel
from heyue.provider_sim.loopback import Fault
from tests.language_models import stand_in_model
from tests.unit.desk.conftest import CASES, NOW, TRAINEE, desk_over
from tests.unit.desk.test_practice import DAY, HELLO, LISTEN, SECOND

DEBTOR = next(each for each in personas().values() if each.kind == COOPERATIVE and each.channel != PHONE)
TALK = PracticeTalk(
    "t-1", TRAINEE.login, DEBTOR.id, DEBTOR.kind, "easy", 7, BY_KIND, True, NOW, NOW.date(), resumed_at=NOW
)  # fmt: skip
ENDINGS = "啊呀呢嘛哦哈啦"  # another one each time: a model says nothing the same way twice


@pytest.fixture
def worded(tmp_path: Path) -> Iterator[tuple[ChatModel, Desk]]:
    with stand_in_model() as (stand_in, model), desk_over(tmp_path, CASES) as desk:
        numbers = count()
        stand_in.says = lambda line: f"{line.rstrip('。！？')}{ENDINGS[next(numbers) % len(ENDINGS)]}。"
        desk.language_model = model
        yield stand_in, desk


def practised(desk: Desk, *lines: str) -> str:
    """A talk in a chat, where the trainee begins; always the same debtor."""
    with desk.store.transaction() as tx:
        tx.add_practice_talk(TALK, [])
    for number, line in enumerate(lines):
        desk.practise_line(TRAINEE, TALK.talk_id, line, NOW + number * SECOND)
    return TALK.talk_id


def words(desk: Desk, talk_id: str) -> list[str]:
    return [each.text for each in desk.practice(TRAINEE, talk_id, NOW).turns]


def test_the_debtor_speaks_in_the_models_words_and_means_the_handwritten_ones(worded: tuple[ChatModel, Desk]) -> None:
    _, desk = worded
    opened = desk.practice(TRAINEE, practised(desk, HELLO, LISTEN), NOW)
    changed = [each for each in opened.turns if each.handwritten]
    assert len(changed) == 2
    assert all(each.text != each.handwritten and each.text[-2] in ENDINGS for each in changed)
    assert opened.exercise is not None
    assert [each.text for each in opened.exercise.turns] == [each.text for each in opened.turns]


def test_the_words_stay_when_the_talk_is_opened_again_also_without_the_model(worded: tuple[ChatModel, Desk]) -> None:
    stand_in, desk = worded
    here = practised(desk, HELLO, LISTEN)
    before, asked = words(desk, here), len(stand_in.heard)
    desk.language_model = None
    assert words(desk, here) == before
    assert desk.practice(TRAINEE, here, NOW).exercise is not None
    desk.practise_line(TRAINEE, here, "您慢慢说。", NOW + DAY)
    assert words(desk, here)[: len(before)] == before
    assert len(stand_in.heard) == asked


def test_the_same_line_after_an_undo_is_answered_in_the_same_words(worded: tuple[ChatModel, Desk]) -> None:
    stand_in, desk = worded
    here = practised(desk, HELLO, LISTEN)
    branch = desk.branch_practice(TRAINEE, here, NOW + DAY).talk_id
    asked = len(stand_in.heard)
    desk.practise_line(TRAINEE, branch, LISTEN, NOW + DAY + SECOND)
    assert words(desk, branch) == words(desk, here)
    assert len(stand_in.heard) == asked
    other = desk.branch_practice(TRAINEE, branch, NOW + DAY).talk_id
    desk.practise_line(TRAINEE, other, "您慢慢说。", NOW + DAY + SECOND)
    assert words(desk, other)[:-2] == words(desk, here)[:-2]


def test_the_report_quotes_the_words_that_were_said(worded: tuple[ChatModel, Desk]) -> None:
    _, desk = worded
    here = practised(desk, HELLO, LISTEN)
    assert desk.finish_practice(TRAINEE, here, None, NOW + DAY)
    report = desk.practice_report(TRAINEE, here)
    assert report is not None
    assert [each.text for each in report.transcript.turns] == words(desk, here)


def test_the_talk_goes_the_way_it_goes_without_the_model(worded: tuple[ChatModel, Desk]) -> None:
    _, desk = worded
    opened = desk.practice(TRAINEE, practised(desk, HELLO, LISTEN), NOW)
    said = [(each.text, TALK.time_of(each)) for each in opened.turns[::2]]
    without = replay(DEBTOR, "easy", 7, TALK.set_at, said)
    assert [each.text for each in without.turns] == [each.handwritten or each.text for each in opened.turns]
    assert opened.exercise is not None
    assert opened.exercise.state == without.state


def test_a_debtor_whose_model_fails_speaks_as_he_does_without_it(worded: tuple[ChatModel, Desk]) -> None:
    stand_in, desk = worded
    stand_in.faults.append(Fault(PATH, {}, status=500))
    stand_in.replies.append("我是一个语言模型。")
    opened = desk.practice(TRAINEE, practised(desk, HELLO, LISTEN), NOW)
    assert [each.handwritten for each in opened.turns] == [None] * 4


def test_words_kept_before_there_was_a_model_are_read(tmp_path: Path) -> None:
    """The store holds them as lists of three."""
    with desk_over(tmp_path, CASES) as desk:
        here = practised(desk, HELLO)
        with desk.store.transaction() as tx:
            old = [list(each[:3]) for each in tx.practice_turns(here)]
            tx.put_practice_turns(here, 2, old, NOW)  # type: ignore[arg-type]
            assert all(isinstance(each, Uttered) and each.handwritten is None for each in tx.practice_turns(here))
