"""What a collector does with a line: learnt moves by a model trained here, computed ones by their rules."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from heyue.conduct import line_check
from heyue.conduct.line_check import known_lines
from heyue.conduct.line_training import read_lines, train_lines
from heyue.errors import BadInput, Broken
from heyue.practice import moves
from heyue.practice.concession import concedes_too_much
from heyue.practice.move_cues import move_flags
from heyue.practice.move_training import read_move_lines, train_moves
from heyue.practice.moves import known_moves, learnt_moves, read_moves
from heyue.records import Case
from heyue.settings import ZONE
from heyue.training.evaluation import Extent
from heyue.training.move_evaluation import judge_moves, micro_f1, move_section
from heyue.training.report import Run
from heyue.understanding.linear_text import LinearText, mask

DATA = Path(__file__).parents[3] / "nlu_data"
NOW = datetime(2026, 11, 26, 10, tzinfo=ZONE)
CASE = Case("c1", "李小满", "云杉小额贷款", 680_000, NOW.date(), id_last4="3321", product="安心贷")


@pytest.fixture(scope="module")
def model() -> LinearText:
    return train_moves(read_move_lines(DATA / "moves"))


@pytest.fixture(scope="module")
def rules_model() -> LinearText:
    return train_lines(read_lines(DATA / "lines"))


@pytest.fixture(autouse=True)
def _trained(model: LinearText, rules_model: LinearText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "move_model", lambda: model)
    monkeypatch.setattr(line_check, "line_model", lambda: rules_model)
    known_moves.cache_clear()
    known_lines.cache_clear()


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("您好，我是云杉消费金融的客服，工号6120，请问是李小满先生本人吗？", {"introduce", "verify"}),
        ("您先别急，慢慢说，我在听。", {"listen"}),
        ("听得出来您现在特别生气。", {"name_feeling"}),
        ("这是我们的失误，我向您道歉。", {"apologise_fault"}),
        ("这个月是什么原因没有还上呢？", {"ask_reason"}),
        ("您的工资每个月几号发？", {"ask_income"}),
        ("那您具体哪一天还？", {"ask_day"}),
        ("您大概能还多少呢？", {"ask_amount"}),
        ("您自己觉得怎么安排比较合适？", {"open_question"}),
        ("逾期会如实报送征信，违约金也按合同计算。", {"truthful_consequence"}),
        ("要么分三期，要么月底一次还清，您看选哪个？", {"offer_choice"}),
        ("今天先还一百，开个头好不好？", {"small_step"}),
        ("没问题，就按您说的办。", {"accept_offer"}),
        ("三百太少了，能不能加到八百？", {"counter_offer"}),
        ("我跟您确认一下，20号还1500，对吗？", {"read_back"}),
        ("在官方App里点“立即还款”就可以，不要转给个人。", {"pay_way"}),
        ("您要投诉的话可以打12378，我也可以现在给您登记。", {"complaint_channel"}),
        ("那您先忙，我明天上午再联系您。", {"postpone"}),
        ("谢谢您，再见。", {"thank_close"}),
        ("借钱的时候怎么不说难？做人要讲信用。", {"blame"}),
        ("呵呵，您接着编。", {"sarcasm"}),
        ("马上把钱还上！", {"command"}),
        ("今天五点前不还，后果自负。", {"ultimatum"}),
        ("别说这些没用的，快点说重点。", {"hurry"}),
        ("您幾號出糧？", {"ask_income"}),
    ],
)  # fmt: skip
def test_a_line_is_read_with_its_moves(line: str, made: set[str]) -> None:
    assert made <= read_moves(line)


@pytest.mark.parametrize("line", ["嗯", "喂？", "稍等一下，我查一下系统"])
def test_a_line_without_a_move_is_other(line: str) -> None:
    assert read_moves(line) == {"other"}


@pytest.mark.parametrize(
    ("line", "is_threat"),
    [("再不还就打断你的腿", True), ("我把你的照片发到你们小区群里", True), ("您看哪天方便？", False)],
)
def test_a_broken_rule_is_a_threat(line: str, is_threat: bool) -> None:
    assert ("threat" in read_moves(line)) is is_threat


@pytest.mark.parametrize(
    ("line", "is_verified", "tells"),
    [
        ("您的贷款已经逾期了", False, True),
        ("您的貸款已經逾期了", False, True),
        ("您欠我们的钱什么时候给", False, True),
        ("有五千块的事要找您谈", False, True),
        ("您的安心贷有点情况", False, True),
        ("尾号3321是您吗", False, True),
        ("您的贷款已经逾期了", True, False),
        ("云杉小额贷款，工号6120，请问是本人吗", False, False),
    ],
)
def test_a_debt_named_before_verification_is_disclosed(line: str, is_verified: bool, tells: bool) -> None:
    assert ("disclose" in read_moves(line, is_verified=is_verified, case=CASE)) is tells


def test_without_a_case_the_words_of_debt_still_disclose() -> None:
    assert "disclose" in read_moves("您有一笔欠款", is_verified=False)


@pytest.mark.parametrize(
    ("line", "earlier", "again"),
    [
        ("您打算哪一天还这笔钱呢", ["您打算哪一天还这笔钱"], True),
        ("您打算哪一天还这笔钱呢", ["您好，请问是本人吗"], False),
        ("几号？", ["那几号呢", "几号"], True),
        ("好的", ["好的，您慢慢说，我一条一条记下来"], False),
        ("嗯", ["您好，我是云杉消费金融的客服"], False),
        ("？？", ["……"], False),
        ("您看哪天方便还这笔钱？", ["您看，哪天方便还這筆錢"], True),
    ],
)
def test_what_was_said_before_is_a_repeat(line: str, earlier: list[str], again: bool) -> None:
    assert ("repeat" in read_moves(line, earlier)) is again


@pytest.mark.parametrize(
    ("line", "too_much"),
    [
        ("行，利息全给您免了", True),
        ("您只还本金就行", True),
        ("剩下的就算了吧", True),
        ("我做主，给您减免五百利息", True),
        ("不用还利息了", True),
        ("我幫您把徵信記錄刪掉", True),
        ("保证不给您报征信", True),
        ("可以，给您分十二期", True),
        ("没事，半年后再还也行", True),
        ("本金不能减免", False),
        ("可以申请减免利息，结果以审批为准", False),
        ("谁跟您说能免利息的？", False),
        ("征信记录谁也删不掉", False),
        ("还清以后记录保留5年", False),
        ("可以，给您分三期", False),
        ("十二期批不了，最多四期", False),
        ("三个月后再还太久了", False),
        ("三天后还也行", False),
        ("利息照算，这个我得说清楚", False),
        ("拖到明年？", False),
    ],
)
def test_what_the_policy_does_not_allow_is_conceded(line: str, too_much: bool) -> None:
    assert concedes_too_much(line) is too_much
    assert ("concede_too_much" in read_moves(line)) is too_much


@pytest.mark.parametrize(
    ("line", "too_much"),
    [("可以，那就2月3号还", True), ("可以，那就12月3号还", False), ("2月3号太晚了", False)],
)
def test_a_day_past_the_horizon_is_conceded(line: str, too_much: bool) -> None:
    assert concedes_too_much(line, NOW) is too_much
    assert not concedes_too_much(line)


def test_every_move_is_named_and_every_learnt_one_has_cues_and_lines() -> None:
    assert {move.effect for move in moves.moves().values()} == {"soothes", "builds", "presses", "neutral"}
    assert {move for line in read_move_lines(DATA / "moves") for move in line.moves} == set(learnt_moves())
    assert {"repeat", "threat", "disclose", "concede_too_much", "other"} == set(moves.moves()) - set(
        learnt_moves()
    )


def test_cues_are_flags_of_the_masked_line() -> None:
    assert {"thank_close", "questions: 0"} <= set(move_flags(mask("多謝晒，再見")))
    assert {"ask_day", "ends asking", "questions: 1"} <= set(move_flags(mask("那几号呢？")))


@pytest.mark.parametrize("row", [{"text": "喂", "moves": ["shout"]}, {"text": "喂", "moves": []}, {"text": "喂"},
                                 {"text": "喂", "moves": ["other", "hurry"]}])  # fmt: skip
def test_wrong_labels_are_named(row: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "voice.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(BadInput, match=r"voice\.jsonl, line 1"):
        read_move_lines(tmp_path)


def test_one_voice_is_too_few() -> None:
    with pytest.raises(BadInput, match="two voices"):
        train_moves([line for line in read_move_lines(DATA / "moves") if line.voice == "baoding"][:20])


def test_a_held_out_voice_is_judged_whole_and_reported() -> None:
    judged = judge_moves(read_move_lines(DATA / "moves"), "yangzhou")
    assert {each.voice for each in judged} == {"yangzhou"}
    assert len(judged) == 420
    assert micro_f1(judged) > 0.6
    section = "\n".join(move_section(judged, Run("moves", Extent(), DATA, 60.0)))
    assert all(f"| {move} |" in section for move in learnt_moves())


def test_an_untrained_model_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(moves, "MODEL_FILE", tmp_path / "moves.npz")
    moves.move_model.cache_clear()
    with pytest.raises(Broken, match="make train"):
        moves.move_model()
