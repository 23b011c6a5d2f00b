"""Which of several sequences of syllables is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.asr.decoder import Decoder
from streamer.asr.modelpack import ModelPack, load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.search.prefix_tree import Edges
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.search import SearchSettings
from tests.asr.capable import CapableModels
from tests.asr.decoding import UNSURE, probable
from tests.tonepack import write_tone_pack


def test_the_language_stage_chooses_among_several_at_the_final_only(tmp_path: Path) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones"))
    rows = probable([[0.5, 0.4, 0.01, 0.01, 0.01]])
    search = SearchSettings(n_best=4, language_weight=1.0, language_bonus=5.0)
    settings = RecognizerSettings(decoding="beam", search=search)
    with load_models(pack, settings) as plain:
        models = CapableModels(pack, plain._acoustic, plain._language)

        assert Decoder(models, settings).decode(rows, is_final=True).ids == (1,)
        assert Decoder(models, settings).decode(rows, is_final=False).ids == (0,)


class OneSidedModels(LoadedModels):
    """The tiny models, whose sentence model finds syllable 1 likelier than all others."""

    reach = 2

    def __init__(self, pack: ModelPack, plain: LoadedModels, likely: float = -1.0) -> None:
        super().__init__(pack, plain._acoustic, plain._language)
        self.sentences = self  # type: ignore[assignment]
        self.likely = likely
        self.asked: list[list[tuple[int, int]]] = []

    def scores_of_all(self, utterances: list[Edges]) -> list[list[float]]:
        self.asked += [list(edges) for edges in utterances]
        return [[self.likely if syllable == 1 else -4.0 for _, syllable in edges] for edges in utterances]


def test_the_sentence_model_chooses_among_several_at_the_final_only(tmp_path: Path) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones"))
    rows = probable([[0.5, 0.3, 0.1, 0.01, 0.01]])
    search = SearchSettings(sentence_margin=1.0, sentence_weight=0.5, language_weight=0.0)
    settings = RecognizerSettings(decoding="beam", search=search)
    with load_models(pack, settings) as plain:
        models = OneSidedModels(pack, plain)

        assert Decoder(models, settings).decode(rows, is_final=True).ids == (1,)
        assert Decoder(models, settings).decode(rows, is_final=False).ids == (0,)
    assert models.asked == [[(-1, 0), (-1, 1)]]


@pytest.mark.parametrize(
    ("margin", "before", "ids"),
    [(2.0, (2, 3, 4), (2, 3, 4, 1)), (2.0, (3, 4), (3, 4, 0)), (0.0, (2, 3, 4), (2, 3, 4, 0))],
)
def test_the_sentence_model_judges_partials_of_some_length_where_it_is_asked_to(
    tmp_path: Path, margin: float, before: tuple[int, ...], ids: tuple[int, ...]
) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones"))
    sure = [[0.96 if at == syllable else 0.01 for at in range(5)] for syllable in before]
    rows = probable([*sure, [0.5, 0.3, 0.01, 0.01, 0.01]])
    search = SearchSettings(partial_sentence_margin=margin, sentence_weight=0.5, language_weight=0.0)
    settings = RecognizerSettings(decoding="beam", search=search)
    with load_models(pack, settings) as plain:
        models = OneSidedModels(pack, plain)

        assert Decoder(models, settings).decode(rows, is_final=False).ids == ids


def test_the_sentence_model_finds_what_no_beam_of_sequences_holds(tmp_path: Path) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones"))
    rows = probable([[0.3, 0.1, 0.2, 0.2, 0.19], *[[0.0004] * 5] * 2] * 6)
    search = SearchSettings(beam=32, sentence_margin=9.0, sentence_weight=2.0, sentence_bonus=2.0, language_weight=0.0)
    settings = RecognizerSettings(decoding="beam", search=search)
    with load_models(pack, settings) as plain:
        models = OneSidedModels(pack, plain)

        # Of 5^6 sequences one of the least probable.
        assert Decoder(models, settings).decode(rows, is_final=True).ids == (1,) * 6


@pytest.mark.parametrize(("bonus", "ids"), [(0.0, ()), (3.5, (0,))])
def test_a_bonus_a_syllable_evens_out_what_longer_sentences_lose(
    tmp_path: Path, bonus: float, ids: tuple[int, ...]
) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones"))
    search = SearchSettings(sentence_weight=1.0, sentence_bonus=bonus, sentence_margin=9.0, language_weight=0.0)
    settings = RecognizerSettings(decoding="beam", search=search)
    with load_models(pack, settings) as plain:
        models = OneSidedModels(pack, plain, likely=-4.0)

        assert Decoder(models, settings).decode(UNSURE, is_final=True).ids == ids


def test_without_weight_the_sentence_model_is_not_asked(tmp_path: Path) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones"))
    settings = RecognizerSettings(decoding="beam", search=SearchSettings(n_best=4))
    with load_models(pack, settings) as plain:
        models = OneSidedModels(pack, plain)
        Decoder(models, settings).decode(UNSURE, is_final=True)

    assert models.asked == []
