"""How a review is made: saved, finished, blind to others, compared, adjudicated; what becomes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heyue.access.people import User
from heyue.coaching.transcript import transcript_from_dict
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.desk.review_queue import NotForYou
from heyue.desk.review_work import Saved, SavedElsewhere, Unfinished
from heyue.desk.reviewed_talk import NotRead
from heyue.errors import BadInput
from heyue.review.labels import Flag
from heyue.review.records import ADJUDICATION, FINISHED, SECOND, ReviewFilter, UnknownReview, counted
from heyue.review.scorecard import NO, YES, Answer, Quote
from heyue.review.work import BadWork, FlagVerdict, ReviewWork
from tests.unit.desk.conftest import ADMIN, COLLECTOR, LEAD, NOW, REVIEWER, TRAINEE
from tests.unit.desk.review_talks import (
    CONFIRMED,
    PROMISE,
    REJECTED,
    SAID,
    SECOND_REVIEWER,
    THREAT,
    add_talk,
    audited,
    finished,
    review_in,
    work_with,
)

ADDED = FlagVerdict(4, "false_concession", is_confirmed=True, is_added=True)


def claimed(desk: Desk, user: User = REVIEWER) -> int:
    number = review_in(desk, add_talk(desk, THREAT))
    desk.claim_review(user, number, NOW)
    return number


def counting(desk: Desk, here: str) -> tuple[str, float | None] | None:
    with desk.store.reading() as tx:
        found = counted(tx.reviews_of(here))
    return (found.round, found.points) if found else None


def test_a_review_shows_the_masked_talk_and_the_look_is_audited(desk: Desk) -> None:
    opened = desk.open_review(REVIEWER, claimed(desk), NOW)
    assert opened.may_edit
    for secret in ("赵明远", "13800138000"):
        assert secret not in repr(opened)
    assert audited(desk)[-1] == "conversation_viewed"


def test_a_draft_is_kept_and_opened_again(desk: Desk) -> None:
    number = claimed(desk)
    work = ReviewWork(
        (Answer("says_who", YES, (Quote(0, "请问是赵*远先生吗"),), "清楚"),), (REJECTED, ADDED), {2: "这里失礼"},
        {"reason": None, "promises": [PROMISE]}, "总体尚可",
    )  # fmt: skip
    saved = desk.save_review(REVIEWER, number, work, 1, NOW)
    assert isinstance(saved, Saved)
    assert (saved.review.state, saved.review.points) == ("claimed", None)
    assert desk.refresh_review(REVIEWER, number, NOW).work == work


def test_who_saves_upon_an_old_revision_is_told_and_overwrites_nothing(desk: Desk) -> None:
    number = claimed(desk)
    first, second = replace(work_with(), note="甲"), replace(work_with(), note="乙")
    assert isinstance(desk.save_review(REVIEWER, number, first, 1, NOW), Saved)
    assert desk.save_review(REVIEWER, number, second, 1, NOW) == SavedElsewhere()
    assert desk.refresh_review(REVIEWER, number, NOW).work.note == "甲"


def test_nothing_is_saved_over_a_finished_review(desk: Desk) -> None:
    number = finished(desk, REVIEWER, add_talk(desk, THREAT), work_with(CONFIRMED))
    review = desk.refresh_review(REVIEWER, number, NOW).review
    assert desk.save_review(REVIEWER, number, work_with(REJECTED), review.revision, NOW) == SavedElsewhere()
    assert not desk.refresh_review(REVIEWER, number, NOW).may_edit


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (ReviewWork((Answer("says_who", YES, (Quote(0, "没说过的话"),)),)), "quote"),
        (ReviewWork((Answer("says_who", YES, (Quote(99, "您好"),)),)), "quote"),
        (ReviewWork(verdicts=(FlagVerdict(1, "abuse", True, True),)), "flag"),
        (ReviewWork(verdicts=(FlagVerdict(0, "rude", True, True),)), "flag"),
        (ReviewWork(labels={"situation": "rich"}), "label"),
        (ReviewWork(labels={"promises": [PROMISE | {"end": "2026-12-01"}]}), "promise_days"),
        (ReviewWork(labels={"promises": [PROMISE | {"amount": "两千"}]}), "promise_amount"),
    ],
)
def test_work_that_cannot_be_is_refused_by_name(desk: Desk, work: ReviewWork, why: str) -> None:
    number = claimed(desk)
    with pytest.raises(BadWork) as refused:
        desk.save_review(REVIEWER, number, work, 1, NOW)
    assert refused.value.why == why


def test_an_item_that_the_card_does_not_have_is_refused(desk: Desk) -> None:
    with pytest.raises(BadInput):
        desk.save_review(REVIEWER, claimed(desk), ReviewWork((Answer("smile", YES),)), 1, NOW)


def test_a_review_is_finished_only_when_all_is_decided_and_fits_together(desk: Desk) -> None:
    number = claimed(desk)
    bare = replace(work_with(), answers=work_with().answers[1:])
    unfinished = desk.save_review(REVIEWER, number, bare, 1, NOW, is_final=True)
    assert isinstance(unfinished, Unfinished)
    assert unfinished.missing == (("says_who",), (THREAT,))
    against = desk.save_review(REVIEWER, number, work_with(CONFIRMED, no_threat=YES), 1, NOW, is_final=True)
    assert isinstance(against, Unfinished)
    assert against.contradictory == ("no_threat",)
    assert desk.refresh_review(REVIEWER, number, NOW).review.revision == 1


def test_a_finished_review_has_points_and_every_decision_is_audited(desk: Desk) -> None:
    here = add_talk(desk, THREAT)
    work = replace(work_with(REJECTED, ADDED, empathy=NO, truthful=NO), labels={"debtor_type": "evasive"})
    number = finished(desk, REVIEWER, here, work)
    review = desk.refresh_review(REVIEWER, number, NOW).review
    assert (review.state, review.points, review.is_vetoed) == ("done", 0.0, True)
    events = audited(desk)
    assert {"review_saved", "review_finished", "label_changed", "flag_rejected", "flag_added"} <= set(events)
    assert events.count("label_changed") == 1


def test_labels_that_were_left_alone_are_the_reviewers_from_then_on(desk: Desk) -> None:
    here = add_talk(desk, THREAT)
    number = finished(desk, REVIEWER, here, work_with(CONFIRMED))
    labels = desk.refresh_review(REVIEWER, number, NOW).work.labels
    assert labels == {
        "debtor_type": "promiser", "situation": "cooperative", "reason": "salary_delayed", "promises": [PROMISE],
    }  # fmt: skip


def test_a_second_reviewer_is_blind_to_the_first_until_both_are_done(desk: Desk) -> None:
    here = add_talk(desk, THREAT)
    second = review_in(desk, here, SECOND)
    first = finished(desk, REVIEWER, here, replace(work_with(CONFIRMED), note="初评的话"))
    desk.claim_review(SECOND_REVIEWER, second, NOW)
    for user in (SECOND_REVIEWER, LEAD):
        opened = [desk.open_review(user, number, NOW) for number in (first, second)]
        assert "初评的话" not in repr(opened)
        assert opened[0].review.points is None
        (line,) = desk.review_queue(user, ReviewFilter(view=FINISHED), NOW).lines
        assert (line.review.points, line.review.is_vetoed) == (None, None)
    assert desk.open_review(REVIEWER, first, NOW).work.note == "初评的话"
    assert counting(desk, here) is None
    finished(desk, SECOND_REVIEWER, here, work_with(CONFIRMED), SECOND)
    (other,) = desk.open_review(SECOND_REVIEWER, second, NOW).others
    assert other.work.note == "初评的话"


def test_two_reviews_that_agree_need_no_adjudication(desk: Desk) -> None:
    here = add_talk(desk, THREAT)
    review_in(desk, here, SECOND)
    finished(desk, REVIEWER, here, work_with(CONFIRMED))
    finished(desk, SECOND_REVIEWER, here, work_with(CONFIRMED), SECOND)
    assert counting(desk, here) == ("first", 0.0)


def test_two_that_differ_are_adjudicated_from_their_common_ground(desk: Desk) -> None:
    here = add_talk(desk, THREAT)
    review_in(desk, here, SECOND)
    finished(desk, REVIEWER, here, work_with(CONFIRMED))
    finished(desk, SECOND_REVIEWER, here, work_with(REJECTED, empathy=NO), SECOND)
    assert counting(desk, here) is None
    (line,) = desk.review_queue(LEAD, ReviewFilter(), NOW).lines
    assert (line.review.round, line.review.why) == (ADJUDICATION, "disagreement")
    desk.claim_review(LEAD, line.review.review_id, NOW)
    opened = desk.open_review(LEAD, line.review.review_id, NOW)
    assert {each.review.round for each in opened.others} == {"first", "second"}
    assert {each.item for each in work_with().answers} - {each.item for each in opened.work.answers} == {
        "empathy", "no_threat",
    }  # fmt: skip
    assert opened.work.verdicts == ()
    work = work_with(REJECTED)
    desk.save_review(LEAD, line.review.review_id, work, opened.review.revision, NOW, is_final=True)
    assert counting(desk, here) == (ADJUDICATION, 100.0)


def test_the_machine_answers_as_the_verdicts_on_flags_stand(desk: Desk) -> None:
    number = claimed(desk)
    before = {each.item: each for each in desk.proposed_answers(REVIEWER, number, (), NOW)}
    assert before["no_threat"].verdict == NO
    assert "13800138000" not in repr(before)
    after = {each.item: each for each in desk.proposed_answers(REVIEWER, number, (REJECTED, ADDED), NOW)}
    assert (after["no_threat"].verdict, after["truthful"].verdict) == (YES, NO)
    work = ReviewWork(tuple(before.values()))
    assert isinstance(desk.save_review(REVIEWER, number, work, 1, NOW), Saved)  # its masked quotes stand in the talk


def test_only_who_has_a_review_saves_it(desk: Desk) -> None:
    number = claimed(desk)
    with pytest.raises(NotForYou):
        desk.save_review(SECOND_REVIEWER, number, work_with(), 1, NOW)
    assert not desk.open_review(SECOND_REVIEWER, number, NOW).may_edit


def test_a_talk_that_was_not_read_yet_cannot_be_reviewed(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        here = tx.add_talk("phone", "upload", "unread", NOW).conversation_id
    with pytest.raises(NotRead):
        desk.open_review(REVIEWER, review_in(desk, here), NOW)


@pytest.mark.parametrize("user", [TRAINEE, COLLECTOR, ADMIN])
def test_who_does_not_review_opens_and_saves_none(desk: Desk, user: User) -> None:
    number = claimed(desk)
    with pytest.raises(NotAllowed):
        desk.open_review(user, number, NOW)
    with pytest.raises(NotAllowed):
        desk.proposed_answers(user, number, (), NOW)
    with pytest.raises(NotForYou):
        desk.save_review(user, number, work_with(), 1, NOW)


def test_an_adjudication_does_not_exist_for_a_reviewer_before_it_is_done(desk: Desk) -> None:
    number = review_in(desk, add_talk(desk, THREAT), ADJUDICATION)
    with pytest.raises(UnknownReview):
        desk.open_review(REVIEWER, number, NOW)


# what becomes of reviews


def test_rules_are_as_healthy_as_the_last_verdicts_say(desk: Desk) -> None:
    first, second = add_talk(desk, THREAT), add_talk(desk, THREAT)
    finished(desk, REVIEWER, first, work_with(CONFIRMED))
    finished(desk, REVIEWER, second, work_with(REJECTED, ADDED, truthful=NO))
    found = desk.rule_health(REVIEWER)
    ((rule, hits, confirmed),) = [each[:3] for each in found.health]
    assert (rule, hits, confirmed) == ("exposure_threat", 2, 1)
    assert [(each.conversation_id, each.turn) for each in found.rejected] == [(second, 2)]
    assert [(each.conversation_id, each.rule) for each in found.missed] == [(second, "false_concession")]
    assert found.latest is None
    with pytest.raises(NotAllowed):
        desk.rule_health(COLLECTOR)


@pytest.mark.parametrize(("most", "latest"), [(1, 1), (2, None)])
def test_rule_health_says_when_it_leaves_earlier_reviews_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, most: int, latest: int | None
) -> None:
    for _ in range(2):
        finished(desk, REVIEWER, add_talk(desk, THREAT), work_with(CONFIRMED))
    monkeypatch.setattr("heyue.desk.rule_health.MOST_JUDGED", most)
    found = desk.rule_health(REVIEWER)
    assert (found.health[0].hits, found.latest) == (most, latest)


def test_reviewed_talks_are_exported_as_labelled_transcripts(desk: Desk) -> None:
    here = add_talk(desk, THREAT)
    finished(desk, REVIEWER, here, replace(work_with(CONFIRMED), labels={"situation": "unable_short"}))
    finished(desk, REVIEWER, add_talk(desk, THREAT), work_with(REJECTED))
    review_in(desk, add_talk(desk, THREAT))
    lines = {each["id"]: each for each in desk.labelled_talks("zhou", NOW, is_masked=True)}
    assert len(lines) == 2
    assert transcript_from_dict(lines[here])
    assert lines[here]["gold"] == {
        "debtor_type": "promiser", "situation": "unable_short", "reason": "salary_delayed", "promises": [PROMISE],
        "violations": [Flag(2, "exposure_threat")._asdict()],
    }  # fmt: skip
    assert "赵明远" not in repr(lines)
    assert audited(desk)[-1] == "labels_exported"
    (plain,) = [each for each in desk.labelled_talks("zhou", NOW, is_masked=False) if each["id"] == here]
    assert plain["turns"][0]["text"] == SAID[0][1]


def test_what_a_reviewer_copied_after_unmasking_is_kept_masked(desk: Desk) -> None:
    add_talk(desk, THREAT)
    review_id = claimed(desk)
    work = ReviewWork(
        (Answer("says_who", YES, (Quote(1, "我电话13800138000"),), "他是赵明远"),), (), {1: "号码13800138000"}, {}, "赵明远"
    )
    desk.save_review(REVIEWER, review_id, work, desk.open_review(REVIEWER, review_id, NOW).review.revision, NOW)
    kept = repr(desk.open_review(REVIEWER, review_id, NOW).work)
    assert "138****8000" in kept
    assert "13800138000" not in kept
    assert "赵明远" not in kept
