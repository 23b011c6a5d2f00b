from __future__ import annotations

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from streamer.training.augment import LESS_ABOVE, moved_bins  # noqa: E402 - torch is optional
from streamer.training.device_draws import Draws  # noqa: E402
from streamer.training.device_features import DeviceFeatures  # noqa: E402
from streamer.training.features import training_features  # noqa: E402
from tests.training.device_samples import PLAIN, speechlike  # noqa: E402

CPU = torch.device("cpu")
NOBODY = torch.zeros(2, dtype=torch.bool)


def test_features_of_a_batch_are_the_training_features_at_every_hop() -> None:
    waves = [speechlike(samples, samples).astype(np.float32) / 32768 for samples in (16_000, 45_775, 30_001)]
    hops = [160, 200, 130]
    batch = torch.zeros(3, 45_775)
    for row, wave in enumerate(waves):
        batch[row, : len(wave)] = torch.from_numpy(wave)
    total = torch.tensor([len(wave) for wave in waves])
    found = DeviceFeatures(CPU, PLAIN).features(batch, torch.tensor(hops), total, 240).numpy()
    for row, (wave, hop) in enumerate(zip(waves, hops, strict=True)):
        expected = training_features(wave, hop)
        assert np.abs(found[row, : len(expected)] - expected).max() < 2e-3
        assert not found[row, len(expected) :].any()


def test_moved_bins_are_those_of_the_cpu() -> None:
    features = np.random.default_rng(1).standard_normal((3, 7, 80)).astype(np.float32)
    regions = np.array([1.1, 0.92, 1.0])[:, None] ** LESS_ABOVE
    moved = DeviceFeatures(CPU, PLAIN).moved_bins(
        torch.from_numpy(features), torch.tensor(regions, dtype=torch.float32)
    )
    for row in range(3):
        assert np.abs(moved[row].numpy() - moved_bins(features[row], regions[row])).max() < 1e-3


def test_lowered_speech_has_its_formants_moved_up_and_other_speech_by_the_usual_warp() -> None:
    features = torch.zeros(2, 4, 80)
    features[:, :, 20] = 3.0
    settings = msgspec.structs.replace(PLAIN, lowered_warp=(0.8, 0.8))
    draws = Draws(CPU, 1)
    both = torch.tensor([True, False])
    lowered, usual = (DeviceFeatures(CPU, settings).warped(features, both, draws, 1.0))[:, 0].argmax(1).tolist()
    assert 23 <= lowered <= 28
    assert 19 <= usual <= 21


def test_half_of_the_others_are_left_as_they_are() -> None:
    features = torch.rand(400, 2, 80, generator=torch.Generator().manual_seed(1))
    settings = msgspec.structs.replace(PLAIN, warp=(0.9, 1.1))
    lowered = torch.zeros(400, dtype=torch.bool)
    warped = DeviceFeatures(CPU, settings).warped(features, lowered, Draws(CPU, 1), 1.0)
    assert int((warped == features).all(2).all(1).sum()) == pytest.approx(200, abs=40)


def test_masks_are_whole_bands_and_spans_of_at_most_the_wanted_size() -> None:
    settings = msgspec.structs.replace(PLAIN, masks=1)
    frames = torch.tensor([240, 24])
    for seed in range(12):
        masked = DeviceFeatures(CPU, settings).masked(torch.ones(2, 240, 80), frames, Draws(CPU, seed), 1.0).numpy()
        for row, most in enumerate((20, 2)):
            bands, spans = (masked[row] == 0).all(axis=0), (masked[row] == 0).all(axis=1)
            assert bands.sum() <= 15
            assert spans.sum() <= most
            assert ((masked[row] == 0) == (bands[None, :] | spans[:, None])).all()
            for hidden in (bands, spans):
                assert np.abs(np.diff(hidden.astype(int))).sum() <= 2
    untouched = DeviceFeatures(CPU, PLAIN).masked(torch.ones(2, 240, 80), frames, Draws(CPU, 1), 1.0)
    assert (untouched == 1).all()


def test_further_masks_are_spans_in_time() -> None:
    frames = torch.tensor([240])
    hidden = []
    for seed in range(12):
        masked = DeviceFeatures(CPU, PLAIN).masked(torch.ones(1, 240, 80), frames, Draws(CPU, seed), 1.0, 3)[0].numpy()
        steps = (masked == 0).all(axis=1)
        assert ((masked == 0) == steps[:, None]).all()
        assert np.count_nonzero(np.diff(np.pad(steps.astype(int), 1)) == 1) <= 3
        hidden.append(steps.sum())
    assert 20 < max(hidden) <= 60
