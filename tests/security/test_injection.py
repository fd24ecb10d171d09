"""Words that would be orders somewhere else: to the database, to a spreadsheet, to whoever reads a workbook."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import inspect

from coach_ui.components.table_files import csv_of, xlsx_of
from heyue.access.audit import AuditFilter
from heyue.access.people import User, operator
from heyue.access.roles import role_of
from heyue.coaching.transcript import Said, Transcript
from heyue.desk import Desk
from heyue.desk.feed import FeedTurn
from heyue.desk.outreach import Wanted
from heyue.desk.persons import Asked, Correction
from heyue.errors import BadInput, Refused, Unknown
from heyue.intake.table_file import rows_of
from heyue.intake.transcript_file import ReadTranscript, inspect_file
from heyue.records import TalkFilter
from heyue.review.records import ReviewFilter
from tests.unit.desk.conftest import CASES, LEAD, NOW, PHONE, REVIEWER, TRAINEE, desk_over

SHELL = operator("root")
ROOT = Path(__file__).parents[2]
ORDERS = (
    "'; DROP TABLE messages; --", '" OR ""="', "' OR '1'='1' --", "1; DELETE FROM users", "') UNION SELECT password_hash FROM users --",
    "%' AND 1=1 --", "\\'; VACUUM; --", "%s %(x)s :x {x} ?", "a\0b", "𝕏'－－",
)  # fmt: skip
Saying = Callable[[Desk, str], Any]
TEXTS: dict[str, Saying] = {
    "sign_in: login": lambda d, t: d.sign_in(t, "x", NOW),
    "sign_in: password": lambda d, t: d.sign_in("chen", t, NOW),
    "sign_in_by_email": lambda d, t: d.sign_in_by_email(t, NOW),
    "who: token": lambda d, t: d.who(t, NOW),
    "sign_out: token": lambda d, t: d.sign_out(t, NOW),
    "add_user: login": lambda d, t: d.add_user(t, "x", "lead", "Wolke-7-Regen", SHELL, NOW),
    "add_user: name": lambda d, t: d.add_user("new.one", t, "lead", "Wolke-7-Regen", operator(t), NOW),
    "audit_trail": lambda d, t: d.audit_trail(SHELL, AuditFilter(**dict.fromkeys(_text_fields(AuditFilter), t))),
    "receive: address": lambda d, t: d.receive("sms", t, "你好", NOW),
    "receive: text and key": lambda d, t: d.receive("sms", PHONE, t, NOW, t),
    "record_turn": lambda d, t: d.record_turn(FeedTurn(t[:40], t[:40], "phone", "borrower", t, NOW, None, t[:60])),
    "record_turn: case": lambda d, t: d.record_turn(FeedTurn("x", t[:40], "phone", "borrower", t, NOW, t[:60])),
    "open_talk": lambda d, t: d.open_talk(LEAD, t, NOW),
    "take_over": lambda d, t: d.take_over(LEAD, t, NOW),
    "broken_rules": lambda d, t: d.broken_rules(LEAD, _talk(d), t),
    "say": lambda d, t: d.say(LEAD, _held(d), t, NOW),
    "say: why": lambda d, t: d.say(LEAD, _held(d), "再不还就告诉你单位", NOW, t),
    "hand_back: note": lambda d, t: d.hand_back(LEAD, _held(d), NOW, t),
    "review_queue": lambda d, t: d.review_queue(REVIEWER, _review_filter(t), NOW),
    "export_reviews": lambda d, t: d.export_reviews(REVIEWER, _review_filter(t), t, NOW),
    "assign_review": lambda d, t: d.assign_review(LEAD, 1, t, NOW),
    "open_score": lambda d, t: d.open_score(LEAD, t, NOW),
    "appeal": lambda d, t: d.appeal(LEAD, t, t, NOW),
    "calibration": lambda d, t: d.calibration(LEAD, t),
    "note_calibration": lambda d, t: d.note_calibration(LEAD, t, t, 0, NOW),
    "open_calibration": lambda d, t: d.open_calibration(LEAD, t, [t, "chen"], NOW),
    "note_export": lambda d, t: d.note_export(LEAD, t, 1, NOW),
    "add_campaign": lambda d, t: d.add_campaign(LEAD, t, frozenset({"reminder"}), frozenset({"early"}), t, NOW),
    "preview": lambda d, t: d.preview(LEAD, Wanted(frozenset({"reminder"}), creditor=t), NOW),
    "practice": lambda d, t: d.practice(TRAINEE, t, NOW),
    "practice_record": lambda d, t: d.practice_record(LEAD, t),
    "assign_practice": lambda d, t: d.assign_practice(LEAD, [t], "easy", NOW.date(), NOW),
    "note_certificate": lambda d, t: d.note_certificate(LEAD, t, t, NOW),
    "practise_line": lambda d, t: d.practise_line(TRAINEE, _exercise(d), t, NOW + timedelta(minutes=1)),
    "take_transcripts": lambda d, t: d.take_transcripts(REVIEWER, [_transcript(t)], NOW),
    "trial_talk": lambda d, t: d.trial_talk("DEMO-" + t, NOW),
    "opt_out": lambda d, t: d.opt_out("sms", t, NOW),
    "message_states": lambda d, t: d.message_states([t]),
    "stop states": lambda d, t: (d.stop_states(LEAD, t, NOW), d.add_stop(LEAD, "C-1", t, t, NOW)),
    "a stop state's reason": lambda d, t: (d.add_stop(LEAD, "C-1", "LAWYER", t, NOW), d.lift_stop(LEAD, "C-1", "LAWYER", t, NOW)),
    "set_hold": lambda d, t: (d.set_hold(SHELL, t, t, NOW), d.set_hold(SHELL, "C-1", t, NOW)),
    "export_person": lambda d, t: d.export_person(SHELL, Asked(phone=t), NOW),
    "correct_person": lambda d, t: d.correct_person(SHELL, Asked(case_id=t), Correction(name=t), NOW),
    "erase_person": lambda d, t: d.erase_person(SHELL, Asked(wechat=t), NOW),
    "search": lambda d, t: _searched(d, t),
}  # fmt: skip


def _text_fields(of: Any) -> list[str]:
    return [name for name, kind in of.__annotations__.items() if kind == "str | None"]


def _review_filter(text: str) -> ReviewFilter:
    return ReviewFilter(**dict.fromkeys(_text_fields(ReviewFilter), text))


def _searched(desk: Desk, text: str) -> list[Any]:
    with desk.store.reading() as tx:
        found: int = tx.count_talks(TalkFilter(**dict.fromkeys(_text_fields(TalkFilter), text)))
        return [found]


def _talk(desk: Desk) -> str:
    return desk.receive("sms", PHONE, "你好", NOW).conversation_id


def _held(desk: Desk) -> str:
    here = _talk(desk)
    desk.take_over(LEAD, here, NOW)
    return here


def _exercise(desk: Desk) -> str:
    return desk.start_practice(TRAINEE, "kind", "easy", NOW, "victim").talk_id


def _transcript(text: str) -> ReadTranscript:
    return ReadTranscript(text[:40], Transcript((Said("collector", text), Said("borrower", text)), "phone"), text[:60], 1, 2)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_over(tmp_path_factory.mktemp("injection"), CASES) as opened:
        for user in (LEAD, REVIEWER, TRAINEE):
            opened.add_user(user.login, user.name, user.role.key, "Wolke-7-Regen", SHELL, NOW)
        yield opened


@pytest.mark.parametrize("where", sorted(TEXTS))
def test_an_order_to_the_database_is_a_text_like_any_other(desk: Desk, where: str) -> None:
    """Nothing but a refusal by name may come of it; a StoreUnavailable would mean that the database read it."""
    tables = sorted(inspect(desk.store.engine).get_table_names())
    for text in ORDERS:
        with suppress(Refused, Unknown):
            TEXTS[where](desk, text.replace("\0", "") if where != "sign_in: password" else text)
    assert sorted(inspect(desk.store.engine).get_table_names()) == tables
    with desk.store.reading() as tx:
        assert {LEAD.login, REVIEWER.login, TRAINEE.login} <= {user.login for user in tx.users()}
        assert tx.case("C-1").borrower_name == CASES[0].borrower_name


def test_what_was_said_comes_back_to_the_letter(desk: Desk) -> None:
    for text in (each for each in ORDERS if "\0" not in each):
        here = desk.receive("sms", PHONE, text, NOW).conversation_id
        with desk.store.reading() as tx:
            assert tx.turns(here)[-1].text == text


def test_no_statement_is_put_together_from_texts() -> None:
    """SQL that is written out is a constant; everything else is built by SQLAlchemy, which binds values."""
    found = []
    for file in [*(ROOT / "heyue").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in ("text", "exec_driver_sql", "execute") and node.args:
                written = node.args[0]
                if isinstance(written, (ast.JoinedStr, ast.BinOp)) and not _is_constant(written):
                    found.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_constant(written: ast.expr) -> bool:
    """Whether only constants of our own, named in capitals, or literals in the same loop, are filled in."""
    names = [each.id for each in ast.walk(written) if isinstance(each, ast.Name)]
    return all(name.isupper() or name == "pragma" for name in names)


# files that are taken away

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(A1)", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0")


def test_no_cell_of_a_file_is_a_formula() -> None:
    table = pd.DataFrame({"话": [*FORMULAS, "您好"]})
    cells = [row[0] for row in csv.reader(io.StringIO(csv_of(table).decode("utf-8-sig"), newline=""))][1:]
    assert cells == [*(f"'{each}" for each in FORMULAS), "您好"]
    sheet = load_workbook(io.BytesIO(xlsx_of({"话": table}))).active
    for row, said in zip(sheet.iter_rows(min_row=2), [*FORMULAS, "您好"], strict=True):
        assert row[0].data_type != "f"
        assert said.strip() in str(row[0].value)


def test_every_file_that_the_coach_offers_is_made_by_these_writers() -> None:
    offering = [file for file in (ROOT / "coach_ui").rglob("*.py") if "download_button" in file.read_text(encoding="utf-8")]
    assert len(offering) >= 3
    for file in offering:
        text = file.read_text(encoding="utf-8")
        assert "from coach_ui.components.table_files import" in text, file
        assert ".to_csv(" not in text
        assert ".to_excel(" not in text


# workbooks that are brought

ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">%s<!ENTITY f SYSTEM "file:///etc/passwd">]>'
BOMB = ENTITY % "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 12}">' for n in range(9))


def workbook_with(part: str, change: Callable[[bytes], bytes]) -> bytes:
    book, plain, hostile = Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["case_id", "borrower_name", "编号", "说话人", "内容"])
    book.active.append(["C-9", "x", "a", "坐席", "MARK"])
    book.save(plain)
    with ZipFile(plain) as source, ZipFile(hostile, "w", ZIP_DEFLATED) as target:
        for each in source.infolist():
            content = source.read(each)
            target.writestr(each.filename, change(content) if each.filename == part else content)
        if part not in source.namelist():
            target.writestr(part, change(b"<x>MARK</x>"))
    return hostile.getvalue()


def with_entities(name: str) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        body = content.decode().partition("?>")[2] or content.decode()
        return (BOMB + body.replace("MARK", f"&{name};")).encode()

    return change


@pytest.mark.parametrize("entity", ["a", "j", "f"])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_entities_in_a_workbook_bring_nothing_in_and_grow_into_nothing(tmp_path: Path, part: str, entity: str) -> None:
    data = workbook_with(part, with_entities(entity))
    file = tmp_path / "cases.xlsx"
    file.write_bytes(data)
    shown = ""
    with suppress(BadInput):
        shown += str(inspect_file("t.xlsx", data))
    with suppress(BadInput):
        shown += str([row.values for row in rows_of(file, ())])
    assert "root:" not in shown
    assert shown == "" or (entity not in shown and "haha" not in shown)


def test_a_workbook_that_unpacks_into_gigabytes_is_no_case_file(tmp_path: Path) -> None:
    file = tmp_path / "cases.xlsx"
    file.write_bytes(workbook_with("xl/sharedStrings.xml", lambda _: b" " * (257 << 20)))
    with pytest.raises(BadInput, match="256 MB"):
        list(rows_of(file, ()))


def test_a_user_is_no_markdown() -> None:
    """The coach's pages escape what is not theirs: coach_ui/components/plain_text.py."""
    from coach_ui.components.plain_text import plain

    user = User("x", "![p](http://x/p.png) **x** <b>", role_of("lead"))
    shown = plain(user.name)
    assert all(f"\\{mark}" in shown for mark in "![]()*<>")
