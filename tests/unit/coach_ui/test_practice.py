"""The practice page: begin, talk, pause, go back, compare, end, score, record, certificate, team."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from coach_ui.components import practice_talk
from coach_ui.components.practice_branches import parting
from coach_ui.components.practice_certificate import workbook_of
from coach_ui.components.practice_words import spent
from coach_ui.refusals import in_chinese
from heyue.access.people import operator
from heyue.desk import Desk, practice_replay
from heyue.errors import BadInput
from heyue.practice import persona
from heyue.practice.records import BY_KIND, BY_SURPRISE, CannotPractise
from heyue.settings import ZONE
from tests.unit.coach_ui.conftest import AppOf, user_of
from tests.unit.coach_ui.test_review import press, words

HELLO = "您好，我是云杉消费金融的客服小李，工号1024，请问您是本人吗？"
THREAT = "你再不还钱，我就告诉你们单位的同事。"
ROUGH = "快点还，别说这些没用的。"


def finished(
    desk: Desk, *lines: str, login: str = "trainee", kind: str = "stubborn", guess: str | None = None
) -> str:
    user, at = user_of(desk, login), datetime.now(ZONE)
    by = BY_KIND if guess is None else BY_SURPRISE
    here = desk.start_practice(user, by, "easy", at, kind).talk_id
    for line in lines:
        desk.practise_line(user, here, line, at)
    desk.finish_practice(user, here, guess, at)
    return here


def opened(app_of: AppOf, login: str = "trainee", **query: str) -> AppTest:
    """The page at an address."""
    app = app_of(login)
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page("screens/practice.py").run()


def begun(app_of: AppOf, login: str = "trainee") -> AppTest:
    return press(app_of(login, "practice"), "开始练习")


def say(app: AppTest, line: str) -> AppTest:
    app.text_area[0].input(line).run()
    return press(app, "说出去")


def bubbles(app: AppTest) -> str:
    return "\n".join(each.body for each in app.get("html") if "heyue-talk" in each.body)


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


@pytest.mark.parametrize(
    "why", ["ended", "elsewhere", "changed", "no_line", "long_line", "finished", "past", "nobody"]
)
def test_every_refusal_has_words(why: str) -> None:
    assert in_chinese(CannotPractise(why)) != in_chinese(BadInput())


@pytest.mark.parametrize(("seconds", "words_"), [(0, "0 秒"), (59.6, "1 分 00 秒"), (65, "1 分 05 秒")])
def test_times_are_read_in_minutes_and_seconds(seconds: float, words_: str) -> None:
    assert spent(seconds) == words_


@pytest.mark.parametrize("login", ["reviewer", "admin"])
def test_who_does_not_practise_is_refused_politely(app_of: AppOf, login: str) -> None:
    assert "不使用这一页" in app_of(login, "practice").warning[0].value


def test_without_exercises_it_says_where_to_begin(app_of: AppOf) -> None:
    app = app_of("trainee", "practice")
    assert "建议从“配合型”、入门级开始" in app.info[0].value
    assert "还没有练习" in app.info[1].value
    assert [each.label for each in app.tabs] == ["开始练习", "我的练习"]


def test_a_choice_by_kind_shows_the_kind_and_a_surprise_does_not(app_of: AppOf) -> None:
    app = app_of("trainee", "practice")
    app.radio[0].set_value("kind").run()
    app.selectbox[0].set_value("promiser")
    app.radio[1].set_value("medium").run()
    press(app, "开始练习")
    assert app.caption[0].value.startswith("保证还款型 · 进阶")
    surprise = begun(app_of, "collector")
    assert surprise.caption[0].value.startswith("入门")


def test_the_brief_shows_the_case_and_not_the_card(app_of: AppOf, desk: Desk) -> None:
    app = begun(app_of)
    debtor = desk.practice(user_of(desk, "trainee"), app.query_params["talk"][0], datetime.now(ZONE)).exercise
    assert debtor is not None
    said = words(app) + bubbles(app)
    who, card = debtor.persona, debtor.persona.card
    for shown in (
        who.name,
        who.case.creditor,
        who.case.product,
        f"{who.case.days_overdue} 天",
        who.case.id_last4,
    ):
        assert shown in said
    for hidden in (card.story, who.register, who.trade, who.region, "真实原因"):
        assert hidden not in said


def test_a_line_is_answered_and_the_box_is_empty(app_of: AppOf) -> None:
    app = say(begun(app_of), HELLO)
    assert HELLO in bubbles(app)
    assert bubbles(app).count('class="heyue-turn borrower"') >= 1
    assert "用时" in bubbles(app)
    assert app.text_area[0].value == ""


def test_an_empty_line_is_not_said(app_of: AppOf) -> None:
    app = begun(app_of)
    before = bubbles(app)
    assert bubbles(say(app, "   ")) == before


def test_a_line_that_breaks_a_rule_is_warned_of_and_may_be_said(app_of: AppOf) -> None:
    app = say(begun(app_of), HELLO)
    app.text_area[0].input(THREAT).run()
    assert "依据：" in app.error[0].value
    instead = next(each for each in labels(app) if each.startswith("改说："))
    press(app, instead)
    assert app.text_area[0].value == instead.removeprefix("改说：")
    say(app, THREAT)
    assert THREAT in bubbles(app)


@pytest.mark.parametrize(("level", "hints"), [("easy", 3), ("medium", 1), ("hard", 0)])
def test_the_level_gives_hints_that_go_into_the_box(app_of: AppOf, level: str, hints: int) -> None:
    app = app_of("trainee", "practice")
    app.radio[1].set_value(level).run()
    press(app, "开始练习")
    if not hints:
        assert "没有提示" in words(app)
        assert not app.toggle
        return
    app.toggle[0].set_value(True).run()
    assert labels(app).count("放入回复框") == len(app.code) == hints
    press(app, "放入回复框")
    assert app.text_area[0].value == app.code[0].value


def test_a_pause_takes_the_box_away_until_one_goes_on(app_of: AppOf) -> None:
    app = press(begun(app_of), "暂停")
    assert "已暂停，不计时。" in words(app)
    assert not app.text_area
    assert "暂停" not in labels(app)
    press(app, "继续")
    assert app.text_area


def test_going_back_opens_a_branch_that_can_be_compared(app_of: AppOf, desk: Desk) -> None:
    app = say(say(begun(app_of), HELLO), ROUGH)
    first = app.query_params["talk"][0]
    press(app, "撤回一句，换个说法")
    assert ROUGH not in bubbles(app)
    say(app, "您慢慢说，我听着。")
    branch = app.query_params["talk"][0]
    assert branch != first
    both = opened(app_of, talk=branch, **{"with": first})
    user = user_of(desk, "trainee")
    same = parting(desk.refresh_practice(user, branch), desk.refresh_practice(user, first))
    assert f"前 {same} 句相同" in words(both)
    assert ROUGH in bubbles(both)
    assert "您慢慢说，我听着。" in bubbles(both)
    assert not both.table
    for each in (branch, first):
        desk.finish_practice(user, each, None, datetime.now(ZONE))
    both.run()
    both.toggle[0].set_value(False).run()
    assert list(both.table[0].value.columns) == ["这一支", "另一支", "是否一致"]


def test_ending_asks_for_a_guess_and_shows_the_score(app_of: AppOf) -> None:
    app = press(say(begun(app_of), HELLO), "结束练习")
    guess = next(each for each in app.selectbox if each.label.startswith("您觉得对方"))
    guess.set_value("victim")
    press(app, "结束并看评分")
    assert app.title[0].value == "对练评分"
    said = words(app)
    assert "猜对了" in said or "您猜的是受害者型" in said
    assert "真实原因" in said
    assert "该做的步骤做到" in said
    assert [each.label for each in app.tabs] == ["评分表", "紧张曲线", "更好的说法", "底牌与结果"]
    assert not app.exception


def test_ending_before_a_word_goes_back_to_the_beginning(app_of: AppOf) -> None:
    app = press(press(begun(app_of), "结束练习"), "结束并看评分")
    assert "talk" not in app.query_params
    assert "还没有练习" in words(app)


def test_a_talk_that_the_debtor_ends_can_only_be_scored_or_gone_back_in(app_of: AppOf) -> None:
    app = begun(app_of)
    for _ in range(40):
        if not app.text_area:
            break
        say(app, THREAT)
    assert "谈话结束了" in words(app)
    assert "撤回一句，换个说法" in labels(app)
    press(app, "结束并看评分")
    assert "### 0 分" in words(app)
    assert "一票否决" in words(app)


def test_a_weak_moment_is_quoted_with_better_lines_and_tried_again(app_of: AppOf, desk: Desk) -> None:
    app = opened(app_of, talk=finished(desk, HELLO, "请您报一下证件后四位。", ROUGH, THREAT))
    said = words(app)
    assert "可以这样说" in said
    assert "催促" in said or "违规" in said
    assert app.code
    assert "紧张度变化" in app.table[0].value.to_string()
    press(app, "从这一句重新来")
    assert app.title[0].value == "对练"
    press(say(app, "您慢慢说，我听着。"), "结束练习")
    press(app, "结束并看评分")
    assert "不计入成绩" in words(app)


def test_the_record_lists_exercises_and_skills(app_of: AppOf, desk: Desk) -> None:
    finished(desk, HELLO)
    desk.start_practice(user_of(desk, "trainee"), BY_SURPRISE, "hard", datetime.now(ZONE))
    app = app_of("trainee", "practice")
    assert "完成 **1** 次，合格 **0** 次。" in words(app)
    table = app.dataframe[0].value
    assert list(table["类型"]) == ["结束后揭晓", "顽固型"]
    assert table["得分"][0] == "未完成"
    assert "还没有结束的练习" in words(app)
    assert "选“按我的短板”" in app.info[0].value


def test_a_certificate_says_what_is_missing(app_of: AppOf, desk: Desk) -> None:
    finished(desk, HELLO)
    app = opened(app_of, certificate="trainee")
    assert "尚未达到合格要求" in words(app)
    assert [each.label for each in app.get("download_button")] == ["导出 XLSX"]
    assert "顽固型" in app.table[1].value.to_string()
    empty = opened(app_of, "collector", certificate="collector")
    assert "还没有完成的练习" in words(empty)


def test_the_workbook_holds_name_sections_and_exercises(desk: Desk) -> None:
    finished(desk, HELLO)
    book = load_workbook(BytesIO(workbook_of(desk.practice_record(user_of(desk, "trainee")), "2026-11-26")))
    assert book.sheetnames == ["成绩单", "各项得分", "完成的练习"]
    assert [row[1] for row in book["成绩单"].iter_rows(values_only=True)][1:4] == [
        "测试学员",
        "2026-11-26",
        "尚未达到合格要求",
    ]
    assert book["完成的练习"]["B2"].value == "顽固型"


@pytest.mark.parametrize(
    ("query", "login"), [({"talk": "nothing"}, "trainee"), ({"certificate": "nobody"}, "lead")]
)
def test_what_is_not_there_says_so(app_of: AppOf, query: dict[str, str], login: str) -> None:
    assert "没有这次对练" in opened(app_of, login, **query).warning[0].value


def test_exercises_of_others_are_not_shown_but_to_leads(app_of: AppOf, desk: Desk) -> None:
    here = finished(desk, HELLO)
    assert "不是您的" in opened(app_of, "collector", talk=here).warning[0].value
    lead = opened(app_of, "lead", talk=here)
    assert lead.title[0].value == "对练评分"
    assert "从这一句重新来" not in labels(lead)
    running = desk.start_practice(user_of(desk, "trainee"), BY_SURPRISE, "easy", datetime.now(ZONE)).talk_id
    assert "还没有结束" in opened(app_of, "lead", talk=running).info[0].value


def test_a_certificate_of_somebody_else_is_not_shown(app_of: AppOf, desk: Desk) -> None:
    finished(desk, HELLO)
    assert "没有这次对练" in opened(app_of, "collector", certificate="trainee").warning[0].value


def test_an_old_talk_is_shown_without_a_report_when_the_debtors_have_changed(
    app_of: AppOf, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, user = finished(desk, HELLO), user_of(desk, "trainee")
    running = desk.start_practice(user, BY_SURPRISE, "easy", datetime.now(ZONE)).talk_id
    desk.practise_line(user, running, HELLO, datetime.now(ZONE))

    for module in (persona, practice_talk):
        monkeypatch.setattr(module, "personas", dict)
    practice_replay._after.cache_clear()
    app = opened(app_of, talk=here)
    assert "只保留当时的对话和得分" in words(app)
    assert HELLO in bubbles(app)
    assert "这次对练只能查看" in words(opened(app_of, talk=running))


def test_a_lead_assigns_follows_and_takes_back(app_of: AppOf, desk: Desk) -> None:
    finished(desk, HELLO)
    lead = app_of("lead", "practice")
    table = lead.table[0].value
    assert list(table["完成"]) == ["0", "1"]
    lead.multiselect[0].set_value(["trainee", "collector"])
    next(each for each in lead.selectbox if each.label == "类型").set_value("evasive").run()
    assert "任意一位" in next(each for each in lead.selectbox if each.label == "哪一位").options
    press(lead, "布置")
    assert "已布置给 2 人" in lead.success[0].value
    trainee = app_of("trainee", "practice")
    assert "**主管布置**　推托型 · 入门" in words(trainee)
    press(trainee, "开始")
    assert trainee.caption[0].value.startswith("推托型")
    press(lead, "取消")
    assert "**主管布置**" not in words(app_of("collector", "practice"))


def test_a_team_that_is_empty_says_what_to_do(app_of: AppOf, desk: Desk) -> None:
    for login in ("trainee", "collector"):
        desk.change_user(login, operator("admin"), datetime.now(ZONE), disabled=True)
    assert "还没有做对练的学员或催收员" in words(app_of("lead", "practice"))


def test_what_is_late_is_marked(app_of: AppOf, desk: Desk) -> None:
    yesterday = datetime.now(ZONE) - timedelta(days=1)
    desk.assign_practice(user_of(desk, "lead"), ["trainee"], "hard", yesterday.date(), yesterday)
    assert "⚠ 已过期限" in words(app_of("trainee", "practice"))
    assert "⚠ 过期 1" in app_of("lead", "practice").table[0].value.to_string()
