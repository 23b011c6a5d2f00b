from __future__ import annotations

import pytest

from streamer.asr.heard import LanguageOutput
from streamer.asr.hotwords import HotwordScorer, SpelledHotword
from streamer.asr.models import LoadedModels
from streamer.asr.search.lattice import PrefixHypothesis
from streamer.asr.wording import Wording
from streamer.settings.search import SearchSettings
from tests.asr.capable import CapableModels

TELLING = SearchSettings(language_weight=1.0, language_bonus=5.0)
"""The language stage has much to say."""


class Noted(CapableModels):
    """Notes what is to be written."""

    def __init__(self, plain: LoadedModels) -> None:
        super().__init__(plain.pack, plain._acoustic, plain._language)
        self.asked: list[tuple[int, ...]] = []

    def write(self, syllables: tuple[int, ...]) -> LanguageOutput:
        self.asked.append(syllables)
        return super().write(syllables)


def heard(*scores: float) -> list[PrefixHypothesis]:
    """Single syllables from 0 on."""
    return [PrefixHypothesis((at,), score) for at, score in enumerate(scores)]


def test_syllables_written_out_last_are_not_written_out_again(models: LoadedModels) -> None:
    noted = Noted(models)
    wording = Wording(noted, SearchSettings())

    written = [wording.write(ids) for ids in ((0, 1), (0, 1), (2,), (0, 1))]
    wording.forget()
    wording.write((0, 1))

    assert noted.asked == [(0, 1), (2,), (0, 1), (0, 1)]
    assert [each.ids for each in written] == [(3, 4), (3, 4), (5,), (3, 4)]


def test_characters_may_decide_for_other_syllables(models: LoadedModels) -> None:
    ids, written = Wording(Noted(models), TELLING).choose(heard(-0.7, -0.9), None)

    assert (ids, written.ids) == ((1,), (4,))


@pytest.mark.parametrize(("character", "ids"), [(3, (0,)), (5, (1,))])
def test_they_do_not_decide_against_a_hotword_that_the_language_stage_can_live_with(
    models: LoadedModels, character: int, ids: tuple[int, ...]
) -> None:
    hotwords = HotwordScorer([SpelledHotword(models.characters.text(character), (0,))])

    assert Wording(Noted(models), TELLING).choose(heard(-0.7, -0.9), hotwords)[0] == ids


def test_what_is_far_behind_is_not_written_out(models: LoadedModels) -> None:
    noted = Noted(models)
    settings = SearchSettings(language_weight=1.0, language_bonus=5.0, n_best_margin=0.5)

    assert Wording(noted, settings).choose(heard(-0.5, -1.2), None)[0] == (0,)
    assert noted.asked == [(0,)]


def test_what_cannot_win_any_more_is_not_written_out(models: LoadedModels) -> None:
    noted = Noted(models)

    assert Wording(noted, SearchSettings(language_weight=0.1)).choose(heard(-0.1, -1.0), None)[0] == (0,)
    assert noted.asked == [(0,)]


@pytest.mark.parametrize(
    ("ids", "score", "hotword", "is_written"),
    [
        # Of six syllables at −5 each, three are as far as two from the one that differs: at most −15 is to be gained.
        ((0, 0, 0, 0, 0, 2), -15.0, None, True),
        ((0, 0, 0, 0, 0, 2), -17.0, None, False),
        ((2, 0, 0, 0, 0, 0), -17.0, None, False),
        ((0, 0, 0, 2, 0, 0, 0), -20.0, None, True),
        ((0, 0, 0, 2, 0, 0, 0), -22.0, None, False),
        # The characters of a hotword may be taken to be certain: −10 is all that is known.
        ((0, 0, 0, 0, 0, 2), -17.0, (0, 0, 0, 2), True),
        ((0, 0, 0, 0, 0, 2), -22.0, (0, 0, 0, 2), False),
        ((2, 0, 0, 0, 0, 0), -17.0, (2, 0, 0, 0), True),
        ((0, 0, 0, 0, 0, 2), -17.0, (1, 1, 1, 1), False),
    ],
)
def test_far_from_where_they_differ_sequences_have_the_same_characters(
    models: LoadedModels, ids: tuple[int, ...], score: float, hotword: tuple[int, ...] | None, is_written: bool
) -> None:
    noted, settings = Noted(models), SearchSettings(language_weight=1.0, n_best_margin=25.0)
    hotwords = None if hotword is None else HotwordScorer([SpelledHotword("婆婆婆婆", hotword)])
    found = [PrefixHypothesis((0,) * 6, -1.0), PrefixHypothesis(ids, score)]

    Wording(noted, settings).choose(found, hotwords)

    assert (ids in noted.asked) == is_written


def test_what_was_written_before_is_known_too(models: LoadedModels) -> None:
    noted, settings = Noted(models), SearchSettings(language_weight=1.0, n_best_margin=25.0)
    # The third differs from the first in its middle, from the second at its end alone.
    found = [(0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 2, 0, 0, 0), (0, 0, 0, 2, 0, 0, 2)]

    Wording(noted, settings).choose(
        [PrefixHypothesis(ids, score) for ids, score in zip(found, (-1.0, -2.0, -17.0), strict=True)], None
    )

    assert noted.asked == found[:2]


@pytest.mark.parametrize(("tolerance", "is_written"), [(8.0, False), (9.0, True)])
def test_a_hotword_that_was_heard_is_written_unless_too_implausible(
    models: LoadedModels, tolerance: float, is_written: bool
) -> None:
    # The tiny language stage gives every other character 8.75 less than its own.
    wording = Wording(models, SearchSettings(hotword_writing=tolerance))

    found = wording.hotwords((0, 2), wording.write((0, 2)), HotwordScorer([SpelledHotword("佛婆", (0, 2))]))

    assert [(match.start, match.hotword.text) for match in found] == ([(0, "佛婆")] if is_written else [])


def test_characters_that_the_table_lacks_can_be_written(models: LoadedModels) -> None:
    wording = Wording(models, SearchSettings())
    written = wording.write((0, 2))
    found = wording.hotwords((0, 2), written, HotwordScorer([SpelledHotword("龘䶮", (0, 2))]))

    assert wording.texts(2, written, found) == ("龘", "䶮")


def test_syllables_without_a_character_have_an_empty_text(models: LoadedModels) -> None:
    assert Wording(models, SearchSettings()).texts(2, LanguageOutput((3,)), ()) == ("播", "")


def test_the_signs_of_the_beginning_and_the_end_are_no_characters(models: LoadedModels) -> None:
    assert Wording(models, SearchSettings()).texts(3, LanguageOutput((1, 3, 2)), ()) == ("", "播", "")


def test_a_hotword_that_was_heard_is_written_where_the_language_stage_gives_no_scores(models: LoadedModels) -> None:
    found = Wording(models, SearchSettings()).hotwords(
        (0, 2), LanguageOutput((3, 5)), HotwordScorer([SpelledHotword("佛婆", (0, 2))])
    )

    assert [match.hotword.text for match in found] == ["佛婆"]


@pytest.mark.parametrize("words", [("佛抹", "播抹"), ("播抹", "佛抹")])
def test_of_hotwords_that_sound_alike_the_language_stage_chooses(models: LoadedModels, words: tuple[str, ...]) -> None:
    wording = Wording(models, SearchSettings(hotword_writing=100.0))
    written = wording.write((0, 2))

    found = wording.hotwords((0, 2), written, HotwordScorer([SpelledHotword(text, (0, 2)) for text in words]))

    assert wording.texts(2, written, ()) == ("播", "抹")
    assert [match.hotword.text for match in found] == ["播抹"]
