"""Exercises at the desk: who may see whose, branches, pauses, scores, assignments."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from heyue.access.audit import AuditFilter
from heyue.access.people import UnknownUser, User, operator
from heyue.desk import Desk, practice_replay
from heyue.desk.base import NotAllowed
from heyue.errors import BadInput
from heyue.practice.debtor import begin
from heyue.practice.persona import personas
from heyue.practice.records import BY_KIND, BY_LEAD, BY_SURPRISE, BY_WEAKNESS, CannotPractise, UnknownPractice
from heyue.settings import ZONE
from tests.unit.desk.conftest import ADMIN, COLLECTOR, LEAD, NOW, REVIEWER, TRAINEE

HELLO = "您好，我是云杉消费金融的客服小李，工号1024，请问您是本人吗？"
LISTEN = "听得出来您心里有火，您先说，我听着。"
THREAT = "你再不还钱，我就告诉你们单位的同事。"
LATE_AT_NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=ZONE)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def people(desk: Desk) -> Desk:
    """The desk with the users of conftest."""
    for user in (LEAD, COLLECTOR, TRAINEE, REVIEWER):
        desk.add_user(user.login, user.name, user.role.key, "Wolke-7-Regen", operator("test"), NOW)
    return desk


def begun(
    desk: Desk,
    *lines: str,
    user: User = TRAINEE,
    kind: str = "provocative",
    level: str = "easy",
    at: datetime = NOW,
) -> str:
    """An exercise on the phone, in which the debtor has the first word and the trainee has said some lines."""
    talk = desk.start_practice(user, BY_KIND, level, at, kind)
    while not talk.turn_count:
        desk.finish_practice(user, talk.talk_id, None, at)
        talk = desk.start_practice(user, BY_KIND, level, at, kind)
    for number, line in enumerate(lines, 1):
        desk.practise_line(user, talk.talk_id, line, at + 20 * number * SECOND)
    return talk.talk_id


def finished(
    desk: Desk, *lines: str, user: User = TRAINEE, kind: str = "provocative", at: datetime = NOW
) -> str:
    here = begun(desk, *lines, user=user, kind=kind, at=at)
    assert desk.finish_practice(user, here, None, at + timedelta(minutes=5))
    return here


def events(desk: Desk) -> list[str]:
    """What was written about practice, the newest first."""
    with desk.store.reading() as tx:
        found = tx.audit_page(AuditFilter()).events
    as_written = sorted(found, key=lambda each: each.event_id, reverse=True)
    return [each.event for each in as_written if each.event.startswith("practice_")]


# to begin


def test_on_the_phone_the_debtor_speaks_first_in_a_chat_the_trainee(desk: Desk) -> None:
    for channel, words in (("phone", 1), ("wechat", 0)):
        kind = next(each.kind for each in personas().values() if each.channel == channel)
        for _ in range(20):
            here = desk.start_practice(TRAINEE, BY_KIND, "easy", NOW, kind).talk_id
            opened = desk.practice(TRAINEE, here, NOW)
            assert opened.exercise is not None
            if opened.exercise.persona.channel == channel:
                assert len(opened.turns) == words
                break
        else:
            pytest.fail(channel)


def test_one_meets_everybody_of_a_kind_before_one_meets_anybody_again(desk: Desk) -> None:
    count = sum(each.kind == "victim" for each in personas().values())
    met = [desk.start_practice(TRAINEE, BY_KIND, "hard", NOW, "victim").persona for _ in range(2 * count)]
    assert len(set(met[:count])) == count
    assert sorted(met) == sorted(met[:count] * 2)


def test_the_kind_is_known_only_to_who_chose_it(desk: Desk) -> None:
    chosen = [
        desk.start_practice(TRAINEE, by, "easy", NOW, "victim") for by in (BY_KIND, BY_WEAKNESS, BY_SURPRISE)
    ]
    assert [each.is_kind_known for each in chosen] == [True, False, False]
    assert [each.kind for each in chosen[:2]] == [
        "victim",
        "cooperative",
    ]  # who has no weakness yet begins easily


@pytest.mark.parametrize(
    ("by", "level", "kind"),
    [
        (BY_KIND, "easy", None),
        (BY_KIND, "easy", "angry"),
        ("mood", "easy", "victim"),
        (BY_SURPRISE, "easiest", None),
    ],
)
def test_what_cannot_be_chosen_is_refused(desk: Desk, by: str, level: str, kind: str | None) -> None:
    with pytest.raises(BadInput):
        desk.start_practice(TRAINEE, by, level, NOW, kind)


@pytest.mark.parametrize("user", [REVIEWER, ADMIN])
def test_who_does_not_practise_is_refused(desk: Desk, user: User) -> None:
    with pytest.raises(NotAllowed):
        desk.start_practice(user, BY_SURPRISE, "easy", NOW)


# to speak


def test_the_debtor_answers_and_the_talk_is_the_same_when_it_is_opened_again(desk: Desk) -> None:
    here = begun(desk, HELLO, LISTEN)
    opened = desk.practice(TRAINEE, here, NOW)
    assert opened.exercise is not None
    assert [each.speaker for each in opened.turns] == ["borrower"] + ["collector", "borrower"] * 2
    assert [each.text for each in opened.exercise.turns] == [each.text for each in opened.turns]
    practice_replay._after.cache_clear()
    assert desk.refresh_practice(TRAINEE, here) == opened


@pytest.mark.parametrize(("line", "why"), [("  \n", "no_line"), ("好" * 501, "long_line")])
def test_what_is_no_line_is_refused(desk: Desk, line: str, why: str) -> None:
    with pytest.raises(CannotPractise) as refused:
        desk.practise_line(TRAINEE, begun(desk), line, NOW)
    assert refused.value.why == why


def test_what_breaks_a_rule_is_warned_of_and_can_be_said(desk: Desk) -> None:
    here = begun(desk, HELLO)
    broken = desk.practice_warnings(TRAINEE, here, THREAT)
    assert [each.rule for each in broken] == ["exposure_threat"]
    assert broken[0].instead
    assert len(desk.practice_hints(TRAINEE, here)) == 3
    desk.practise_line(TRAINEE, here, THREAT, NOW + 40 * SECOND)
    assert len(desk.refresh_practice(TRAINEE, here).turns) == 5
    hard = begun(desk, level="hard")
    assert desk.practice_hints(TRAINEE, hard) == ()
    assert desk.practice_warnings(TRAINEE, hard, THREAT) == []


def test_at_night_a_talk_still_plays_in_the_morning(desk: Desk) -> None:
    here = begun(desk, HELLO, LISTEN, at=LATE_AT_NIGHT)
    opened = desk.practice(TRAINEE, here, LATE_AT_NIGHT)
    assert [f"{opened.talk.time_of(each):%d %H:%M:%S}" for each in opened.turns[::2]] == [
        "24 10:00:00", "24 10:00:20", "24 10:00:40",
    ]  # fmt: skip
    report = desk.practice_report(TRAINEE, here)
    assert report is not None
    assert all(each.verdict != "no" for each in report.answers if each.item == "lawful_hours")


def test_a_pause_does_not_count_and_who_goes_away_is_not_waited_for(desk: Desk) -> None:
    here = begun(desk, HELLO)  # after 20 seconds
    desk.pause_practice(TRAINEE, here, NOW + 30 * SECOND)
    desk.pause_practice(TRAINEE, here, NOW + 500 * SECOND)
    desk.resume_practice(TRAINEE, here, NOW + 1000 * SECOND)
    desk.resume_practice(TRAINEE, here, NOW + 1001 * SECOND)
    desk.practise_line(TRAINEE, here, LISTEN, NOW + 1005 * SECOND)
    desk.practise_line(TRAINEE, here, "您慢慢说。", NOW + DAY)
    assert [each.seconds for each in desk.refresh_practice(TRAINEE, here).turns[1::2]] == [20, 35, 635]


def test_an_exercise_that_has_ended_takes_no_more_lines(desk: Desk) -> None:
    here = begun(desk)
    for number in range(60):
        if desk.refresh_practice(TRAINEE, here).has_ended:
            break
        desk.practise_line(TRAINEE, here, THREAT, NOW + number * SECOND)
    with pytest.raises(CannotPractise) as refused:
        desk.practise_line(TRAINEE, here, HELLO, NOW + DAY)
    assert refused.value.why == "ended"
    desk.finish_practice(TRAINEE, here, None, NOW + DAY)
    assert desk.practice(TRAINEE, here, NOW).talk.how in ("hung_up", "complained")
    assert desk.practice_record(TRAINEE).finished[0].points == 0  # a veto


# to go back


def test_a_branch_leaves_the_first_talk_as_it_was(desk: Desk) -> None:
    here = begun(desk, HELLO, LISTEN)
    before = desk.refresh_practice(TRAINEE, here)
    branch = desk.branch_practice(TRAINEE, here, NOW + DAY).talk_id
    desk.practise_line(TRAINEE, branch, THREAT, NOW + DAY + 5 * SECOND)
    one, other = desk.refresh_practice(TRAINEE, here), desk.refresh_practice(TRAINEE, branch)
    assert (one.talk, one.turns) == (before.talk, before.turns)
    assert other.turns[:3] == one.turns[:3]
    assert other.turns[3].text == THREAT
    for talk, family in ((here, [branch]), (branch, [here])):
        assert [each.talk_id for each in desk.practice_branches(TRAINEE, talk)] == family
    assert other.exercise is not None
    assert other.exercise.today == NOW.date()


def test_the_same_line_said_again_in_a_branch_is_answered_the_same(desk: Desk) -> None:
    here = begun(desk, HELLO, LISTEN)
    branch = desk.branch_practice(TRAINEE, here, NOW).talk_id
    desk.practise_line(TRAINEE, branch, LISTEN, NOW + 20 * SECOND)
    assert desk.refresh_practice(TRAINEE, branch).turns == desk.refresh_practice(TRAINEE, here).turns


@pytest.mark.parametrize("turn", [0, 2, 99, None])
def test_one_goes_back_only_to_lines_of_ones_own(desk: Desk, turn: int | None) -> None:
    here = begun(desk) if turn is None else begun(desk, HELLO)
    with pytest.raises(CannotPractise) as refused:
        desk.branch_practice(TRAINEE, here, NOW, turn)
    assert refused.value.why == "no_line"


def test_who_knows_the_card_rehearses(desk: Desk) -> None:
    here = finished(desk, HELLO, LISTEN)
    again = desk.branch_practice(TRAINEE, here, NOW, turn=1)
    assert again.is_rehearsal
    assert again.finished_at is None
    desk.practise_line(TRAINEE, again.talk_id, HELLO, NOW + SECOND)
    desk.finish_practice(TRAINEE, again.talk_id, None, NOW + DAY)
    record = desk.practice_record(TRAINEE)
    assert [each.talk_id for each in record.finished] == [here]
    assert len(record.talks) == 2


# to end


def test_a_finished_exercise_is_scored_once_and_noted(desk: Desk) -> None:
    here = finished(desk, HELLO, LISTEN)
    opened, report = desk.practice(TRAINEE, here, NOW), desk.practice_report(TRAINEE, here)
    assert report is not None
    assert (opened.talk.how, opened.talk.points) == ("stopped", report.score.points)
    assert opened.talk.sections == report.score.sections
    assert opened.talk.is_passed is False
    with pytest.raises(CannotPractise) as refused:
        desk.finish_practice(TRAINEE, here, None, NOW)
    assert refused.value.why == "finished"
    assert events(desk) == ["practice_finished"]


def test_the_guess_is_kept_and_judged(desk: Desk) -> None:
    here = desk.start_practice(TRAINEE, BY_SURPRISE, "easy", NOW).talk_id
    desk.practise_line(TRAINEE, here, HELLO, NOW)
    with pytest.raises(BadInput):
        desk.finish_practice(TRAINEE, here, "angry", NOW)
    desk.finish_practice(TRAINEE, here, "victim", NOW)
    report = desk.practice_report(TRAINEE, here)
    assert report is not None
    assert report.guess is not None
    assert report.guess.guessed == desk.practice(TRAINEE, here, NOW).talk.guess == "victim"


def test_an_exercise_in_which_nothing_was_said_is_forgotten(desk: Desk) -> None:
    here = begun(desk)
    assert not desk.finish_practice(TRAINEE, here, None, NOW)
    with pytest.raises(UnknownPractice):
        desk.practice(TRAINEE, here, NOW)
    assert events(desk) == []


@pytest.mark.parametrize("has_persona", [True, False])
def test_an_old_talk_shows_its_words_when_the_debtors_have_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, has_persona: bool
) -> None:
    done, running = finished(desk, HELLO, LISTEN), begun(desk, HELLO)
    before = [desk.refresh_practice(TRAINEE, each) for each in (done, running)]
    monkeypatch.setattr(practice_replay, "_after", _changed if has_persona else _gone)
    now = [desk.refresh_practice(TRAINEE, each) for each in (done, running)]
    assert [each.turns for each in now] == [each.turns for each in before]
    assert [each.exercise for each in now] == [None, None]
    assert desk.practice_report(TRAINEE, done) is None
    assert now[1].has_ended
    for attempt in (
        lambda: desk.practise_line(TRAINEE, running, LISTEN, NOW),
        lambda: desk.branch_practice(TRAINEE, running, NOW),
    ):
        with pytest.raises(CannotPractise) as refused:
            attempt()
        assert refused.value.why == "changed"
    assert desk.finish_practice(TRAINEE, running, None, NOW)
    assert desk.practice(TRAINEE, running, NOW).talk.points is None


def _changed(_persona: str, *rest: object) -> object:
    other = next(each for each in personas().values() if each.kind == "cooperative")
    return begin(other, "easy", 1, NOW)


def _gone(*_: object) -> object:
    raise BadInput("persona: does not exist")


# whose is whose


def test_a_trainee_sees_only_his_own_and_a_lead_all_which_is_noted(desk: Desk) -> None:
    here = finished(desk, HELLO)
    for look in (desk.refresh_practice, desk.practice_report, desk.practice_branches):
        with pytest.raises(UnknownPractice):
            look(COLLECTOR, here)
    with pytest.raises(UnknownPractice):
        desk.practice(COLLECTOR, here, NOW)
    desk.practice(TRAINEE, here, NOW)
    assert desk.practice(LEAD, here, NOW).talk.login == TRAINEE.login
    assert events(desk) == ["practice_viewed", "practice_finished"]


def test_nobody_works_in_the_exercise_of_somebody_else(desk: Desk) -> None:
    here = begun(desk, HELLO)
    for user in (COLLECTOR, LEAD):
        for attempt in (
            lambda user=user: desk.practise_line(user, here, LISTEN, NOW),
            lambda user=user: desk.practice_hints(user, here),
            lambda user=user: desk.practice_warnings(user, here, THREAT),
            lambda user=user: desk.pause_practice(user, here, NOW),
            lambda user=user: desk.resume_practice(user, here, NOW),
            lambda user=user: desk.branch_practice(user, here, NOW),
            lambda user=user: desk.finish_practice(user, here, None, NOW),
        ):
            with pytest.raises(UnknownPractice):
                attempt()


def test_records_and_certificates_of_others_are_for_leads(people: Desk) -> None:
    finished(people, HELLO)
    assert people.practice_record(LEAD, TRAINEE.login).name == TRAINEE.name
    for refused in (
        lambda: people.practice_record(COLLECTOR, TRAINEE.login),
        lambda: people.practice_team(TRAINEE),
        lambda: people.note_certificate(COLLECTOR, TRAINEE.login, "x.xlsx", NOW),
    ):
        with pytest.raises(NotAllowed):
            refused()
    people.note_certificate(TRAINEE, TRAINEE.login, "x.xlsx", NOW)
    assert events(people)[0] == "practice_exported"


# assignments


def test_an_assignment_is_done_by_the_person_asked(people: Desk) -> None:
    people.assign_practice(LEAD, [TRAINEE.login], "medium", NOW.date() + DAY, NOW, "evasive")
    (asked,) = people.practice_record(TRAINEE).assigned
    with pytest.raises(UnknownPractice):
        people.start_assigned(COLLECTOR, asked.assignment_id, NOW)
    talk = people.start_assigned(TRAINEE, asked.assignment_id, NOW)
    assert (talk.kind, talk.level, talk.chosen_by, talk.is_kind_known) == ("evasive", "medium", BY_LEAD, True)
    people.practise_line(TRAINEE, talk.talk_id, HELLO, NOW)
    people.finish_practice(TRAINEE, talk.talk_id, None, NOW)
    (asked,) = people.practice_record(TRAINEE).assigned
    assert asked.talk_id == talk.talk_id
    assert not asked.is_late(NOW.date() + 2 * DAY)


def test_a_lead_may_ask_for_one_debtor_whose_kind_is_then_to_be_guessed(people: Desk) -> None:
    people.assign_practice(LEAD, [TRAINEE.login], "easy", NOW.date(), NOW, persona_id="victim-01")
    (asked,) = people.practice_record(TRAINEE).assigned
    assert asked.kind == "victim"
    assert asked.is_late(NOW.date() + DAY)
    talk = people.start_assigned(TRAINEE, asked.assignment_id, NOW)
    assert (talk.persona, talk.is_kind_known) == ("victim-01", False)


def test_an_assignment_is_taken_back(people: Desk) -> None:
    people.assign_practice(LEAD, [TRAINEE.login, COLLECTOR.login], "easy", NOW.date(), NOW)
    (asked,) = people.practice_record(TRAINEE).assigned
    people.unassign_practice(LEAD, asked.assignment_id, NOW)
    assert people.practice_record(TRAINEE).assigned == []
    assert len(people.practice_record(COLLECTOR).assigned) == 1
    with pytest.raises(UnknownPractice):
        people.unassign_practice(LEAD, asked.assignment_id, NOW)
    assert events(people) == ["practice_unassigned", "practice_assigned"]


def test_what_cannot_be_assigned_is_refused_whole(people: Desk) -> None:
    today = NOW.date()
    for error, logins, level, due, kind, who in (
        (CannotPractise, [TRAINEE.login], "easy", today - DAY, None, None),
        (CannotPractise, [TRAINEE.login, REVIEWER.login], "easy", today, None, None),
        (UnknownUser, [TRAINEE.login, "nobody"], "easy", today, None, None),
        (BadInput, [TRAINEE.login], "easiest", today, None, None),
        (BadInput, [TRAINEE.login], "easy", today, "angry", None),
        (BadInput, [TRAINEE.login], "easy", today, None, "nobody-01"),
    ):
        with pytest.raises(error):
            people.assign_practice(LEAD, logins, level, due, NOW, kind, who)
    with pytest.raises(NotAllowed):
        people.assign_practice(COLLECTOR, [TRAINEE.login], "easy", today, NOW)
    assert people.practice_record(TRAINEE).assigned == []


def test_the_team_is_who_practises_and_is_there(people: Desk) -> None:
    finished(people, HELLO)
    people.change_user(COLLECTOR.login, operator("test"), NOW, disabled=True)
    (record,) = people.practice_team(LEAD)
    assert (record.login, len(record.finished), record.is_certified) == (TRAINEE.login, 1, False)
