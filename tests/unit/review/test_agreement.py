"""Agreement beyond chance, against the worked examples of those who invented the measures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heyue.errors import BadInput
from heyue.review.agreement import Agreement, agreement_by_item, cohen_kappa, krippendorff_alpha

# Cohen 1960, table 2: two psychologists, 200 patients, three diagnoses
COHEN = [
    (a, b)
    for a, row in enumerate([(88, 14, 18), (10, 40, 10), (2, 6, 12)])
    for b, n in enumerate(row)
    for _ in range(n)
]
# Krippendorff 2011, examples A (binary, two observers), B (nominal, two) and C (four, with values missing)
MEG_OWEN = list(zip("0100000010", "1110010000", strict=True))
BEN_GERRY = list(zip("aabbdcccedda", "babbbccceddd", strict=True))
FOUR = ["1233214 12...".replace(" ", ""), "1233224125.3", ".3332342251.", "1233244125 1.".replace(" ", "")]
FOUR_UNITS = [[None if each == "." else int(each) for each in unit] for unit in zip(*FOUR, strict=True)]


def test_kappa_of_cohens_own_example() -> None:
    assert cohen_kappa([a for a, _ in COHEN], [b for _, b in COHEN]) == pytest.approx(0.492, abs=5e-4)


@pytest.mark.parametrize(
    ("units", "level", "alpha"),
    [
        (MEG_OWEN, "nominal", 0.095),
        (BEN_GERRY, "nominal", 0.692),
        (FOUR_UNITS, "nominal", 0.743),
        (FOUR_UNITS, "interval", 0.849),
    ],
)
def test_alpha_of_krippendorffs_own_examples(
    units: list[list[str | int | None]], level: str, alpha: float
) -> None:
    assert krippendorff_alpha(units, level) == pytest.approx(alpha, abs=5e-4)


@pytest.mark.parametrize(
    ("a", "b", "kappa"),
    [("", "", None), ("yyy", "yyy", None), ("yn", "yn", 1.0), ("yn", "ny", -1.0), ("ynyn", "yynn", 0.0)],
)
def test_kappa_at_its_ends(a: str, b: str, kappa: float | None) -> None:
    assert cohen_kappa(a, b) == kappa


@pytest.mark.parametrize(
    "units", [[], [["a"]], [["a", None], [None, "b"]], [["a", "a"], ["a", "a"]]], ids=str
)
def test_alpha_is_not_defined_without_pairs_or_differences(units: list[list[str | None]]) -> None:
    assert krippendorff_alpha(units) is None


def test_raters_of_different_units_cannot_be_compared() -> None:
    with pytest.raises(BadInput, match="3 and 2"):
        cohen_kappa("abc", "ab")


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(BadInput, match="ratio"):
        krippendorff_alpha(MEG_OWEN, "ratio")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=30))
def test_both_stay_in_their_range_and_do_not_mind_who_is_first(pairs: list[tuple[str, str]]) -> None:
    kappa = cohen_kappa([a for a, _ in pairs], [b for _, b in pairs])
    assert kappa == cohen_kappa([b for _, b in pairs], [a for a, _ in pairs])
    assert kappa is None or -1 <= kappa <= 1
    alpha = krippendorff_alpha(pairs)
    assert alpha == pytest.approx(krippendorff_alpha([(b, a) for a, b in pairs]))
    assert alpha is None or -1 <= alpha <= 1


def test_agreement_per_item_counts_only_what_both_judged() -> None:
    first = {"empathy": "yes", "asked_day": "yes", "situation": "unwilling"}
    found = agreement_by_item({
        "t-1": [first, first],
        "t-2": [first, first | {"empathy": "no"}],
        "t-3": [{"empathy": "no"}, {"empathy": "no"}],
        "t-4": [{"empathy": "no", "polite_close": "yes"}],
    })  # fmt: skip
    assert found["empathy"] == Agreement(3, 2 / 3, pytest.approx(0.4), pytest.approx(4 / 9))
    assert found["asked_day"] == Agreement(2, 1.0, None, None)
    assert found["polite_close"] == Agreement(0, None, None, None)


def test_three_reviewers_have_an_alpha_but_no_kappa() -> None:
    said = [{"truthful": "yes"}, {"truthful": "yes"}, {"truthful": "no"}]
    found = agreement_by_item({"t-1": said, "t-2": said})["truthful"]
    assert (found.units, found.alike, found.kappa) == (2, 0.0, None)
    assert found.alpha is not None
