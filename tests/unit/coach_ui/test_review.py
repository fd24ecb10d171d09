"""The pages of quality review: queue, review, appeals, calibration, rule health."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from coach_ui.components.review_export import json_lines_of, table_of
from coach_ui.refusals import in_chinese
from heyue.desk import Desk
from heyue.desk.appeals import CannotAppeal, CannotRule
from heyue.desk.base import NotAllowed
from heyue.desk.calibration import CannotCalibrate
from heyue.desk.review_queue import NotForYou
from heyue.desk.reviewed_talk import NotRead
from heyue.errors import Refused
from heyue.review.records import FINISHED, SECOND, ReviewFilter
from heyue.review.scorecard import NO, default_scorecard
from heyue.review.work import BadWork
from heyue.settings import ZONE
from tests.unit.coach_ui.conftest import AppOf, user_of
from tests.unit.desk.review_talks import CONFIRMED, REJECTED, THREAT, add_talk, finished, review_in, work_with

ITEMS = default_scorecard().items


def talk(desk: Desk, handler: str | None = "collector") -> str:
    return add_talk(desk, THREAT, at=datetime.now(ZONE), handler=handler, case_id=None)


def press(app: AppTest, label: str, number: int = 0) -> AppTest:
    return [each for each in app.button if each.label == label][number].click().run()


def words(app: AppTest) -> str:
    """All that the page says."""
    return "\n".join(
        str(each.value)
        for kind in ("markdown", "caption", "info", "warning", "error", "success", "text")
        for each in getattr(app, kind)
    )


def open_review(app_of: AppOf, login: str, number: int) -> AppTest:
    app = app_of(login, "welcome")
    app.query_params["review"] = str(number)
    return app.switch_page("screens/review_talk.py").run()


def open_claimed(app_of: AppOf, desk: Desk) -> AppTest:
    number = review_in(desk, talk(desk))
    desk.claim_review(user_of(desk, "reviewer"), number, datetime.now(ZONE))
    return open_review(app_of, "reviewer", number)


def scored(desk: Desk, work: object = None) -> str:
    here = talk(desk)
    finished(desk, user_of(desk, "reviewer"), here, work or work_with(CONFIRMED), at=datetime.now(ZONE))  # type: ignore[arg-type]
    return here


@pytest.mark.parametrize(
    "refusal",
    [NotAllowed(), NotRead()]
    + [NotForYou(why) for why in ("own_talk", "second_look", "claimed", "done", "no_reviewer")]
    + [BadWork(why, "") for why in ("promise_days", "promise_amount", "quote", "flag", "label")]
    + [CannotAppeal(why) for why in ("late", "twice", "no_grounds")]
    + [CannotRule(why) for why in ("ruled", "no_reason")]
    + [CannotCalibrate(why) for why in ("twice", "too_few", "unread")],
)
def test_every_refusal_has_words(refusal: Refused) -> None:
    assert in_chinese(refusal)


# the queue


def test_an_empty_queue_says_what_to_do(app_of: AppOf) -> None:
    app = app_of("reviewer", "review")
    assert "没有符合条件的点评" in app.info[0].value


@pytest.mark.parametrize(("login", "page"), [("collector", "review"), ("trainee", "appeals"), ("admin", "calibration")])
def test_who_may_not_is_refused_politely(app_of: AppOf, login: str, page: str) -> None:
    app = app_of(login, page)
    assert "不使用这一页" in app.warning[0].value
    assert not app.dataframe


def test_the_queue_fills_itself_and_the_next_talk_is_claimed_by_one_click(app_of: AppOf, desk: Desk) -> None:
    talk(desk)
    app = app_of("reviewer", "review")
    assert app.dataframe[0].value["为什么要评"][0] == "有违规提示"
    press(app, "领取下一段")
    assert app.title[0].value == "会话点评"
    assert "完成点评" in [each.label for each in app.button]


def test_pages_go_on_beyond_what_is_counted(
    app_of: AppOf, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        talk(desk)
    desk.fill_queue(datetime.now(ZONE))
    for module in ("heyue.desk.review_queue", "coach_ui.components.review_list"):
        monkeypatch.setattr(f"{module}.PAGE_REVIEWS", 1)
    monkeypatch.setattr("heyue.store.review_queries.MOST_COUNTED", 2)
    app = app_of("reviewer", "review")
    assert "第 1 页，共 2 份以上" in words(app)
    for _ in range(2):
        press(app, "下一页")
    assert "第 3 页，共 2 份以上" in words(app)
    assert len(app.dataframe[0].value) == 1
    monkeypatch.setattr("heyue.store.review_queries.MOST_COUNTED", 10)
    assert "第 3 / " in words(app.run())
    while not (older := next(each for each in app.button if each.label == "下一页")).disabled:
        older.click().run()
    assert len(app.dataframe[0].value) == 1, "the last page is none that is empty"


def test_filters_and_views_change_the_list(app_of: AppOf, desk: Desk) -> None:
    talk(desk)
    app = app_of("reviewer", "review")
    app.text_input[0].input("单位的同事").run()
    assert len(app.dataframe[0].value) in (1, 2)  # one talk, now and then drawn for a second reviewer too
    app.text_input[0].input("律师函").run()
    assert not app.dataframe
    app.text_input[0].input("")
    app.button_group[0].set_value("finished").run()
    assert "没有符合条件的点评" in app.info[0].value


# the review


def test_a_review_that_is_not_there_says_so(app_of: AppOf, desk: Desk) -> None:
    assert "没有这份点评" in open_review(app_of, "reviewer", 99).warning[0].value


def test_a_review_of_nobody_is_claimed_on_its_page(app_of: AppOf, desk: Desk) -> None:
    app = open_review(app_of, "reviewer", review_in(desk, talk(desk)))
    assert "还没有人领取" in app.info[0].value
    press(app, "领取")
    assert "完成点评" in [each.label for each in app.button]


def test_a_review_is_made_from_flag_to_score(app_of: AppOf, desk: Desk) -> None:
    app = open_claimed(app_of, desk)
    press(app, "完成点评")
    assert "违规提示没有判定" in app.error[0].value
    press(app, "驳回")
    assert "✗ 已驳回" in words(app)
    for item in ITEMS:
        key = next(each.key for each in app.button_group if each.key.endswith(f":{item.id}"))
        app.button_group(key=key).set_value("no" if item.id == "empathy" else "yes")
    app.run()
    assert "**92 分**" in words(app)
    press(app, "完成点评")
    assert app.success[0].value == "点评已完成。"
    assert "92 分" in words(app)
    assert not [each for each in app.button if each.label == "保存草稿"]


def test_the_machines_answers_are_proposals_until_they_are_taken(app_of: AppOf, desk: Desk) -> None:
    app = open_claimed(app_of, desk)
    assert "机器建议：否" in words(app)
    assert "已答 0/" in words(app)
    taken = next(each for each in app.button if each.label.startswith("采纳机器建议"))
    taken.click().run()
    assert "已答 0/" not in words(app)
    assert "有未保存的改动" in words(app)
    press(app, "保存草稿")
    assert app.success[0].value == "草稿已保存。"
    number = int(app.query_params["review"][0])
    saved = desk.refresh_review(user_of(desk, "reviewer"), number, datetime.now(ZONE))
    assert any(each.evidence for each in saved.work.answers)


def test_a_quote_a_comment_and_a_missed_rule_are_added(app_of: AppOf, desk: Desk) -> None:
    app = open_claimed(app_of, desk)
    key = next(each.key for each in app.button_group if each.key.endswith(":says_who"))
    app.button_group(key=key).set_value("yes").run()
    press(app, "引用与说明")
    field = next(each for each in app.text_input if each.label == "引用的原话")
    field.input("没说过").run()
    assert "不在那一句里" in words(app)
    next(each for each in app.text_input if each.label == "引用的原话").input("云山消费金融").run()
    press(app, "加入引用")
    assert "“云山消费金融”（第1句）" in words(app)
    next(each for each in app.text_area if each.label == "说明").input("开场清楚").run()
    next(each for each in app.text_area if each.label == "对这一句的点评").input("很好").run()
    press(app, "补充")
    assert "您补充的" in words(app)
    press(app, "保存草稿")
    number = int(app.query_params["review"][0])
    work = desk.refresh_review(user_of(desk, "reviewer"), number, datetime.now(ZONE)).work
    assert (work.answers[0].comment, work.comments) == ("开场清楚", {0: "很好"})
    assert work.verdicts[0].is_added


def test_labels_are_corrected_and_a_promise_that_cannot_be_is_told(app_of: AppOf, desk: Desk) -> None:
    app = open_claimed(app_of, desk)
    next(each for each in app.selectbox if each.label == "类型").set_value("evasive").run()
    assert "机器：保证还款型" in words(app)
    next(each for each in app.date_input if each.label == "最后一天").set_value(date(2026, 12, 1)).run()
    assert "早于第一天" in app.error[0].value
    press(app, "保存草稿")
    assert "早于第一天" in words(app)
    next(each for each in app.date_input if each.label == "最后一天").set_value(date(2026, 12, 4)).run()
    next(each for each in app.text_input if each.label == "多少元").input("1500").run()
    press(app, "保存草稿")
    number = int(app.query_params["review"][0])
    labels = desk.refresh_review(user_of(desk, "reviewer"), number, datetime.now(ZONE)).work.labels
    assert (labels["debtor_type"], labels["promises"][0]["amount"]) == ("evasive", "1500.00")


def test_what_was_saved_elsewhere_is_said_and_not_overwritten(app_of: AppOf, desk: Desk) -> None:
    app = open_claimed(app_of, desk)
    number, reviewer = int(app.query_params["review"][0]), user_of(desk, "reviewer")
    press(app, "驳回")
    desk.save_review(reviewer, number, replace(work_with(), note="另一个窗口"), 1, datetime.now(ZONE))
    press(app, "保存草稿")
    assert "已在别处" in app.warning[0].value
    assert desk.refresh_review(reviewer, number, datetime.now(ZONE)).work.note == "另一个窗口"
    press(app, "放弃这里的改动，载入最新内容")
    assert not app.warning
    assert next(each for each in app.text_area if each.label.startswith("总评")).value == "另一个窗口"


def test_another_reviewer_sees_no_work_while_somebody_judges_blind(app_of: AppOf, desk: Desk) -> None:
    here = talk(desk)
    review_in(desk, here, SECOND)
    number = finished(desk, user_of(desk, "reviewer"), here, replace(work_with(CONFIRMED), note="初评的话"), at=datetime.now(ZONE))
    app = open_review(app_of, "lead", number)
    assert "盲评" in app.info[0].value
    assert "初评的话" not in words(app)


# appeals


def test_a_collector_without_scores_is_told(app_of: AppOf) -> None:
    assert "还没有最终评分" in app_of("collector", "appeals").info[0].value


def test_a_collector_appeals_and_a_lead_rules(app_of: AppOf, desk: Desk) -> None:
    here = scored(desk, work_with(CONFIRMED, empathy=NO))
    app = app_of("collector", "appeals")
    app.selectbox[0].set_value(here).run()
    assert "0 分（一票否决）" in words(app)
    assert "测试质检员" not in words(app)
    next(each for each in app.text_area if each.label == "申诉理由").input("是在引用客户的话").run()
    press(app, "提出申诉")
    assert "待裁定" in words(app)
    lead = app_of("lead", "appeals")
    assert "1 个申诉等待裁定" in words(lead)
    lead.selectbox[0].set_value(here).run()
    press(lead, "申诉成立")
    assert "请写明裁定理由" in lead.error[0].value
    lead.multiselect[0].set_value(["no_threat"]).run()
    next(each for each in lead.text_area if each.label == "裁定理由").input("听了录音，属实").run()
    press(lead, "申诉成立")
    assert "92 分" in words(lead)
    assert "申诉成立" in words(app.run())


# calibration, agreement, rule health


def test_a_calibration_is_begun_judged_and_discussed(app_of: AppOf, desk: Desk) -> None:
    here = talk(desk)
    lead = app_of("lead", "calibration")
    assert "还没有校准" in words(lead)
    next(each for each in lead.text_input if each.label == "会话编号").input("nothing").run()
    press(lead, "开始校准")
    assert "没有这个编号" in lead.error[0].value
    next(each for each in lead.text_input if each.label == "会话编号").input(here).run()
    press(lead, "开始校准")
    assert "校准已开始" in lead.success[0].value
    now = datetime.now(ZONE)
    for login in ("reviewer", "lead"):
        user = user_of(desk, login)
        review = desk.calibration(user, here).review_of(user)
        assert review is not None
        work = work_with(CONFIRMED if login == "lead" else REJECTED)
        desk.save_review(user, review.review_id, work, review.revision, now, is_final=True)
    reviewer = app_of("reviewer", "calibration")
    assert "Krippendorff α" in words(reviewer)
    assert "≠ 不一致" in reviewer.table[0].value.to_string()
    next(each for each in lead.run().text_area if each.label.startswith("结论")).input("尺度统一").run()
    press(lead, "保存并结束校准")
    assert "尺度统一" in words(reviewer.run())


def test_agreement_and_rule_health_tell_when_there_is_nothing_and_when_there_is(app_of: AppOf, desk: Desk) -> None:
    assert "还没有两人都评完" in words(app_of("reviewer", "calibration"))
    assert "还没有完成的点评" in words(app_of("reviewer", "rule_health"))
    here = scored(desk)
    finished(desk, user_of(desk, "lead"), here, work_with(CONFIRMED), SECOND, datetime.now(ZONE))
    assert "两人盲评" in words(app_of("reviewer", "calibration"))
    streamlit.cache_data.clear()
    health = app_of("reviewer", "rule_health")
    assert "1 / 1" in health.table[0].value.to_string()


def test_rule_health_says_on_how_many_reviews_it_is_measured_only_where_there_are_more(
    app_of: AppOf, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        scored(desk)
    streamlit.cache_data.clear()
    assert "份点评统计" not in words(app_of("reviewer", "rule_health"))
    monkeypatch.setattr("heyue.desk.rule_health.MOST_JUDGED", 1)
    streamlit.cache_data.clear()
    assert "按最近 1 份点评统计" in words(app_of("reviewer", "rule_health"))


def test_files_hold_scores_and_answers(app_of: AppOf, desk: Desk) -> None:
    scored(desk, work_with(REJECTED, empathy=NO))
    lines = desk.export_reviews(user_of(desk, "reviewer"), ReviewFilter(view=FINISHED), "csv", datetime.now(ZONE))
    table = table_of(lines)
    assert (table["得分"][0], table["没有辱骂、侮辱或歧视？"][0]) == ("92 分", "是")
    (line,) = json_lines_of(lines).decode().splitlines()
    assert json.loads(line)["verdicts"]["empathy"] == "no"
    app = app_of("reviewer", "review")
    app.button_group[0].set_value("finished").run()
    assert [each.label for each in app.get("download_button")] == ["导出 XLSX", "导出 CSV", "导出 JSONL"]
    assert "一个文件最多含" not in words(app)


def test_a_list_that_no_file_holds_whole_says_so(app_of: AppOf, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heyue.store.review_queries.MOST_COUNTED", 1)
    for _ in range(2):
        scored(desk)
    app = app_of("reviewer", "review")
    app.button_group[0].set_value("finished").run()
    assert "一个文件最多含列表最前的 1 条" in words(app)
