"""Several reviewers judge one talk blind and compare; how far double reviews agree."""

from __future__ import annotations

import pytest

from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.desk.calibration import CannotCalibrate
from heyue.desk.review_queue import NotForYou
from heyue.errors import UnknownConversation
from heyue.review.records import CALIBRATION, SECOND
from heyue.review.scorecard import NO
from tests.unit.desk.conftest import COLLECTOR, LEAD, NOW, REVIEWER
from tests.unit.desk.review_talks import (
    CONFIRMED,
    REJECTED,
    SECOND_REVIEWER,
    THREAT,
    add_talk,
    audited,
    finished,
    listed,
    review_in,
    work_with,
)

BOTH = [REVIEWER.login, SECOND_REVIEWER.login]


@pytest.fixture
def here(desk: Desk) -> str:
    """A talk in calibration."""
    with desk.store.transaction() as tx:
        for user in (REVIEWER, SECOND_REVIEWER, COLLECTOR, LEAD):
            tx.add_user(user, None, NOW)
    talk = add_talk(desk, THREAT)
    desk.open_calibration(LEAD, talk, BOTH, NOW)
    return talk


def judge(desk: Desk, here: str, user: object, **changed: str) -> None:
    number = next(each.review_id for each in desk.calibration(user, here).reviews if each.reviewer == user.login)  # type: ignore[arg-type, attr-defined]
    revision = desk.open_review(user, number, NOW).review.revision  # type: ignore[arg-type]
    desk.save_review(user, number, work_with(CONFIRMED, **changed), revision, NOW, is_final=True)  # type: ignore[arg-type]


def test_all_answers_stand_side_by_side_once_all_are_done(desk: Desk, here: str) -> None:
    judge(desk, here, REVIEWER)
    assert desk.calibration(REVIEWER, here).judgements is None
    other = desk.calibration(SECOND_REVIEWER, here)
    assert other.judgements is None
    assert all(each.points is None for each in other.reviews if each.reviewer != SECOND_REVIEWER.login)
    judge(desk, here, SECOND_REVIEWER, empathy=NO)
    found = desk.calibration(SECOND_REVIEWER, here)
    assert found.judgements is not None
    assert {name: said["empathy"] for name, said in found.judgements.items()} == {"zhou": "yes", "wu": "no"}
    assert found.alpha is not None
    assert 0.5 < found.alpha < 1
    assert found.calibration.done == found.calibration.reviewers == 2


def test_a_calibration_is_not_in_the_queue_and_nobody_else_takes_part(desk: Desk, here: str) -> None:
    assert listed(desk, LEAD) == []
    number = desk.calibration(LEAD, here).reviews[0].review_id
    with pytest.raises(NotForYou):
        desk.assign_review(LEAD, number, LEAD.login, NOW)
    assert [each.conversation_id for each, _ in desk.calibrations(REVIEWER)] == [here]
    stranger = add_talk(desk)
    with pytest.raises(UnknownConversation):
        desk.calibration(REVIEWER, stranger)


def test_while_it_lasts_the_ordinary_reviews_of_the_talk_are_hidden(desk: Desk, here: str) -> None:
    first = finished(desk, REVIEWER, here, work_with(REJECTED))
    assert desk.open_review(SECOND_REVIEWER, first, NOW).review.points is None


def test_closing_ends_what_is_not_done_and_reveals_the_rest(desk: Desk, here: str) -> None:
    judge(desk, here, REVIEWER)
    assert desk.note_calibration(LEAD, here, "对“共情”的尺度要统一", 0, NOW)
    assert not desk.note_calibration(LEAD, here, "另一个窗口里写的", 0, NOW)
    assert desk.note_calibration(LEAD, here, "对“共情”的尺度要统一。", 1, NOW, is_closing=True)
    found = desk.calibration(REVIEWER, here)
    assert found.calibration.note == "对“共情”的尺度要统一。"
    assert list(found.judgements or ()) == ["zhou"]
    assert [each.reviewer for each in found.reviews] == ["zhou"]
    assert audited(desk)[-1] == "calibration_closed"


def test_what_cannot_be_calibrated_is_refused_by_name(desk: Desk, here: str) -> None:
    with desk.store.transaction() as tx:
        unread = tx.add_talk("phone", "upload", "unread", NOW).conversation_id
    fresh = add_talk(desk)
    for talk, people, why in ((here, BOTH, "twice"), (unread, BOTH, "unread"), (fresh, ["zhou", "zhou"], "too_few")):
        with pytest.raises(CannotCalibrate) as refused:
            desk.open_calibration(LEAD, talk, people, NOW)
        assert refused.value.why == why
    with pytest.raises(NotForYou):
        desk.open_calibration(LEAD, fresh, ["zhou", COLLECTOR.login], NOW)
    with pytest.raises(NotForYou):
        desk.open_calibration(LEAD, add_talk(desk, handler="zhou"), BOTH, NOW)
    with pytest.raises(UnknownConversation):
        desk.open_calibration(LEAD, "nothing", BOTH, NOW)


def test_only_a_lead_begins_and_closes_and_only_reviewers_look(desk: Desk, here: str) -> None:
    with pytest.raises(NotAllowed):
        desk.open_calibration(REVIEWER, add_talk(desk), BOTH, NOW)
    with pytest.raises(NotAllowed):
        desk.note_calibration(REVIEWER, here, "", 0, NOW)
    for refused in (
        lambda: desk.calibrations(COLLECTOR),
        lambda: desk.calibration(COLLECTOR, here),
        lambda: desk.double_review_agreement(COLLECTOR),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_agreement_is_measured_on_talks_reviewed_twice(desk: Desk) -> None:
    assert desk.double_review_agreement(REVIEWER) == (0, {})
    for verdict in ("yes", "no"):
        talk = add_talk(desk, THREAT)
        review_in(desk, talk, SECOND)
        finished(desk, REVIEWER, talk, work_with(CONFIRMED, empathy=verdict))
        finished(desk, SECOND_REVIEWER, talk, work_with(CONFIRMED, empathy=verdict, courtesy=NO), SECOND)
    finished(desk, REVIEWER, add_talk(desk, THREAT), work_with(CONFIRMED))
    count, found = desk.double_review_agreement(REVIEWER)
    assert count == 2
    assert (found["empathy"].kappa, found["empathy"].alike) == (1.0, 1.0)
    assert (found["courtesy"].kappa, found["courtesy"].alike) == (0.0, 0.0)
    assert found["debtor_type"].alike == 1.0
    assert CALIBRATION not in found
