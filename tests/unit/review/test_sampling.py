"""Which talks are reviewed: the same draw every time, whatever else is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heyue.errors import BadInput
from heyue.review.sampling import Candidate, Chosen, SamplingPlan, choose_for_review, load_sampling_plan

PLAN = SamplingPlan("1", "seed", 0.3, 0.5, 0.25)
candidates = st.lists(
    st.builds(Candidate, st.uuids().map(str), st.booleans(), st.floats(0, 1)),
    unique_by=lambda each: each.transcript_id,
    max_size=40,
)


@given(candidates, candidates)
def test_talks_that_come_later_change_nothing(earlier: list[Candidate], later: list[Candidate]) -> None:
    known = {each.transcript_id for each in earlier}
    mixed = [*later[::2], *earlier, *later[1::2]]
    again = [each for each in choose_for_review(mixed, PLAN) if each.transcript_id in known]
    assert again == choose_for_review(earlier, PLAN)


@given(candidates)
def test_flagged_and_unsure_talks_are_always_chosen(given_candidates: list[Candidate]) -> None:
    why = {each.transcript_id: each.why for each in choose_for_review(given_candidates, PLAN)}
    for each in given_candidates:
        if each.has_flags:
            assert why[each.transcript_id] == "flagged"
        elif each.confidence < PLAN.confidence_below:
            assert why[each.transcript_id] == "unsure"
        else:
            assert why.get(each.transcript_id, "random") == "random"


def drawn(plan: SamplingPlan, count: int = 20_000) -> list[Chosen]:
    return choose_for_review([Candidate(f"t-{number}", False, 0.9) for number in range(count)], plan)


def test_the_shares_are_kept_and_do_not_hang_together() -> None:
    chosen = drawn(PLAN)
    assert len(chosen) / 20_000 == pytest.approx(PLAN.share, abs=0.015)
    assert sum(each.twice for each in chosen) / len(chosen) == pytest.approx(0.25, abs=0.02)


def test_another_seed_draws_other_talks() -> None:
    assert drawn(PLAN) != drawn(PLAN._replace(seed="other"))


def test_a_larger_share_keeps_what_a_smaller_one_drew() -> None:
    assert set(drawn(PLAN, 500)) <= set(drawn(PLAN._replace(share=0.6), 500))


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (1.0, 500)])
def test_none_and_all_can_be_drawn(share: float, count: int) -> None:
    assert len(drawn(PLAN._replace(share=share), 500)) == count


def test_the_shipped_plan_is_read() -> None:
    plan = load_sampling_plan()
    assert plan.version
    assert 0 < plan.share < 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"share": "1.5"}, "share must be a share"),
        ({"second_review_share": "true"}, "second_review_share must be"),
        ({"seed": "2026"}, "seed must be a text"),
        ({"chance": "0.1"}, "chance is not known"),
    ],
)
def test_a_wrong_plan_is_refused_by_field(changed: dict[str, str], said: str, tmp_path: Path) -> None:
    fields = {
        "version": "'1'",
        "seed": "x",
        "share": "0.1",
        "confidence_below": "0.5",
        "second_review_share": "0",
    }
    path = tmp_path / "sampling.yml"
    path.write_text("\n".join(f"{name}: {value}" for name, value in (fields | changed).items()))
    with pytest.raises(BadInput, match=said):
        load_sampling_plan(path)
