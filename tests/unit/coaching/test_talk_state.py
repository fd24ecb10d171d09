"""The state of a talk by table: which step of the contact the next line is for."""

from __future__ import annotations

import pytest

from heyue.coaching.talk_state import state_of


@pytest.mark.parametrize(
    ("own", "asked", "promised", "reason_known", "situation", "state"),
    [
        ([], ["您好，请问是王先生吗？"], False, False, "cooperative", "opening"),
        (["你哪位"], ["您好，请问是王先生吗？"], False, False, "cooperative", "verifying"),
        (["是我，什么事"], ["您好，请问是王先生吗？"], False, False, "cooperative", "reason"),
        (["是我", "滚，一群骗子，不要脸的东西"], ["请问是王先生吗？", "账单"], False, False, "unwilling", "venting"),
        (["是我", "工资没发"], ["请问是王先生吗？", "原因呢"], False, True, "unable_short", "negotiating"),
        (["是我", "周五还两千"], ["请问是王先生吗？", "哪天"], True, True, "cooperative", "confirming"),
        (["是我", "周五还两千", "再见"], ["请问是王先生吗？", "哪天", "好的"], True, True, "cooperative", "closing"),
        (["他去世了"], ["请问是王先生吗？"], False, False, "deceased", "closing"),
        (["打错了"], ["请问是王先生吗？"], False, False, "wrong_party", "closing"),
    ],
)  # fmt: skip
def test_state(
    own: list[str], asked: list[str], promised: bool, reason_known: bool, situation: str, state: str
) -> None:
    assert state_of(own, asked, promised, reason_known, situation) == state
