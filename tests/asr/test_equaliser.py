from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.asr.equaliser import Equaliser, equaliser_of, load_usual_spectrum, loud_spectrum
from streamer.asr.modelpack import load_pack
from streamer.asr.packwriter import write_tables
from streamer.errors import PackError
from tests.tonepack import write_tone_pack

Features = npt.NDArray[np.float32]


def normalised(features: npt.NDArray[np.floating]) -> Features:
    return ((features - features.mean()) / features.std()).astype(np.float32)


def speech(frames: int = 200, seed: int = 0) -> Features:
    """Features whose frames differ in level, with bands that stand out."""
    random = np.random.default_rng(seed)
    levels = random.normal(0, 1, (frames, 1))
    return normalised(levels + random.normal(0, 0.5, (frames, 80)) + np.linspace(0.5, -0.5, 80))


def usual(features: Features) -> npt.NDArray[np.float32]:
    return loud_spectrum(features)


def test_the_loud_spectrum_is_that_of_the_louder_half() -> None:
    features = np.array([[0, 2], [4, 6], [1, 1], [8, 2]], np.float32)

    np.testing.assert_array_equal(loud_spectrum(features), [6, 4])


def test_what_is_usual_stays_as_it_is() -> None:
    features = speech()

    found = Equaliser(usual(features) + np.float32(0.29), 0.3, 1.0).equalised(features)

    np.testing.assert_allclose(found, features, atol=1e-6)


def test_beyond_the_tolerance_a_share_is_taken_back() -> None:
    features = speech()
    wanted = usual(features).copy()
    wanted[10] += 1.3
    wanted[20] -= 0.8

    found = Equaliser(wanted, 0.3, 0.5).equalised(features)

    expected = features.copy()
    expected[:, 10] += 0.5
    expected[:, 20] -= 0.25
    np.testing.assert_allclose(found, normalised(expected), atol=1e-5)


def test_a_dull_microphone_is_made_up_for() -> None:
    features = speech()
    dull = normalised(features - np.maximum(0, np.arange(80) - 40) * 0.05)

    found = Equaliser(usual(features), 0.0, 1.0).equalised(dull)

    assert np.abs(found - features).mean() < 0.2 * np.abs(dull - features).mean()


@given(frames=st.integers(1, 40), seed=st.integers(0, 100), tolerance=st.floats(0, 2), share=st.floats(0, 0.9))
def test_features_stay_normalised(frames: int, seed: int, tolerance: float, share: float) -> None:
    features = speech(frames, seed)

    found = Equaliser(np.zeros(80, np.float32), tolerance, share).equalised(features)

    assert (found.shape, found.dtype) == (features.shape, np.float32)
    np.testing.assert_allclose([found.mean(), found.std()], [0, 1], atol=1e-4)


def test_features_that_are_all_alike_are_no_error() -> None:
    alike = np.zeros((50, 80), np.float32)

    np.testing.assert_array_equal(Equaliser(np.zeros(80, np.float32), 0.3, 0.6).equalised(alike), alike)


def test_a_pack_without_a_table_has_none(tmp_path: Path) -> None:
    assert equaliser_of(load_pack(write_tone_pack(tmp_path / "tones"))) is None


def test_a_pack_with_a_table_and_a_spectrum_has_one(tmp_path: Path) -> None:
    folder = write_tone_pack(tmp_path / "tones")
    np.save(folder / "usual.npy", np.zeros(80, np.float32))
    write_tables(folder, {"resources": {"usual_spectrum": "usual.npy"}, "equaliser": {"tolerance": 0.3, "share": 0.6}})

    assert equaliser_of(load_pack(folder)) is not None


def test_a_table_without_a_spectrum_is_an_error(tmp_path: Path) -> None:
    folder = write_tone_pack(tmp_path / "tones")
    write_tables(folder, {"equaliser": {"tolerance": 0.3, "share": 0.6}})

    with pytest.raises(PackError, match=r"pack tones 1 has a table \[equaliser\] and no usual spectrum"):
        equaliser_of(load_pack(folder))


@pytest.mark.parametrize(
    "spectrum", [np.zeros(81, np.float32), np.zeros(80), np.full(80, np.nan, np.float32)], ids=["long", "double", "nan"]
)
def test_another_spectrum_is_refused(tmp_path: Path, spectrum: npt.NDArray[np.floating]) -> None:
    np.save(tmp_path / "usual.npy", spectrum)

    with pytest.raises(PackError, match="expected 80 finite float32, one for each mel band"):
        load_usual_spectrum(tmp_path / "usual.npy")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "usual.npy").write_bytes(b"nothing")

    with pytest.raises(PackError, match="is no usual spectrum"):
        load_usual_spectrum(tmp_path / "usual.npy")
