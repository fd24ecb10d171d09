"""Files that people bring: case and payment files for `heyue import` and `heyue payments`, transcripts for the coach's upload page."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from hypothesis import strategies as st
from openpyxl import Workbook

from bench.fuzz.drawing import deep, said, spoilt, texts, values, written
from bench.fuzz.judging import Entry, Fault, nothing_but, within
from bench.fuzz.report import Stage
from heyue.errors import BadInput
from heyue.intake.importing import ImportReport, import_cases, import_payments
from heyue.intake.transcript_file import ReadTranscript, inspect_file, read_transcripts
from heyue.policy import default_policy
from heyue.store import Keys, Store

SECONDS = 10.0  # of the processor, for a small file
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "latin-1", "big5", "utf-7")
COLUMNS = ("case_id", "borrower_name", "gender", "phone", "wechat_openid", "id_last4", "creditor", "product", "amount_due", "minimum_due", "due_date", "pay_day", "broken_promises")
ODD_CELLS = (
    "", "=1+1", "+86 138-0013-8000", "1.38E+10", "@x", '=HYPERLINK("http://x")', "²", "٣", "Ⅷ", "０", "1e9", "NaN", "inf", "-0", "9" * 400, "0.001", "1,000.00", "3200,00", "2026-02-30", "0000-00-00",
    "10000-01-01", "20261115", "46341", "15/11/2026", "true", "\ufeff", "\u202e", "'; --", "\t", '"', "a\nb", "x" * 5_000,
)  # fmt: skip
TURNS = ("客户", "坐席", "张三", "：", ": ", ",", "\t", '"', "\n", "\r\n", " ", "2026-11-20 10:12:33", "[00:01:23]", "99:99", "编号,说话人,内容,时间\n", "1\n00:00:01,000 --> 00:00:02,000\n", "「", "- - -\n", '{"turns": [{"speaker": "客户", "text": "好"}]}\n', "WEBVTT\n\n", "<v 张三>", "消息对象:", "昨天 10:12", "─" * 30)


def case_texts() -> st.SearchStrategy[str]:
    """Case files as text: right cells and odd ones, columns missing, doubled, or in another order."""
    right = {"case_id": st.integers(0, 10**9).map("F{}".format), "borrower_name": st.just("赵明远"), "gender": st.just("男"), "phone": st.just("13800138000"), "wechat_openid": st.just(""), "id_last4": st.just("512X"), "creditor": st.just("云山"), "product": st.just(""), "amount_due": st.just("3200.00"), "minimum_due": st.just(""), "due_date": st.just("2026-11-15"), "pay_day": st.just("10"), "broken_promises": st.just("0")}
    cell = {name: st.one_of(each, each, each, each, st.sampled_from(ODD_CELLS), texts(4)) for name, each in right.items()}
    header = st.one_of(st.just(COLUMNS), st.just(COLUMNS), st.permutations(COLUMNS).map(tuple), st.lists(st.one_of(st.sampled_from(COLUMNS), texts(2)), max_size=16).map(tuple))

    @st.composite
    def table(draw: st.DrawFn) -> str:
        names = draw(header)
        rows = [[draw(cell[name]) if name in cell else "" for name in names] for _ in range(draw(st.integers(0, 4)))]
        comma, is_quoted = draw(st.sampled_from((",", ",", ",", ";", "\t"))), draw(st.booleans())
        end = draw(st.sampled_from(("\n", "\r\n", "\r")))
        return end.join(comma.join(f'"{value}"' if is_quoted else value for value in row) for row in [names, *rows]) + end

    return table()


def payment_texts() -> st.SearchStrategy[str]:
    """Payment files as text."""
    row = st.tuples(st.sampled_from(("F1", "F2", "x", "")), st.one_of(st.just("2026-11-20T10:00:00+08:00"), st.sampled_from(ODD_CELLS)), st.one_of(st.just("100.00"), st.just("-100.00"), st.sampled_from(ODD_CELLS)))
    return st.lists(row, max_size=5).map(lambda rows: "\n".join(map(",".join, [("case_id", "paid_at", "amount"), *rows])))


def encoded(text: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Text in some encoding, at times spoilt."""
    whole = st.builds(lambda words, name: words.encode(name, "replace"), text, st.sampled_from(ENCODINGS))
    return st.one_of(whole, whole, spoilt(whole), whole.map(lambda data: data + b"\0"))


def workbook() -> bytes:
    """A small workbook that is a case file and a table of turns in one."""
    book, written_to = Workbook(), io.BytesIO()
    book.active.append([*COLUMNS, "编号", "说话人", "内容", "时间"])
    book.active.append(["F1", "赵明远", "男", "13800138000", "", "512X", "云山", "", 3200, None, "2026-11-15", 10, 0, "a", "坐席", "您好", "2026-11-20 10:12"])
    book.save(written_to)
    return written_to.getvalue()


BOOK = workbook()


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    """Workbooks whose bytes are spoilt, or the XML of one part, or that hold a number far away."""
    if draw(st.booleans()):
        return draw(spoilt(st.just(BOOK)))
    written_to, odd = io.BytesIO(), draw(st.sampled_from(("xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels")))
    change = draw(st.one_of(st.sampled_from(CHANGES), st.sampled_from(CHANGES), st.tuples(st.just(b""), st.just(b""))))
    with ZipFile(io.BytesIO(BOOK)) as source, ZipFile(written_to, "w", ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = source.read(part)
            if part == odd:
                content = content.replace(*change) if change[0] else draw(spoilt(st.just(content)))
            target.writestr(part, content)
    return written_to.getvalue()


CHANGES = (
    (b'r="2"', b'r="999999999999"'), (b'r="2"', b'r="1048577"'), (b'r="2"', b'r="-5"'), (b'r="2"', b'r="x"'), (b'r="A2"', b'r="XFE2"'), (b'r="A2"', b'r="ZZZZZZ2"'), (b't="s"', b't="e"'), (b't="s"', b't="d"'),
    (b"<v>0</v>", b"<v>99999</v>"), (b"<v>0</v>", b"<v>-1</v>"), (b"<v>0</v>", b"<v></v>"), (b"<v>3200</v>", b"<v>1e999</v>"), (b"<v>3200</v>", b"<f>1+1</f>"), (b"<v>3200</v>", b"<v>NaN</v>"), (b"<sheets>", b"<sheets/><x>"),
    (b"sheet1.xml", b"../../etc/passwd"), (b"<row", b"<row/><row"), (b's="', b's="9999"'),
)  # fmt: skip


def transcripts() -> st.SearchStrategy[bytes]:
    """Transcripts of every kind, whole and broken."""
    chat = st.lists(st.one_of(st.sampled_from(TURNS), st.sampled_from(TURNS), texts(3)), max_size=25).map("".join)
    turn = st.one_of(values(), st.fixed_dictionaries({"speaker": st.sampled_from(("客户", "坐席", "agent", "")), "text": said()}, optional={"at": values()}))
    talk = st.fixed_dictionaries({"turns": st.lists(turn, max_size=4)}, optional={"id": values(), "channel": values(), "case": values(), "collector": values()})
    lines = st.lists(st.one_of(st.builds(written, talk, st.booleans()), deep().map(lambda inner: b'{"turns": ' + inner.encode() + b"}")), max_size=4).map(b"\n".join)
    return st.one_of(encoded(chat), encoded(chat), lines, lines, spoilt(lines), encoded(case_texts()), workbooks(), st.binary(max_size=60))


def judge_import(folder: Path, store: Store, kind: str, drawn: tuple[str, bytes]) -> int:
    """A file is taken row by row, or refused with a message."""
    suffix, data = drawn
    file = folder / f"in{suffix}"
    file.write_bytes(data)
    with within(SECONDS), nothing_but(BadInput):
        report = import_cases(file, store) if kind == "cases" else import_payments(file, store, default_policy())
        _judge_report(report)
    return 1


def _judge_report(report: ImportReport) -> None:
    for finding in report.refusals:
        str(finding).encode("utf-8")
        if not finding.reason.strip():
            raise Fault("a refusal without a reason")


def judge_upload(drawn: tuple[str, bytes]) -> int:
    """A file is looked at and read, or refused with a message; every problem has a reason and a remedy."""
    name, data = drawn
    with within(SECONDS), nothing_but(BadInput):
        inspect_file(name, data)
    with within(SECONDS), nothing_but(BadInput):
        for item in read_transcripts(name, data):
            if isinstance(item, ReadTranscript):
                "".join(turn.text for turn in item.transcript.turns).encode("utf-8")
            elif not (item.reason and item.remedy):
                raise Fault("a problem without reason or remedy")
    return 1


@contextmanager
def file_stage() -> Iterator[Stage]:
    """All files, with a store for what they hold."""
    with tempfile.TemporaryDirectory(prefix="heyue-fuzz-") as name:
        folder = Path(name)
        store = Store.open(f"sqlite:///{folder / 'heyue.db'}", Keys.from_environment(folder))
        store.migrate()
        csv, xlsx = st.tuples(st.just(".csv"), encoded(case_texts())), st.tuples(st.sampled_from((".xlsx", ".xlsm")), workbooks())
        payments = st.one_of(st.tuples(st.just(".csv"), encoded(payment_texts())), xlsx)
        names = st.sampled_from(("t.jsonl", "t.csv", "t.xlsx", "t.txt", "t.srt", "t.vtt", "t", "t.json"))
        yield [
            Entry("import: cases", st.one_of(csv, csv, csv, xlsx), partial(judge_import, folder, store, "cases"), 0.012),
            Entry("import: payments", payments, partial(judge_import, folder, store, "payments"), 0.003),
            Entry("uploads", st.tuples(names, transcripts()), judge_upload, 0.035),
        ], []
        store.close()
