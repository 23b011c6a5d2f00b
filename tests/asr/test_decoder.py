from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamer.asr.decoder import Decoder
from streamer.asr.heard import AcousticOutput
from streamer.asr.hotwords import SpelledHotword
from streamer.asr.modelpack import load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.packwriter import seal_pack
from streamer.asr.search.acoustic_prior import save_acoustic_prior
from streamer.asr.search.syllable_lm import SyllableLanguageModel
from streamer.errors import PackError
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.search import SearchSettings
from tests.asr.decoding import BEAM, UNSURE, probable, with_table
from tests.tonepack import rewrite_manifest, write_tone_pack


def test_greedy_by_default(models: LoadedModels) -> None:
    assert Decoder(models, RecognizerSettings()).decode(UNSURE, is_final=True).ids == ()


def test_a_pack_brings_the_search_that_it_was_tuned_for(tmp_path: Path) -> None:
    pack = with_table(tmp_path / "tones", "[search]\nbeam = 4")

    with load_models(pack, RecognizerSettings()) as models:
        assert Decoder(models, RecognizerSettings()).decode(UNSURE, is_final=True).ids == (0,)
        assert Decoder(models, RecognizerSettings(decoding="greedy")).decode(UNSURE, is_final=True).ids == ()


def test_a_pack_says_how_much_later_finals_are_heard_again(tmp_path: Path) -> None:
    pack = with_table(tmp_path / "tones", "[search]\nsecond_hearing = 3")

    with load_models(pack, RecognizerSettings()) as models:
        assert Decoder(models, RecognizerSettings()).second_hearing == 3
        assert Decoder(models, RecognizerSettings(decoding="greedy")).second_hearing == 0


def test_beam_by_settings_with_times_from_the_alignment(models: LoadedModels) -> None:
    decoded = Decoder(models, BEAM).decode(UNSURE, is_final=True)

    assert decoded.path is not None
    assert [(token.id, token.first_step) for token in decoded.path.tokens] == [(0, 0)]
    assert decoded.written.ids == (3,)


def test_gates_drop_characters_with_their_syllables(models: LoadedModels) -> None:
    rows = probable([[0.9, 0.01, 0.01, 0.01, 0.01], [0.01, 0.01, 0.01, 0.01, 0.01], [0.01, 0.01, 0.6, 0.01, 0.01]])
    settings = RecognizerSettings(decoding="beam", min_token_score=-0.3)

    decoded = Decoder(models, settings).decode(rows, is_final=True)

    assert (decoded.ids, decoded.written.ids) == ((0,), (3,))


def packed_trigram(folder: Path, size: int) -> Path:
    """A tone pack with a trigram that only expects syllable 1."""
    write_tone_pack(folder)
    unigrams = np.full(size, -9.0, np.float32)
    unigrams[1] = -0.1
    start = size * (size + 1) + size
    trigram = SyllableLanguageModel(
        size=size,
        unigrams=unigrams,
        start_backoffs=np.zeros(size + 1, np.float32),
        bigram_keys=np.array([start], np.int64),
        bigrams=np.array([-20.0], np.float32),
        bigram_backoffs=np.zeros(1, np.float32),
        trigram_keys=np.array([1], np.int64),
        trigrams=np.array([-0.1], np.float32),
    )
    trigram.save(folder / "syllables.lm")
    rewrite_manifest(folder, "[files]", '[resources]\nsyllable_lm = "syllables.lm"\n\n[files]')
    seal_pack(folder)
    return folder


def fused(weight: float) -> RecognizerSettings:
    return RecognizerSettings(decoding="beam", search=SearchSettings(syllable_lm_weight=weight, length_bonus=2.0))


def test_the_packs_trigram_is_fused_in(tmp_path: Path) -> None:
    rows = probable([[0.5, 0.4, 0.01, 0.01, 0.01]])
    pack = load_pack(packed_trigram(tmp_path / "tones", 5))
    with load_models(pack, BEAM) as models:
        found = [Decoder(models, fused(weight)).decode(rows, is_final=False).ids for weight in (0.0, 1.0)]

    assert found == [(0,), (1,)]


def test_what_training_expected_is_taken_out_where_a_trigram_counts(tmp_path: Path) -> None:
    folder = packed_trigram(tmp_path / "tones", 5)
    save_acoustic_prior(folder / "prior.npy", np.array([0.9, 0.025, 0.025, 0.025, 0.025]))
    manifest = (folder / "pack.toml").read_text(encoding="utf-8")
    manifest = manifest.replace("[resources]", '[resources]\nacoustic_prior = "prior.npy"')
    (folder / "pack.toml").write_text(manifest, encoding="utf-8")
    seal_pack(folder)
    rows = probable([[0.5, 0.4, 0.01, 0.01, 0.01]])

    with load_models(load_pack(folder), BEAM) as models:
        found = [
            Decoder(models, RecognizerSettings(decoding="beam", search=search)).decode(rows, is_final=False).ids
            for search in (
                SearchSettings(syllable_lm_weight=0.01),
                SearchSettings(syllable_lm_weight=0.01, prior_weight=1.0),
                SearchSettings(syllable_lm_weight=0.0, prior_weight=1.0),
            )
        ]

    assert found == [(0,), (1,), (0,)]


def test_what_may_have_been_said_instead_is_chosen_where_the_trigram_expects_it(tmp_path: Path) -> None:
    folder = packed_trigram(tmp_path / "tones", 5)
    (folder / "alikes.tsv").write_text("bo1\tpo2\t0.5\n", encoding="utf-8")
    manifest = (folder / "pack.toml").read_text(encoding="utf-8")
    (folder / "pack.toml").write_text(
        manifest.replace("[resources]", '[resources]\nalikes = "alikes.tsv"'), encoding="utf-8"
    )
    seal_pack(folder)
    rows = probable([[0.9, 1e-9, 0.01, 0.01, 0.01]])
    asked = (
        SearchSettings(syllable_lm_weight=0.3),
        SearchSettings(syllable_lm_weight=0.3, alikes_weight=1.0),
        SearchSettings(syllable_lm_weight=0.0, alikes_weight=1.0),
    )

    with load_models(load_pack(folder), BEAM) as models:
        decoders = [Decoder(models, RecognizerSettings(decoding="beam", search=search)) for search in asked]
        found = [each.decode(rows, is_final=True) for each in decoders]

    assert [each.ids for each in found] == [(0,), (1,), (0,)]
    assert found[1].path is not None
    assert found[1].path.tokens[0].score == pytest.approx(np.log(0.45), abs=1e-4)


@pytest.mark.parametrize(("is_final", "is_unbroken", "ids"), [(True, True, (1,)), (True, False, ()), (False, True, ())])
def test_finals_of_unbroken_speech_may_be_longer(
    tmp_path: Path, is_final: bool, is_unbroken: bool, ids: tuple[int, ...]
) -> None:
    rows = probable([[0.01, 0.1, 0.01, 0.01, 0.01]])
    search = SearchSettings(syllable_lm_weight=1.0, length_bonus=1.0, unbroken_bonus=2.0)
    with load_models(load_pack(packed_trigram(tmp_path / "tones", 5)), BEAM) as models:
        decoder = Decoder(models, RecognizerSettings(decoding="beam", search=search))

        assert decoder.decode(rows, is_final=is_final, is_unbroken=is_unbroken).ids == ids


def test_a_trigram_of_another_table_is_refused(tmp_path: Path) -> None:
    pack = load_pack(packed_trigram(tmp_path / "tones", 4))

    with load_models(pack, BEAM) as models, pytest.raises(PackError, match="made for 4 acoustic tokens"):
        Decoder(models, BEAM)


def test_bare_ids_are_taken_as_they_are(models: LoadedModels) -> None:
    decoded = Decoder(models, BEAM).decode(AcousticOutput((2, 2), None), is_final=True)

    assert (decoded.ids, decoded.texts, decoded.path, decoded.scores) == ((2, 2), ("抹", "抹"), None, (None, None))


def test_scores_are_of_syllable_and_character(models: LoadedModels) -> None:
    decoded = Decoder(models, RecognizerSettings()).decode(probable([[0.9, 0, 0, 0, 0]]), is_final=True)

    assert decoded.scores == (pytest.approx(np.log(0.9) - 0.25),)


def test_a_calibrated_pack_gives_confidences(tmp_path: Path) -> None:
    pack = with_table(tmp_path / "tones", "[confidence]\nbias = 1.0\nweights = {acoustic = 2.0, language = 4.0}")

    with load_models(pack, BEAM) as models:
        decoded = Decoder(models, BEAM).decode(probable([[0.9, 0, 0, 0, 0]]), is_final=True)

    odds = 1.0 + 2.0 * np.log(0.9) + 4.0 * -0.25
    assert decoded.confidences == (pytest.approx(1 / (1 + np.exp(-odds))),)


def test_a_calibration_by_unknown_features_is_refused(tmp_path: Path) -> None:
    pack = with_table(tmp_path / "tones", "[confidence]\nbias = 1.0\nweights = {loudness = 2.0}")

    with load_models(pack, BEAM) as models, pytest.raises(PackError, match="weighs loudness, expected only acoustic"):
        Decoder(models, BEAM)


def test_finals_that_were_chosen_among_several_have_a_calibration_of_their_own(tmp_path: Path) -> None:
    tables = "[confidence]\nbias = 3.0\nweights = {}\n[final_confidence]\nbias = -1.0\nweights = {agreement = 2.0}"
    beam = RecognizerSettings(decoding="beam", search=SearchSettings(n_best=4))
    heard = probable([[0.6, 0.39, 0, 0, 0]])

    with load_models(with_table(tmp_path / "tones", tables), beam) as models:
        final, partial = (Decoder(models, beam).decode(heard, is_final=each) for each in (True, False))
        greedy = Decoder(models, RecognizerSettings()).decode(heard, is_final=True)

    assert [each.ids for each in final.found] == [(0,), (1,)]
    share = 1 / (1 + (0.39 / 0.6) ** 0.5)
    assert final.confidences == (pytest.approx(1 / (1 + np.exp(1 - 2 * share)), abs=1e-4),)
    assert partial.confidences == greedy.confidences == (pytest.approx(1 / (1 + np.exp(-3))),)
    assert partial.found == greedy.found == ()


HEARD = [[0.5, 0.4, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0.5, 0.4, 0]]
"""Syllables 0 and 2 are a little more probable than 1 and 3."""


def test_hotwords_bias_the_beam(models: LoadedModels) -> None:
    decoder = Decoder(models, BEAM)
    decoder.favoured = decoder.favourable([SpelledHotword("婆佛", (1, 3))])

    assert decoder.decode(probable(HEARD), is_final=False).ids == (1, 3)

    decoder.favoured = decoder.favourable([])

    assert decoder.decode(probable(HEARD), is_final=False).ids == (0, 2)


@pytest.mark.parametrize(("others", "ids"), [(0, (1, 3)), (10_000, (0, 2))])
def test_a_word_of_a_long_list_biases_less(models: LoadedModels, others: int, ids: tuple[int, ...]) -> None:
    decoder = Decoder(models, RecognizerSettings(decoding="beam", search=SearchSettings(hotword_bonus=0.3)))
    decoder.favoured = decoder.favourable(
        [SpelledHotword("婆佛", (1, 3)), *(SpelledHotword(str(each), (4, 4, 4)) for each in range(others))]
    )

    assert decoder.decode(probable(HEARD), is_final=False).ids == ids


def test_bare_ids_are_repaired_by_hotwords(models: LoadedModels) -> None:
    decoder = Decoder(models, RecognizerSettings(search=SearchSettings(hotword_writing=9.0)))
    decoder.favoured = decoder.favourable([SpelledHotword("佛婆", (0, 2))])

    found = decoder.decode(AcousticOutput((4, 0, 2), None), is_final=True).hotwords

    assert [(match.start, match.hotword.text) for match in found] == [(1, "佛婆")]
