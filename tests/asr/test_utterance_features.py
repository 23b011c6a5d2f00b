from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.asr.fbank import FeatureRecipe, fbank
from streamer.asr.utterance_features import UtteranceFeatures
from streamer.errors import FeatureError
from tests.asr.echoing import chatter, in_room, steps

RECIPE = FeatureRecipe()
DRY = steps(chatter(4.0))
WET = steps(in_room(chatter(4.0), 0.5))


def whole(pcm: npt.NDArray[np.int16], recipe: FeatureRecipe = RECIPE) -> npt.NDArray[np.float32]:
    return UtteranceFeatures(recipe, 0.84).features(pcm, is_final=True)


def test_dry_sound_is_heard_as_it_is() -> None:
    np.testing.assert_array_equal(whole(DRY), fbank(DRY))


def test_a_pack_that_was_not_tuned_for_rooms_hears_them() -> None:
    np.testing.assert_array_equal(UtteranceFeatures(RECIPE, None).features(WET, is_final=True), fbank(WET))


def test_less_of_the_room_is_heard() -> None:
    dry, wet, heard = fbank(DRY), fbank(WET), whole(WET)

    assert np.abs(wet - dry).mean() > 0.3
    assert np.abs(heard - dry).mean() < 0.9 * np.abs(wet - dry).mean()
    assert heard.dtype == np.float32
    np.testing.assert_allclose([heard.mean(), heard.std()], [0, 1], atol=1e-5)


def test_no_room_is_looked_for_in_less_than_eight_tenths_of_a_second() -> None:
    np.testing.assert_array_equal(whole(WET[: 78 * 160]), fbank(WET[: 78 * 160]))
    assert np.abs(whole(WET[: 79 * 160]) - fbank(WET[: 79 * 160])).max() > 0.1


def centred(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    return pcm - np.int16(round(float(pcm.mean())))


@pytest.mark.parametrize("offset", [20, -3000])
def test_the_offset_of_a_microphone_is_not_heard(offset: int) -> None:
    np.testing.assert_array_equal(whole(DRY + np.int16(offset)), fbank(centred(DRY)))
    np.testing.assert_array_equal(whole(WET + np.int16(offset)), whole(centred(WET)))


def test_what_lies_hardly_beside_zero_is_heard_as_it_is() -> None:
    np.testing.assert_array_equal(whole(centred(DRY) + np.int16(15)), fbank(centred(DRY) + np.int16(15)))


def test_samples_at_full_scale_stay_there_without_the_offset() -> None:
    away, expected = np.full(16_000, 3000, np.int16), np.zeros(16_000, np.int16)
    away[8000], expected[8000] = -32_768, -32_768
    expected[expected == 0] = 3000 - round(float(away.mean()))

    np.testing.assert_array_equal(whole(away), fbank(expected))


def test_a_growing_sound_is_heard_without_the_offset_that_it_has_so_far() -> None:
    growing = UtteranceFeatures(RECIPE, None)
    before = growing.features(DRY[:16_000], is_final=False)
    moved = np.concatenate([DRY[:16_000], DRY[16_000:] + np.int16(1000)])

    after = growing.features(moved, is_final=False)

    np.testing.assert_array_equal(before, fbank(DRY[:16_000]))
    np.testing.assert_array_equal(after, fbank(centred(moved)))


@settings(max_examples=20, deadline=None)
@given(
    cuts=st.lists(st.integers(1, len(WET) - 1), max_size=6),
    padding=st.sampled_from(["constant", "reflect"]),
    is_wet=st.booleans(),
    offset=st.sampled_from([0, 500]),
)
def test_a_final_does_not_depend_on_how_it_grew(cuts: list[int], padding: str, is_wet: bool, offset: int) -> None:
    sound = (WET if is_wet else DRY) + np.int16(offset)
    recipe = FeatureRecipe(padding="reflect" if padding == "reflect" else "constant")
    growing = UtteranceFeatures(recipe, 0.84)
    for cut in sorted(cuts):
        assert growing.features(sound[:cut], is_final=False).shape == (cut // 160 + 1, 80)

    np.testing.assert_array_equal(growing.features(sound, is_final=True), whole(sound, recipe))


def test_between_two_looks_at_the_room_what_was_said_is_heard_as_before() -> None:
    growing = UtteranceFeatures(RECIPE, 0.84)
    before = growing.features(WET[:32_000], is_final=False)

    after = growing.features(WET[:38_400], is_final=False)

    # Both are normalised as a whole; the last two frames before reached beyond the sound.
    slope, level = np.polyfit(before[:199].ravel().astype(np.float64), after[:199].ravel(), 1)
    np.testing.assert_allclose(after[:199], before[:199] * slope + level, atol=1e-4)


def test_the_room_is_looked_for_again_in_a_quarter_more() -> None:
    growing = UtteranceFeatures(RECIPE, 0.84)
    growing.features(WET[:32_000], is_final=False)

    after = growing.features(WET[: 250 * 160 + 160], is_final=False)

    np.testing.assert_array_equal(after, whole(WET[: 250 * 160 + 160]))


def test_no_samples_are_an_error() -> None:
    with pytest.raises(FeatureError, match="no samples"):
        UtteranceFeatures(RECIPE, 0.84).features(np.empty(0, np.int16), is_final=True)
