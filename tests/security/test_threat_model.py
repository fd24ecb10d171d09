"""The threat model names proofs that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
PROOFS = sorted(set(re.findall(r"`(tests/[^`]+)`", TEXT)))
THREATS = [line for line in TEXT.splitlines() if re.match(r"\| [STRIDE]\d", line)]


@pytest.mark.parametrize("proof", PROOFS)
def test_each_proof_is_there(proof: str) -> None:
    file, _, name = proof.partition("::")
    assert (ROOT / file).is_file()
    assert not name or f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("threat", THREATS, ids=lambda line: line.split("|")[1].strip())
def test_each_threat_has_a_control_and_a_proof(threat: str) -> None:
    number, at, what, control, proof = (cell.strip() for cell in threat.strip("|").split("|"))
    assert number
    assert at
    assert what
    assert control
    assert "`tests/" in proof


def test_all_six_kinds_of_threat_are_looked_at() -> None:
    assert {line[2] for line in THREATS} == set("STRIDE")
