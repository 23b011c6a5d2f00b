from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from streamer.asr.fbank import MAX_FRAMES  # noqa: E402 - torch is optional
from streamer.training.device_plan import MOST_EXAMPLES, Plan, Planner, grouped, padded  # noqa: E402
from streamer.training.settings import AugmentSettings, TrainSettings  # noqa: E402
from tests.training.device_samples import PLAIN, source, table  # noqa: E402


def planned(
    lengths: list[int], spoken: list[int], augment: AugmentSettings = PLAIN, *, exact: bool = True, **changes: object
) -> list[Plan]:
    sources = (source(0, len(lengths), exact=exact, lowered=True),)
    train = TrainSettings(silence=changes.pop("silence", 0.0))
    planner = Planner(table(lengths, spoken), sources, train, msgspec.structs.replace(augment, **changes))
    return planner.batches(np.random.default_rng(1), 6, 100_000, 1.0)


@settings(max_examples=25, deadline=None)
@given(
    clips=st.lists(st.tuples(st.integers(1_600, 224_000), st.integers(1, 64)), min_size=1, max_size=8),
    exact=st.booleans(),
    seed=st.integers(0, 1_000),
    strength=st.floats(0, 1),
    frames=st.integers(1_100, 20_000),
)
def test_every_example_of_a_plan_can_be_made_and_learnt(
    clips: list[tuple[int, int]], seed: int, strength: float, frames: int, *, exact: bool
) -> None:
    lengths, spoken = ([*column, other] for column, other in zip(zip(*clips, strict=True), (32_000, 4), strict=True))
    every = AugmentSettings(joined=0.5, lowered=0.5, cut=0.5, tempo=(0.8, 1.5), rate=(0.85, 1.13))
    sources = (source(0, len(lengths), exact=exact, lowered=True),)
    planner = Planner(table(lengths, spoken), sources, TrainSettings(silence=0.1), every)
    batches = planner.batches(np.random.default_rng(seed), 3, frames, strength)
    assert len(batches) == 3
    for plan in batches:
        assert len(plan) <= MOST_EXAMPLES
        assert len(plan) * padded(plan.frames.max(keepdims=True))[0] <= frames
        assert plan.frames.max() <= MAX_FRAMES
        assert (plan.frames == plan.total // plan.hop + 1).all()
        assert (plan.begin + plan.one <= plan.total).all()
        assert (plan.begin_second + plan.two <= plan.total).all()
        assert ((plan.two > 0) == (plan.second >= 0)).all()
        for row in range(len(plan)):
            said = plan.tokens[row, : plan.count[row]]
            assert (said >= 0).all()
            assert (plan.tokens[row, plan.count[row] :] == -1).all()
            assert len(said) + (said[1:] == said[:-1]).sum() <= plan.frames[row] // 4
            known = plan.spans[row, :, 1] > 0
            assert not known[plan.count[row] :].any()
            assert known.any() <= exact
            assert (plan.spans[row, known, 1] <= plan.total[row] + 0.5).all()
            assert (plan.spans[row, known] >= 0).all()
        assert (plan.count[plan.silent] == 0).all()


def test_the_same_generator_draws_the_same() -> None:
    first, second = planned([32_000], [4], joined=0.5), planned([32_000], [4], joined=0.5)
    assert [each.total.tolist() for each in first] == [each.total.tolist() for each in second]


def test_an_unchanged_clip_has_its_own_length_and_spans() -> None:
    plan = planned([32_000], [2])[0]
    assert set(plan.total.tolist()) == {32_000}
    assert set(plan.frames.tolist()) == {201}
    assert plan.spans[0, :3].tolist() == [[2_400, 16_000], [16_000, 29_600], [-1, -1]]
    assert plan.tokens[0, :3].tolist() == [0, 1, -1]


def test_spans_that_are_not_exact_are_not_known() -> None:
    assert (planned([32_000], [2], exact=False)[0].spans == -1).all()


def test_a_second_clip_overlaps_the_quiet_ends_at_most() -> None:
    plans = planned([32_000], [2], joined=1.0)
    gap = np.concatenate([plan.begin_second - plan.begin - plan.one for plan in plans])
    assert -3_200 <= gap.min() < -3_000
    assert 2_800 < gap.max() <= 3_200
    plan = plans[0]
    shift = float(plan.begin_second[0])
    assert plan.tokens[0, :5].tolist() == [0, 1, 0, 1, -1]
    assert plan.spans[0, 2:4].tolist() == [[2_400 + shift, 16_000 + shift], [16_000 + shift, 29_600 + shift]]


def test_clips_without_quiet_ends_do_not_overlap() -> None:
    planner = Planner(
        table([32_000], [2], quiet=0), (source(0, 1),), TrainSettings(silence=0),
        msgspec.structs.replace(PLAIN, joined=1.0),
    )  # fmt: skip
    plan = planner.batches(np.random.default_rng(1), 1, 6_000, 1.0)[0]
    assert (plan.begin_second >= plan.begin + plan.one).all()


def test_a_cut_keeps_a_syllable_once_three_fifths_are_heard() -> None:
    for plan in planned([32_000], [2], cut=1.0):
        heard = np.stack([plan.one >= 2_400 + 0.6 * 13_600, plan.one >= 16_000 + 0.6 * 13_600]).sum(axis=0)
        assert plan.count.tolist() == heard.tolist()
        assert (plan.spans.max(axis=(1, 2)) <= plan.one).all()


def test_a_clip_that_never_fits_is_an_error() -> None:
    with pytest.raises(RuntimeError, match=r"augment\.tempo"):
        planned([224_000], [2])


def test_rows_are_grouped_by_length_under_the_budget() -> None:
    groups = grouped(np.array([100, 20, 97, 16]), 210)
    assert [group.tolist() for group in groups] == [[3, 1], [2, 0]]
    assert padded(np.array([16, 17, 24])).tolist() == [16, 24, 24]
