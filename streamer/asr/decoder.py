"""Decoding: from the acoustic model's log-probabilities to syllables and the characters they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streamer.asr.confidence import Confidence
from streamer.asr.ctc import CtcPath, LogProbs, align_all, greedy
from streamer.asr.decoded import Decoded
from streamer.asr.gates import supported, without_echoes
from streamer.asr.heard import AcousticOutput, LanguageOutput
from streamer.asr.hotwords import FavouredHotwords, HotwordScorer, SpelledHotword
from streamer.asr.models import LoadedModels
from streamer.asr.search.acoustic_prior import weighted_prior
from streamer.asr.search.alikes import weighted_alikes
from streamer.asr.search.beam_lanes import beam_searches
from streamer.asr.search.beam_steps import BeamOptions
from streamer.asr.search.lattice import Lattice, PrefixHypothesis
from streamer.asr.search.lattice_paths import LatticePaths
from streamer.asr.search.scorers import WeightedScorer
from streamer.asr.search.syllable_scorer import SyllableScorer
from streamer.asr.wording import Wording
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.search import SearchSettings

_JUDGED_FROM = 4
"""Syllables from which the sentence model judges a partial: of fewer it knows little, and first text comes later."""

_MOST_JUDGED, _PARTIAL_MOST_JUDGED = 1024, 160
"""Syllables that the sentence model judges for one utterance, at the final and before: of tune.tsv, as it lies and in a
row, finals lose by 400 (0.2 points of all characters wrong) and partials by 100."""

_UNWRITTEN = LanguageOutput(())


class Decoder:
    """Searches with one pack's models under fixed settings. Keeps nothing of an utterance."""

    def __init__(self, models: LoadedModels, settings: RecognizerSettings) -> None:
        """Prepare the search.

        Raises:
            PackError: the pack's syllable trigram or acoustic prior is damaged or was made for another token table, or
                its calibration weighs what is not known here.
        """
        self._confidence = Confidence(models.pack.manifest)
        self._models = models
        self._settings = settings
        self._blank_id = models.pack.manifest.acoustic.blank_id
        self._beam = _beam_settings(settings, models.pack.manifest.search)
        self._scorers = () if self._beam is None else _syllable_scorers(models, self._beam.syllable_lm_weight)
        self._prior = weighted_prior(models.pack, len(models.syllables), self._beam) if self._scorers else None
        """Subtracted from log-probabilities for the search, where a trigram says instead what is likely."""
        self._alikes = weighted_alikes(models.pack, models.syllables, self._beam) if self._scorers else None
        """What may have been said as well, where a trigram can choose."""
        self.favoured = FavouredHotwords()
        """What is favoured from the next snapshot on; may be another recogniser's with the same models and settings."""
        self._wording = Wording(models, self._beam or settings.search)

    @property
    def second_hearing(self) -> int:
        """Feature frames by which the sound of a final is to be heard later a second time; 0: once is enough."""
        return 0 if self._beam is None else self._beam.second_hearing

    def heard(self, output: AcousticOutput) -> AcousticOutput:
        """What the search goes through: what the model gave, and what may have been said instead."""
        if self._alikes is None or output.log_probs is None:
            return output
        return replace(output, log_probs=self._alikes.hear(output.log_probs, self._blank_id))

    def favourable(self, hotwords: Sequence[SpelledHotword]) -> FavouredHotwords:
        """Hotwords as this search would favour them, the more the less each; may be called from any thread."""
        search = self._beam or self._settings.search
        return FavouredHotwords.of(hotwords, search.margin, search.hotword_bonus)

    def decode(
        self, heard: AcousticOutput, *, is_final: bool, is_unbroken: bool = False, written_from: int = 0
    ) -> Decoded:
        """Decode one utterance.

        Args:
            heard: what the acoustic model gave; bare ids are taken as they are.
            is_final: whether this is the whole utterance; only then does the language stage choose among several
                syllable sequences, because that runs it several times.
            is_unbroken: whether it was cut out of speech that went on; only counts at the final.
            written_from: where log-probabilities give fewer syllables than this, the language stage is not asked for
                characters.

        Raises:
            RecognizerError: the language stage failed.
        """
        return self._decoded([heard], [is_unbroken], is_final=is_final, written_from=written_from)[0]

    def decode_finals(self, heard: Sequence[AcousticOutput], are_unbroken: Sequence[bool]) -> list[Decoded]:
        """As :meth:`decode` of whole utterances, which costs less of several together.

        Raises:
            RecognizerError: the language stage failed.
        """
        return self._decoded(heard, are_unbroken, is_final=True, written_from=0)

    def _decoded(
        self, heard: Sequence[AcousticOutput], are_unbroken: Sequence[bool], *, is_final: bool, written_from: int
    ) -> list[Decoded]:
        favoured = self.favoured  # another thread may set others meanwhile
        hotwords = favoured.scorer
        heard = [self.heard(each) for each in heard]
        log_probs = [each.log_probs for each in heard if each.log_probs is not None]
        read: Sequence[tuple[CtcPath | None, LanguageOutput]]
        found: Sequence[Sequence[PrefixHypothesis]] = [()] * len(heard)
        if len(log_probs) < len(heard):
            read = [(None, self._wording.write(each.ids)) for each in heard]
        elif self._beam is None:
            read = [self._greedy(each, written_from) for each in log_probs]
        else:
            found = self._found(log_probs, are_unbroken, favoured, self._beam, is_final=is_final)
            read = self._read(log_probs, found, hotwords, written_from)
        if is_final:
            self._wording.forget()
        return [
            self._complete(each, path, written, hotwords, tuple(others) if is_final else ())
            for each, (path, written), others in zip(heard, read, found, strict=True)
        ]

    def _complete(
        self,
        heard: AcousticOutput,
        path: CtcPath | None,
        written: LanguageOutput,
        hotwords: HotwordScorer | None,
        found: tuple[PrefixHypothesis, ...],
    ) -> Decoded:
        ids, judged = heard.ids, None
        if path is not None and heard.log_probs is not None:
            ids, judged = path.ids, self._confidence.of(heard.log_probs, path, written, found)
        kept = self._wording.hotwords(ids, written, hotwords)
        return Decoded(ids, self._wording.texts(len(ids), written, kept), written, path, judged, kept, found)

    def _greedy(self, log_probs: LogProbs, written_from: int) -> tuple[CtcPath, LanguageOutput]:
        path = self._gated(greedy(log_probs, self._blank_id))
        return path, _UNWRITTEN if len(path.ids) < written_from else self._wording.write(path.ids)

    def _read(
        self,
        log_probs: Sequence[LogProbs],
        found: Sequence[list[PrefixHypothesis]],
        hotwords: HotwordScorer | None,
        written_from: int,
    ) -> list[tuple[CtcPath, LanguageOutput]]:
        """Syllables and characters of each utterance, those with the best joint score of what was found."""
        chosen = [
            (each[0].ids, _UNWRITTEN) if len(each[0].ids) < written_from else self._wording.choose(each, hotwords)
            for each in found
        ]
        read = []
        paths = align_all(log_probs, [ids for ids, _ in chosen], self._blank_id)
        for path, (_, written) in zip(paths, chosen, strict=True):
            gated = self._gated(path)
            read.append((gated, written if gated == path or written is _UNWRITTEN else self._wording.write(gated.ids)))
        return read

    def _found(
        self,
        log_probs: Sequence[LogProbs],
        are_unbroken: Sequence[bool],
        favoured: FavouredHotwords,
        settings: SearchSettings,
        *,
        is_final: bool,
    ) -> list[list[PrefixHypothesis]]:
        """The syllables that utterances may hold, best first."""
        options = BeamOptions(
            beam=settings.beam if is_final else min(settings.beam, settings.partial_beam),
            tokens_per_step=settings.tokens_per_step,
            blank_skip=settings.blank_skip,
            margin=settings.margin,
            length_bonus=settings.length_bonus if self._scorers else 0.0,
            merge=True,
        )
        more = settings.unbroken_bonus if is_final and self._scorers else 0.0
        bonuses = [options.length_bonus + (more if cut else 0.0) for cut in are_unbroken]
        scorers = self._scorers
        if favoured.scorer is not None:
            scorers = (*scorers, WeightedScorer(favoured.scorer, settings.hotword_bonus * favoured.damping))
        found = beam_searches(log_probs, self._blank_id, options, scorers, self._prior, bonuses)
        return self._judged(found, settings, is_final=is_final)

    def _gated(self, path: CtcPath) -> CtcPath:
        step_ms = self._models.pack.manifest.acoustic.step_ms
        return supported(without_echoes(path, self._models.syllables.text, step_ms), self._settings)

    def _judged(
        self, found: Sequence[Lattice], settings: SearchSettings, *, is_final: bool
    ) -> list[list[PrefixHypothesis]]:
        """The sequences of each utterance that are to be written out, best first: judged by the sentence model, if any.

        The sentence model sees the utterance from its start, where the search's trigram saw two syllables.
        """
        count = settings.n_best if is_final else 1
        margin = settings.sentence_margin if is_final else settings.partial_sentence_margin
        sentences = self._models.sentences if settings.sentence_weight and margin else None
        if sentences is None:
            if count == 1:
                return [each.best(1) for each in found]
            return [LatticePaths(each, settings.n_best_margin, 1).best(count, settings.n_best_margin) for each in found]
        most = _MOST_JUDGED if is_final else _PARTIAL_MOST_JUDGED
        judged = [
            LatticePaths(each, margin, sentences.reach, most)
            if is_final or len(each.best(1)[0].ids) >= _JUDGED_FROM
            else None
            for each in found
        ]
        scores = sentences.scores_of_all([paths.edges for paths in judged if paths is not None])
        weight, bonus, following = settings.sentence_weight, settings.sentence_bonus, iter(scores)
        within = settings.n_best_margin if count > 1 else 0.0
        return [
            each.best(1) if paths is None else paths.best(count, within, next(following), weight, bonus)
            for each, paths in zip(found, judged, strict=True)
        ]


def _syllable_scorers(models: LoadedModels, weight: float) -> tuple[WeightedScorer, ...]:
    trigram = models.trigram() if weight else None
    return () if trigram is None else (WeightedScorer(SyllableScorer(trigram, models.syllables.first_id), weight),)


def _beam_settings(settings: RecognizerSettings, tuned: SearchSettings | None) -> SearchSettings | None:
    """The beam search to do; None for greedy."""
    if settings.decoding == "pack":
        return tuned
    return settings.search if settings.decoding == "beam" else None
