"""The spaCy pipeline carries what Heyue reads, at the right places of the text."""

from __future__ import annotations

from datetime import datetime

import pytest
from spacy.language import Language

from heyue.coaching.debtor_types import TYPES
from heyue.coaching.pipeline import heyue_pipeline
from heyue.settings import ZONE


@pytest.fixture(scope="module")
def nlp() -> Language:
    return heyue_pipeline()


def test_promises_are_spans(nlp: Language) -> None:
    doc = nlp.make_doc("工资没发，下周五先还两千")
    doc.user_data["now"] = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
    doc = nlp(doc)
    assert [each.amount for each in doc._.promises] == ["2000.00"]
    assert "下周五" in doc.spans["promises"][0].text
    assert doc.spans["promises"][0].label_ == "firm"
    assert doc._.reason == "salary_delayed"


def test_a_talk_has_a_type_and_its_evidence(nlp: Language) -> None:
    doc = nlp.make_doc("还不了\n说了还不了，没有\n不分期，就是还不了")
    assert doc._.debtor_type in TYPES
    assert sum(doc._.probabilities.values()) == pytest.approx(1, abs=1e-3)
    assert all(span.text in doc.text for span in doc._.evidence)


def test_a_line_has_its_broken_rules(nlp: Language) -> None:
    assert [each.rule for each in nlp("验证码发给我，我帮你操作")._.violations] == ["privacy_probe"]
    assert nlp("您好，请问您什么时候方便？")._.violations == []
