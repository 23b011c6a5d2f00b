"""The recogniser of one room: snapshots of utterances in, hypotheses out."""

from __future__ import annotations

import itertools

import numpy as np

from streamer.asr.ctc import CtcPath, greedy
from streamer.asr.fbank import GrowingSpectrum
from streamer.asr.models import LanguageOutput, LoadedModels
from streamer.errors import RecognizerError
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import SAMPLE_RATE, Hypothesis, Token, Utterance


class PackRecognizer:
    """Decodes utterances with a pack's models; implements :class:`streamer.interfaces.Recognizer`.

    While an utterance grows, only its new samples are transformed; the models see all of it every time.
    """

    def __init__(self, models: LoadedModels, settings: RecognizerSettings | None = None) -> None:
        self._models = models
        self._settings = settings or RecognizerSettings()
        self._spectrum = GrowingSpectrum(models.pack.manifest.features)
        self._heard = b""

    def recognize(self, utterance: Utterance) -> Hypothesis:
        """Decode one snapshot.

        Raises:
            RecognizerError: it has no sound, or a model failed.
        """
        if utterance.pcm is None:
            raise RecognizerError(
                f"utterance {utterance.id} revision {utterance.revision} carries no samples; read them first"
            )
        tokens: tuple[Token, ...] = ()
        if utterance.pcm:
            self._listen(utterance.pcm)
            tokens = self._decode(utterance)
        if utterance.end_reason is not None:
            self._forget()
        scores = [token.score for token in tokens if token.score is not None]
        return Hypothesis(
            utterance_id=utterance.id,
            revision=utterance.revision,
            start_sample=utterance.start_sample,
            end_sample=utterance.end_sample,
            tokens=tokens,
            score=sum(scores) if scores else None,
            is_final=utterance.end_reason is not None,
            pack=self._models.pack.manifest.name,
        )

    def _listen(self, pcm: bytes) -> None:
        """Bring the spectrum up to these samples; from the start unless they continue what was heard."""
        if not pcm.startswith(self._heard):
            self._forget()
        self._spectrum.extend(np.frombuffer(pcm, np.dtype("<i2"), offset=len(self._heard)))
        self._heard = pcm

    def _forget(self) -> None:
        self._spectrum = GrowingSpectrum(self._models.pack.manifest.features)
        self._heard = b""

    def _decode(self, utterance: Utterance) -> tuple[Token, ...]:
        heard = self._models.hear(self._spectrum.features())
        if heard.log_probs is None:
            written = self._models.write(heard.ids)
            spans = _spread(len(heard.ids), utterance.start_sample, utterance.end_sample)
            return self._tokens(heard.ids, spans, None, written)
        path = self._gated(greedy(heard.log_probs, self._models.pack.manifest.acoustic.blank_id))
        written = self._models.write(path.ids)
        return self._tokens(path.ids, self._spans(path, utterance), [token.score for token in path.tokens], written)

    def _gated(self, path: CtcPath) -> CtcPath:
        """The path without tokens that the sound does not support; empty where it supports too little."""
        kept = tuple(token for token in path.tokens if token.score >= self._settings.min_token_score)
        if kept and sum(token.score for token in kept) / len(kept) < self._settings.min_mean_score:
            kept = ()
        return CtcPath(kept, path.score)

    def _spans(self, path: CtcPath, utterance: Utterance) -> list[tuple[int, int]]:
        step = self._models.pack.manifest.acoustic.step_ms * SAMPLE_RATE / 1000
        return [
            (
                min(utterance.end_sample, utterance.start_sample + round(token.first_step * step)),
                min(utterance.end_sample, utterance.start_sample + round((token.last_step + 1) * step)),
            )
            for token in path.tokens
        ]

    def _tokens(
        self,
        syllables: tuple[int, ...],
        spans: list[tuple[int, int]],
        heard: list[float] | None,
        written: LanguageOutput,
    ) -> tuple[Token, ...]:
        tokens: list[Token] = []
        special = (self._models.pack.manifest.language.start_id, self._models.pack.manifest.language.end_id)
        for index, (syllable, (start, end)) in enumerate(zip(syllables, spans, strict=True)):
            character = written.ids[index] if index < len(written.ids) else -1
            known = self._models.characters.holds(character) and character not in special
            score = None if heard is None else heard[index]
            if score is not None and written.scores is not None and index < len(written.scores):
                score += written.scores[index]
            tokens.append(
                Token(
                    text=self._models.characters.text(character) if known else "",
                    syllable=self._models.syllables.text(syllable),
                    start_sample=start,
                    end_sample=end,
                    score=score,
                )
            )
        return tuple(tokens)


def _spread(count: int, start_sample: int, end_sample: int) -> list[tuple[int, int]]:
    """Spans of equal length, for packs that say nothing of time."""
    edges = np.linspace(start_sample, end_sample, count + 1).round().astype(int).tolist()
    return list(itertools.pairwise(edges))
