"""Which talks wait for review, for whom, and who has them."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from heyue.access.people import User
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.desk.live import HeldBy
from heyue.desk.review_queue import NotForYou
from heyue.records import TalkFilter
from heyue.review.records import ADJUDICATION, FINISHED, MINE, OPEN_ONES, SECOND, ReviewFilter
from tests.unit.desk.conftest import ADMIN, COLLECTOR, LEAD, NOW, PHONE, REVIEWER, TRAINEE
from tests.unit.desk.review_talks import (
    CONFIRMED,
    SECOND_REVIEWER,
    THREAT,
    add_talk,
    audited,
    finished,
    listed,
    review_in,
    work_with,
)

DAY = timedelta(days=1)


def queued(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT conversation_id, round, why FROM reviews ORDER BY review_id").all()
    return [(here, round_, why) for here, round_, why in rows if round_ == "first"]


def test_flagged_and_doubtful_talks_are_queued_once(desk: Desk) -> None:
    flagged, doubtful = add_talk(desk, THREAT), add_talk(desk, confidence=0.4)
    for _ in range(2):
        desk.fill_queue(NOW)
    assert sorted(queued(desk)) == sorted([(flagged, "first", "flagged"), (doubtful, "first", "unsure")])


def test_what_is_read_after_a_draw_is_drawn_by_the_next(desk: Desk) -> None:
    add_talk(desk, THREAT)
    desk.fill_queue(NOW)
    later = add_talk(desk, THREAT, at=NOW + DAY)
    desk.fill_queue(NOW + DAY)
    assert queued(desk)[-1][0] == later


def test_a_share_of_the_quiet_talks_is_drawn_and_a_share_of_all_twice(desk: Desk) -> None:
    for _ in range(300):
        add_talk(desk)
    for _ in range(60):
        add_talk(desk, THREAT)
    desk.fill_queue(NOW)
    with desk.store.reading() as tx:
        rounds = [each.round for here, _, _ in queued(desk) for each in tx.reviews_of(here)]
    assert 3 <= sum(why == "random" for _, _, why in queued(desk)) <= 40
    assert 1 <= rounds.count("second") <= 25


def test_a_talk_that_still_runs_waits_until_it_has_been_silent(desk: Desk) -> None:
    here = desk.receive("sms", PHONE, "在吗", NOW).conversation_id
    desk.read_talk(here, NOW)
    desk.fill_queue(NOW + timedelta(hours=1))
    assert queued(desk) == []
    with desk.store.transaction() as tx:  # whatever it was read as: it shall be reviewed
        connection = tx.connection
        connection.exec_driver_sql("UPDATE talk_readings SET confidence = 0.1")
    desk.fill_queue(NOW + timedelta(hours=25))
    assert [each[0] for each in queued(desk)] == [here]


def test_flagged_talks_come_first_and_pages_hold_fifty(desk: Desk) -> None:
    for _ in range(51):
        add_talk(desk, confidence=0.4)
    last = add_talk(desk, THREAT)
    desk.fill_queue(NOW)
    page = desk.review_queue(REVIEWER, ReviewFilter(round="first"), NOW)
    assert (len(page.lines), page.total, page.is_more, page.has_next) == (50, 52, False, True)
    assert page.lines[0].talk.conversation.conversation_id == last
    rest = desk.review_queue(REVIEWER, ReviewFilter(round="first"), NOW, page=1)
    assert (len(rest.lines), rest.has_next) == (2, False)


@pytest.mark.parametrize(("counted", "told"), [(1, (1, True)), (2, (2, False)), (3, (2, False))])
def test_no_more_are_counted_than_need_be_and_that_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, counted: int, told: tuple[int, bool]
) -> None:
    for _ in range(2):
        add_talk(desk, THREAT)
    desk.fill_queue(NOW)
    monkeypatch.setattr("heyue.store.review_queries.MOST_COUNTED", counted)
    page = desk.review_queue(REVIEWER, ReviewFilter(round="first"), NOW)
    assert (page.total, page.is_more) == told


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        ({"why": "flagged"}, True),
        ({"why": "random"}, False),
        ({"round": "second"}, False),
        ({"talk": TalkFilter(channel="phone")}, True),
        ({"talk": TalkFilter(channel="sms")}, False),
        ({"talk": TalkFilter(handler="wang")}, True),
        ({"talk": TalkFilter(handler="li")}, False),
        ({"talk": TalkFilter(debtor_type="promiser")}, True),
        ({"talk": TalkFilter(situation="dispute")}, False),
        ({"talk": TalkFilter(rule="exposure_threat")}, True),
        ({"talk": TalkFilter(rule="abuse")}, False),
        ({"talk": TalkFilter(least_tension=0.5)}, False),
        ({"talk": TalkFilter(most_confidence=0.95)}, True),
        ({"talk": TalkFilter(since=NOW)}, True),
        ({"talk": TalkFilter(until=NOW)}, False),
        ({"talk": TalkFilter(words="单位的同事")}, True),
        ({"talk": TalkFilter(words="單位")}, True),
        ({"talk": TalkFilter(words="律师函")}, False),
        ({"view": MINE}, False),
        ({"view": OPEN_ONES}, True),
        ({"view": FINISHED}, False),
    ],
)
def test_filters(desk: Desk, wanted: dict[str, Any], is_found: bool) -> None:
    number = review_in(desk, add_talk(desk, THREAT))
    assert listed(desk, REVIEWER, **wanted) == ([number] if is_found else [])


def test_names_are_masked_in_the_list(desk: Desk) -> None:
    review_in(desk, add_talk(desk, THREAT))
    assert "赵明远" not in repr(desk.review_queue(REVIEWER, ReviewFilter(), NOW))


def test_of_two_who_claim_at_once_one_has_it_and_the_other_is_told(desk: Desk) -> None:
    number, start = review_in(desk, add_talk(desk, THREAT)), threading.Barrier(2)
    outcomes: list[HeldBy | None] = []

    def claim(user: User) -> None:
        start.wait(10)
        outcomes.append(desk.claim_review(user, number, NOW))

    threads = [threading.Thread(target=claim, args=[user]) for user in (REVIEWER, SECOND_REVIEWER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(map(repr, outcomes)) in (["HeldBy(handler='wu')", "None"], ["HeldBy(handler='zhou')", "None"])
    assert audited(desk).count("review_claimed") == 1


def test_a_claim_lapses_after_a_day_and_its_draft_goes_with_it(desk: Desk) -> None:
    number = review_in(desk, add_talk(desk, THREAT))
    desk.claim_review(REVIEWER, number, NOW)
    desk.save_review(REVIEWER, number, work_with(), 1, NOW)
    assert desk.claim_review(SECOND_REVIEWER, number, NOW + DAY) == HeldBy("zhou")
    later = NOW + DAY + timedelta(minutes=1)
    assert listed(desk, SECOND_REVIEWER, later) == [number]
    assert desk.claim_review(SECOND_REVIEWER, number, later) is None
    opened = desk.open_review(SECOND_REVIEWER, number, later)
    assert opened.work.answers == ()
    with pytest.raises(NotForYou):
        desk.save_review(REVIEWER, number, work_with(), opened.review.revision, later)


def test_nobody_reviews_the_own_talk_nor_a_talk_twice(desk: Desk) -> None:
    own = review_in(desk, add_talk(desk, THREAT, handler=REVIEWER.name))
    here = add_talk(desk, THREAT)
    first, second = review_in(desk, here), review_in(desk, here, SECOND)
    desk.claim_review(REVIEWER, first, NOW)
    for number, why in ((own, "own_talk"), (second, "second_look")):
        with pytest.raises(NotForYou) as refused:
            desk.claim_review(REVIEWER, number, NOW)
        assert refused.value.why == why
    assert listed(desk, REVIEWER) == []
    assert sorted(listed(desk, SECOND_REVIEWER)) == [own, second]


def test_only_a_lead_adjudicates(desk: Desk) -> None:
    number = review_in(desk, add_talk(desk, THREAT), ADJUDICATION)
    assert listed(desk, REVIEWER) == []
    with pytest.raises(NotAllowed):
        desk.claim_review(REVIEWER, number, NOW)
    assert listed(desk, LEAD) == [number]


def test_a_lead_assigns_and_takes_back(desk: Desk) -> None:
    number = review_in(desk, add_talk(desk, THREAT))
    desk.claim_review(SECOND_REVIEWER, number, NOW)
    with desk.store.transaction() as tx:
        tx.add_user(REVIEWER, None, NOW)
        tx.add_user(COLLECTOR, None, NOW)
    desk.assign_review(LEAD, number, REVIEWER.login, NOW)
    assert listed(desk, REVIEWER, view=MINE) == [number]
    with pytest.raises(NotForYou):
        desk.assign_review(LEAD, number, COLLECTOR.login, NOW)
    with pytest.raises(NotAllowed):
        desk.release_review(SECOND_REVIEWER, number, NOW)
    desk.release_review(LEAD, number, NOW)
    assert listed(desk, SECOND_REVIEWER) == [number]
    assert [each.login for each in desk.reviewers(LEAD)] == [REVIEWER.login]
    assert audited(desk)[-2:] == ["review_assigned", "review_released"]


def test_what_is_done_is_not_claimed_or_released(desk: Desk) -> None:
    number = finished(desk, REVIEWER, add_talk(desk, THREAT), work_with(CONFIRMED))
    for change in (desk.claim_review, desk.release_review):
        with pytest.raises(NotForYou):
            change(REVIEWER, number, NOW)
    assert listed(desk, LEAD, view=FINISHED) == [number]


def test_the_export_holds_scores_and_answers_and_is_audited(desk: Desk) -> None:
    finished(desk, REVIEWER, add_talk(desk, THREAT), work_with(CONFIRMED))
    (line,) = desk.export_reviews(REVIEWER, ReviewFilter(view=FINISHED), "csv", NOW)
    assert (line.review.points, line.review.is_vetoed, line.verdicts["no_threat"]) == (0.0, True, "no")
    assert "赵明远" not in repr(line)
    assert audited(desk)[-1] == "reviews_exported"


@pytest.mark.parametrize("user", [TRAINEE, COLLECTOR, ADMIN])
def test_who_does_not_review_has_no_queue(desk: Desk, user: User) -> None:
    number = review_in(desk, add_talk(desk, THREAT))
    for refused in (
        lambda: desk.review_queue(user, ReviewFilter(), NOW),
        lambda: desk.export_reviews(user, ReviewFilter(), "csv", NOW),
        lambda: desk.claim_review(user, number, NOW),
        lambda: desk.assign_review(user, number, "zhou", NOW),
        lambda: desk.release_review(user, number, NOW),
        lambda: desk.reviewers(user),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_a_reviewer_does_not_assign(desk: Desk) -> None:
    number = review_in(desk, add_talk(desk, THREAT))
    with pytest.raises(NotAllowed):
        desk.assign_review(REVIEWER, number, "wu", NOW)
