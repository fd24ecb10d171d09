"""How collectors see their scores and object to them, and how leads rule on that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from heyue.access.people import User, operator
from heyue.desk import Desk
from heyue.desk.appeals import CannotAppeal, CannotRule
from heyue.desk.base import NotAllowed
from heyue.review.records import GRANTED, SECOND, UPHELD, UnknownReview
from heyue.review.scorecard import NO, YES
from tests.unit.desk.conftest import ADMIN, COLLECTOR, LEAD, NOW, OTHER_COLLECTOR, REVIEWER, TRAINEE
from tests.unit.desk.review_talks import CONFIRMED, THREAT, add_talk, audited, finished, review_in, work_with

WEEK = timedelta(days=7)


def scored(desk: Desk, handler: str | None = COLLECTOR.login) -> str:
    here = add_talk(desk, THREAT, handler=handler)
    finished(desk, REVIEWER, here, replace(work_with(CONFIRMED, empathy=NO), note="请注意用语"))
    return here


def scores(desk: Desk, user: User) -> list[str]:
    return [each.talk.conversation.conversation_id for each in desk.scores(user)[0]]


def appealed(desk: Desk, here: str) -> int:
    desk.appeal(COLLECTOR, here, "那句话是在引用客户的话", NOW + timedelta(days=1))
    return desk.open_appeals(LEAD)[0][0].appeal_id


def rule(desk: Desk, appeal_id: int, is_granted: bool, changes: Mapping[str, str] | None = None, user: User = LEAD) -> None:
    desk.rule_on_appeal(user, appeal_id, is_granted, "听了录音", changes or {}, NOW + timedelta(days=2))


def test_a_collector_sees_the_final_scores_of_the_own_talks_by_login_and_by_name(desk: Desk) -> None:
    mine, named = scored(desk), scored(desk, COLLECTOR.name)
    scored(desk, OTHER_COLLECTOR.login)
    add_talk(desk, THREAT)
    assert sorted(scores(desk, COLLECTOR)) == sorted([mine, named])


def test_a_score_that_somebody_else_still_judges_is_not_final(desk: Desk) -> None:
    here = scored(desk)
    review_in(desk, here, SECOND)
    assert scores(desk, COLLECTOR) == []
    with pytest.raises(UnknownReview):
        desk.open_score(COLLECTOR, here, NOW)


def test_a_score_shows_the_remarks_and_not_who_made_them(desk: Desk) -> None:
    opened = desk.open_score(COLLECTOR, scored(desk), NOW)
    assert opened.work.note == "请注意用语"
    assert opened.work.answers[0].evidence == ()
    for secret in (REVIEWER.login + "'", REVIEWER.name, "赵明远", "13800138000"):
        assert secret not in repr(opened)
    assert audited(desk)[-1] == "conversation_viewed"


@pytest.mark.parametrize("user", [OTHER_COLLECTOR, REVIEWER, TRAINEE, ADMIN])
def test_the_scores_of_others_are_nobodys_business(desk: Desk, user: User) -> None:
    here = scored(desk)
    with pytest.raises((UnknownReview, NotAllowed)):
        desk.open_score(user, here, NOW)
    with pytest.raises((UnknownReview, NotAllowed)):
        desk.appeal(user, here, "不服", NOW)


def test_an_appeal_has_a_deadline_and_can_be_made_once(desk: Desk) -> None:
    here, late = scored(desk), scored(desk)
    for grounds, at, where, why in (
        (" ", NOW, here, "no_grounds"),
        ("字" * 1001, NOW, here, "no_grounds"),
        ("不服", NOW + WEEK + timedelta(seconds=1), late, "late"),
    ):
        with pytest.raises(CannotAppeal) as refused:
            desk.appeal(COLLECTOR, where, grounds, at)
        assert refused.value.why == why
    desk.appeal(COLLECTOR, here, "不服", NOW + WEEK)
    with pytest.raises(CannotAppeal) as refused:
        desk.appeal(COLLECTOR, here, "还是不服", NOW + WEEK)
    assert refused.value.why == "twice"
    score = desk.open_score(COLLECTOR, here, NOW).score
    assert score.appeal is not None
    assert (score.appeal.grounds, score.appeal.due_at) == ("不服", NOW + 2 * WEEK)
    assert not score.may_be_appealed(NOW)


def test_an_appeal_that_is_turned_down_leaves_the_score(desk: Desk) -> None:
    here = scored(desk)
    rule(desk, appealed(desk, here), is_granted=False, changes={"no_threat": YES})
    score = desk.open_score(COLLECTOR, here, NOW).score
    assert score.appeal is not None
    assert (score.appeal.state, score.appeal.ruling, score.review.points) == (UPHELD, "听了录音", 0.0)
    assert audited(desk)[-2] == "appeal_upheld"
    assert desk.open_appeals(LEAD) == []
    assert len(desk.ruled_appeals(LEAD)) == 1


def test_an_appeal_that_is_granted_scores_the_talk_anew_and_clears_the_flag(desk: Desk) -> None:
    here = scored(desk)
    rule(desk, appealed(desk, here), is_granted=True, changes={"no_threat": YES})
    opened = desk.open_score(COLLECTOR, here, NOW)
    assert opened.score.appeal is not None
    assert (opened.score.appeal.state, opened.score.review.round) == (GRANTED, "appeal")
    assert opened.score.review.points == 92.0  # all but empathy, which weighs 8
    assert desk.rule_health(LEAD).health[0].confirmed == 0
    assert not opened.score.may_be_appealed(NOW)


def test_a_ruling_is_final_and_needs_a_reason(desk: Desk) -> None:
    number = appealed(desk, scored(desk))
    with pytest.raises(CannotRule) as refused:
        desk.rule_on_appeal(LEAD, number, True, " ", {}, NOW)
    assert refused.value.why == "no_reason"
    rule(desk, number, is_granted=True)
    with pytest.raises(CannotRule) as refused:
        rule(desk, number, is_granted=False)
    assert refused.value.why == "ruled"


@pytest.mark.parametrize("user", [COLLECTOR, REVIEWER, TRAINEE, ADMIN])
def test_only_a_lead_rules(desk: Desk, user: User) -> None:
    number = appealed(desk, scored(desk))
    for refused in (
        lambda: rule(desk, number, True, user=user),
        lambda: desk.open_appeals(user),
        lambda: desk.ruled_appeals(user),
    ):
        with pytest.raises(NotAllowed):
            refused()


@pytest.mark.parametrize("user", [LEAD, REVIEWER, TRAINEE, ADMIN])
def test_only_collectors_have_scores_and_appeal(desk: Desk, user: User) -> None:
    here = scored(desk)
    with pytest.raises(NotAllowed):
        desk.scores(user)
    with pytest.raises(NotAllowed):
        desk.appeal(user, here, "不服", NOW)


def test_a_namesake_sees_nobody_elses_score(desk: Desk) -> None:
    for login in (COLLECTOR.login, "namesake"):
        desk.add_user(login, COLLECTOR.name, "collector", "Wolke-7-Regen", operator("test"), NOW)
    namesake = User("namesake", COLLECTOR.name, COLLECTOR.role)
    mine, named = scored(desk), scored(desk, COLLECTOR.name)
    assert scores(desk, COLLECTOR) == [mine]
    assert scores(desk, namesake) == []
    with pytest.raises(UnknownReview):
        desk.open_score(namesake, named, NOW)


def test_who_reviewed_a_talk_does_not_rule_on_its_appeal(desk: Desk) -> None:
    here = add_talk(desk, THREAT)
    finished(desk, LEAD, here, work_with(CONFIRMED, empathy=NO))
    with pytest.raises(CannotRule):
        rule(desk, appealed(desk, here), is_granted=False)
    rule(desk, desk.open_appeals(LEAD)[0][0].appeal_id, is_granted=False, user=replace(LEAD, login="other-lead"))
