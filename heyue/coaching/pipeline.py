"""What Heyue reads, as a spaCy pipeline: for people who work with Docs. Heyue itself does without spaCy.

    nlp = heyue_pipeline()
    doc = nlp("下周五发工资先还两千")          # doc.spans["promises"], doc._.promises, doc._.reason, doc._.violations
    talk = nlp.make_doc("我还不了\\n说了还不了")   # a talk: one turn of the borrower a line
    talk._.debtor_type, talk._.probabilities, talk._.evidence
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from heyue.coaching.debtor_types import type_evidence, type_probabilities
from heyue.coaching.reading import read_talk
from heyue.coaching.transcript import BORROWER, Said, Transcript
from heyue.conduct.line_check import check_line
from heyue.settings import ZONE
from heyue.understanding.promises import extract_promises
from heyue.understanding.reasons import reason_of

JIEBA = {"nlp": {"tokenizer": {"@tokenizers": "spacy.zh.ChineseTokenizer", "segmenter": "jieba"}}}


def heyue_pipeline() -> Language:
    """A Chinese pipeline (jieba's words) whose Docs carry what Heyue reads in them."""
    _register()
    nlp = spacy.blank("zh", config=JIEBA)
    nlp.add_pipe("heyue_promises")
    return nlp


@Language.component("heyue_promises")
def heyue_promises(doc: Doc) -> Doc:
    """Promises as spans and records. Days are counted from `doc.user_data["now"]`, else from the clock."""
    found = extract_promises(doc.text, doc.user_data.get("now") or datetime.now(ZONE))
    doc._.promises = found
    doc.spans["promises"] = [span for each in found if (span := _span(doc, each.span, each.certainty))]
    return doc


def _span(doc: Doc, place: tuple[int, int], label: str) -> Span | None:
    return doc.char_span(*place, label=label, alignment_mode="expand")


def _transcript(doc: Doc) -> Transcript:
    return Transcript(tuple(Said(BORROWER, line) for line in doc.text.split("\n")))


def _probabilities(doc: Doc) -> dict[str, float]:
    return type_probabilities(read_talk(_transcript(doc), datetime.now(ZONE)).blocks)


def _debtor_type(doc: Doc) -> str:
    share = _probabilities(doc)
    return max(share, key=share.__getitem__)


def _evidence(doc: Doc) -> list[Span]:
    lines = doc.text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    found = type_evidence(_transcript(doc), _debtor_type(doc))
    places = [(starts[each.turn] + each.span[0], starts[each.turn] + each.span[1]) for each in found]
    return [span for place in places if (span := _span(doc, place, _debtor_type(doc)))]


def _register() -> None:
    getters: dict[str, Any] = {
        "reason": lambda doc: reason_of(doc.text)[0],
        "violations": lambda doc: list(check_line(doc.text)),
        "probabilities": _probabilities,
        "debtor_type": _debtor_type,
        "evidence": _evidence,
    }
    for name, getter in getters.items():
        Doc.set_extension(name, getter=getter, force=True)
    Doc.set_extension("promises", default=[], force=True)
