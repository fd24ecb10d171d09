"""Reasons against the table tests/data/reasons.jsonl, by a model trained here on all of nlu_data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from heyue.errors import Broken
from heyue.understanding import reason_talks, reasons
from heyue.understanding.lexicon import load_data
from heyue.understanding.linear_text import Blocks, LinearText, Scales
from heyue.understanding.reason_concepts import concept_flags
from heyue.understanding.reason_talks import (
    both_sides,
    collector_words,
    reasons_by_both,
    talk_input,
    talk_reason,
)
from heyue.understanding.reason_training import (
    collector_examples,
    read_reasons,
    read_talks,
    train_reasons,
    train_reasons_by_collector,
    train_talk_reasons,
)
from heyue.understanding.script import simplify

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "tests" / "data" / "reasons.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
NAMES = [f"{case['id']} {case['given']}" for case in CASES]


@pytest.fixture(scope="module")
def model() -> LinearText:
    return train_reasons(ROOT / "nlu_data")


@pytest.fixture
def trained(model: LinearText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "reason_model", lambda: model)


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "reason_model", lambda: None)


@pytest.fixture(scope="module")
def talks_model(model: LinearText) -> LinearText:
    return train_talk_reasons(ROOT / "nlu_data", model)


@pytest.fixture(scope="module")
def collector_model() -> LinearText:
    return train_reasons_by_collector(ROOT / "nlu_data")


@pytest.fixture
def trained_on_talks(
    trained: None, talks_model: LinearText, collector_model: LinearText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reason_talks, "talk_model", lambda: talks_model)
    monkeypatch.setattr(reason_talks, "collector_model", lambda: collector_model)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_reason(case: dict) -> None:
    code, confidence = reasons.reason_of(case["given"])
    assert code == case["expect"], case["why"]
    assert 0.0 < confidence <= 1.0


@pytest.mark.usefixtures("untrained")
def test_wordings_alone_carry_until_a_model_is_trained() -> None:
    right = sum(reasons.reason_of(case["given"])[0] == case["expect"] for case in CASES)
    assert right >= 0.9 * len(CASES)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("text", ["", " ", "。", "👍", "\x00", "a" * 5000, "𠮷", "123456", "[语音]"])
def test_nothing_said_gives_no_reason(text: str) -> None:
    assert reasons.reason_of(text)[0] is None


@pytest.mark.usefixtures("trained")
def test_traditional_script_reads_the_same() -> None:
    assert (
        reasons.reason_of("公司還沒發薪水")[0] == reasons.reason_of("公司还没发薪水")[0] == "salary_delayed"
    )


def test_codes_of_wordings_model_and_data_agree(model: LinearText) -> None:
    assert set(load_data("reasons.yml")) == {*reasons.REASONS, "blank"}
    assert sorted(reasons.MORE_TELLING_FIRST) == sorted(reasons.REASONS)
    assert set(model.labels) == {*reasons.REASONS, reasons.NO_REASON}
    assert {line.label for line in read_reasons(ROOT / "nlu_data" / "messages")} == set(model.labels)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("不会忘的", []),
        ("累死了", []),
        ("我不是不想还", []),
        ("忘了", ["forgot"]),
        ("沒發工資", ["salary_delayed"]),
    ],
)
def test_courtesies_and_denials_are_no_wording(text: str, codes: list[str]) -> None:
    assert reasons.worded_reasons(simplify(text)) == codes


TALKS = [
    (["喂，哪位？", "厂里两个月没发工资了", "发了马上给你转", "好，再见"], "salary_delayed"),
    (["我在住院，腿上打着钢板", "医生说还得躺一个月", "我妹妹在给我凑，凑到就还"], "illness"),
    (["你们多扣了我两百手续费", "不把这笔费用说清楚我不还", "退给我再谈"], "dispute"),
    (["我是他同事，他不在", "不知道他去哪了", "你打他手机吧"], None),
    (["嗯", "知道了，周五还", "好的再见"], None),
    ([], None),
    (["", " "], None),
]


@pytest.mark.usefixtures("trained_on_talks")
@pytest.mark.parametrize(("turns", "expected"), TALKS)
def test_main_reason_of_a_talk(turns: list[str], expected: str | None) -> None:
    code, confidence = talk_reason(turns)
    assert code == expected
    assert 0.0 < confidence <= 1.0


def test_what_the_collector_speaks_of_is_context_and_no_word_of_the_borrower(model: LinearText) -> None:
    masked, blocks = talk_input(["系", "仲要等"], model, ["老板没发工资吗"])
    assert "asked@boss>not_paid" in blocks.flags
    assert "工资" not in masked
    assert not any(flag.startswith("asked@") for flag in talk_input(["老板没发工资"], model)[1].flags)


def test_what_nobody_answers_is_no_context() -> None:
    said = [(False, "在吗"), (False, "厂里没发粮吗"), (True, "系"), (True, "等下"), (False, "投诉可拨12378")]
    assert both_sides(said) == (["系", "等下"], ["在吗", "厂里没发粮吗"])


@pytest.mark.usefixtures("trained_on_talks")
def test_what_a_person_answers_tells_what_he_has_heard() -> None:
    said, heard = ["人在床上躺着呢", "嗯"], ["您好，这期逾期八天了", "您先安心养病，把住院的病历发我，我帮您申请延期"]
    assert talk_reason(said, heard)[0] == "illness"
    assert talk_reason(said, heard)[1] > talk_reason(said, heard[:1])[1]


def sure_of(*shares: float) -> LinearText:
    """A model that always gives these shares of illness and of no reason."""
    return LinearText(("illness", "none"), (), np.zeros(0), np.zeros((3, 2)), np.log(shares), Scales())


@pytest.mark.parametrize(
    ("asked", "expected", "share"),
    # of both together: half of (log(0.4 / 0.6) + log(0.9 / 0.1)) / 0.6 for illness against none
    [((), None, 0.6), (("先养病",), "illness", 0.817)],
)
def test_the_second_model_counts_where_the_collector_has_said_something(
    asked: tuple[str, ...], expected: str | None, share: float
) -> None:
    nothing = np.zeros(3, dtype=np.float32)
    own, collector = Blocks("嗯", "", nothing), Blocks(collector_words(asked), "", nothing)
    ((code, sure),) = reasons_by_both(sure_of(0.4, 0.6), sure_of(0.9, 0.1), [own], [collector])
    assert code == expected
    assert sure == pytest.approx(share, abs=0.001)


def test_models_that_know_other_reasons_are_refused() -> None:
    other = LinearText(("forgot", "none"), (), np.zeros(0), np.zeros((3, 2)), np.zeros(2), Scales())
    with pytest.raises(Broken, match="make train"):
        reasons_by_both(sure_of(0.5, 0.5), other, [], [])


@pytest.mark.parametrize(("answers", "heard"), [(1, [1]), (3, [1, 3]), (4, [1, 3, 4])])
def test_the_collectors_words_are_learnt_from_as_talks_begin_too(answers: int, heard: list[int], tmp_path: Path) -> None:
    turns = [
        {"speaker": speaker, "text": "嗯"} for _ in range(answers) for speaker in ("collector", "borrower")
    ]
    (tmp_path / "voice.jsonl").write_text(json.dumps({"turns": turns, "gold": {"reason": "away"}}), encoding="utf-8")
    (talk,) = read_talks(tmp_path)
    examples = collector_examples(talk)
    assert [example.masked.count("\n") + 1 for example in examples] == heard
    assert [example.weight for example in examples] == [*(0.3 for _ in heard[:-1]), 1.0]


@pytest.mark.usefixtures("untrained")
def test_clearest_turn_decides_until_a_model_is_trained() -> None:
    assert talk_reason(["喂", "工资没发", "好的"])[0] == "salary_delayed"
    assert talk_reason(["喂", "好的"])[0] is None


@pytest.mark.parametrize(
    ("plain", "near"),
    [
        ("我妈住院了", "family>sickness"),
        ("老板没发工资", "boss>not_paid"),
        ("手机拿着", None),
        ("我妈说好天气适合出去走走看看风景然后住院", None),
    ],
)
def test_concepts_near_each_other_are_paired(plain: str, near: str | None) -> None:
    flags = concept_flags(plain)
    assert near in flags if near else not any(flag in flags for flag in ("family>sickness", "body"))


def test_words_of_concepts_stand_under_one_name_each() -> None:
    words = [word for listed in load_data("reason_concepts.yml").values() for word in listed.split()]
    assert len(words) == len(set(words))
