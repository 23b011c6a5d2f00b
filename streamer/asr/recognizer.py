"""The recogniser of one room: snapshots of utterances in, hypotheses out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from streamer.asr.ctc import CtcPath
from streamer.asr.decoded import Decoded
from streamer.asr.decoder import Decoder
from streamer.asr.growing import GrowingHearing
from streamer.asr.heard import AcousticOutput
from streamer.asr.hotword_list import Hotword, spell_hotwords
from streamer.asr.hotwords import FavouredHotwords
from streamer.asr.models import LoadedModels
from streamer.asr.readings import read_readings
from streamer.asr.shared_hotwords import MadeHotwords, SharedHotwords
from streamer.asr.utterance_features import features_for
from streamer.errors import PackError, RecognizerError
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import SAMPLE_RATE, EndReason, Hypothesis, Token, Utterance

_AT_ONCE = 1000
"""Hotwords that are made ready while captions wait: it takes a twentieth of a second."""


class PackRecognizer:
    """Decodes utterances with a pack's models; implements :class:`streamer.interfaces.Recognizer`.

    While an utterance grows, only its new samples are transformed; the models see all of it every time, and without the
    late reverberation of its room where the pack was tuned for that.
    """

    def __init__(
        self,
        models: LoadedModels,
        settings: RecognizerSettings | None = None,
        *,
        written_from: int = 0,
        shared: SharedHotwords | None = None,
    ) -> None:
        """Prepare.

        Args:
            models: shared with other rooms.
            settings: of the search.
            written_from: syllables from which a growing utterance is shown. Before it has had so many, or a pause, its
                tokens have no characters: the language stage need not choose what nobody sees.
            shared: where it looks for hotwords that another recogniser with these models and settings favours already.
        """
        self._models = models
        self._written_from = written_from
        self._shown_id: int | None = None
        """Utterance that may be shown already."""
        settings = settings or RecognizerSettings()
        self._decoder = Decoder(models, settings)
        self._shared = shared or SharedHotwords()
        self._begin_features = features_for(models.pack, settings)
        self._heard = b""
        self._forget()

    def recognize(self, utterance: Utterance) -> Hypothesis:
        """Decode one snapshot.

        Raises:
            RecognizerError: it has no sound, or a model failed.
        """
        tokens: tuple[Token, ...] = ()
        if _sound(utterance):
            tokens = self._decode(utterance)
        return self._hypothesis(utterance, tokens)

    def recognize_all(self, utterances: Sequence[Utterance]) -> list[Hypothesis]:
        """As :meth:`recognize` of utterances that have ended, which costs less of several together.

        Raises:
            RecognizerError: one has no sound, or a model failed.
        """
        sounding = [each for each in utterances if _sound(each)]
        heard = self._hear_finals(sounding)
        decoded = self._decoder.decode_finals(heard, [_is_unbroken(each) for each in sounding])
        tokens = {each.id: self._tokens(each, found) for each, found in zip(sounding, decoded, strict=True)}
        return [self._hypothesis(each, tokens.get(each.id, ())) for each in utterances]

    def set_hotwords(self, hotwords: Sequence[Hotword]) -> list[str]:
        """Favour these names and terms from now on, instead of those before; may be called from any thread.

        Returns:
            Those that cannot be favoured: single syllables, and words without a known reading.

        Raises:
            PackError: the pack has no reading table, or a malformed one.
        """
        if not hotwords:
            self._decoder.favoured = FavouredHotwords()
            return []
        made = self._shared.find(hotwords)
        if made is None:
            self._shared.keep(hotwords, made := self._made(hotwords))
        self._decoder.favoured = made.favoured
        return list(made.unusable)

    def readies(self, hotwords: Sequence[Hotword]) -> bool:
        """Whether :meth:`set_hotwords` takes these at once; a long list is made ready in a thread, for every room."""
        return len(hotwords) <= _AT_ONCE or self._shared.is_ready(hotwords, partial(self._made, hotwords))

    def _made(self, hotwords: Sequence[Hotword]) -> MadeHotwords:
        """Called from any thread.

        Raises:
            PackError: the pack has no reading table, or a malformed one.
        """
        path = self._models.pack.resource("readings")
        if path is None:
            raise PackError(
                f"pack {self._models.pack.label} has no reading table (resources.readings), which hotwords need"
            )
        spelled, unusable = spell_hotwords(hotwords, read_readings(path), self._models.syllables)
        return MadeHotwords(self._decoder.favourable(spelled), tuple(unusable))

    def _hear_finals(self, utterances: Sequence[Utterance]) -> list[AcousticOutput]:
        features = [self._features(each) for each in utterances]
        return self._models.hear_all(features, second_hearing=self._decoder.second_hearing)

    def _features(self, utterance: Utterance) -> npt.NDArray[np.float32]:
        """Features of its samples; from the start unless they continue what was heard."""
        pcm, is_final = utterance.pcm or b"", utterance.end_reason is not None
        if not pcm.startswith(self._heard):
            self._forget()
        self._heard = pcm
        features = self._growing_features.features(np.frombuffer(pcm, np.dtype("<i2")), is_final=is_final)
        if is_final:
            self._forget()
        return features

    def _forget(self) -> None:
        """Begin an utterance. What was heard of the last one takes megabytes, and would lie there through the pause."""
        self._growing_features = self._begin_features()
        self._growing = GrowingHearing(self._models, self._decoder.second_hearing)
        self._heard = b""

    def _decode(self, utterance: Utterance) -> tuple[Token, ...]:
        is_final = utterance.end_reason is not None
        if is_final:
            (heard,), late_samples = self._hear_finals([utterance]), 0
        else:
            # Partials are heard once: they are many, and each must be there at once.
            features = self._features(utterance)
            heard = self._growing.hear(features)
            late_samples = self._growing.late_samples
        # What overlaps the utterance before is joined with what is shown of that from the first hypothesis on.
        is_shown = is_final or utterance.id == self._shown_id or utterance.overlap_samples > 0
        decoded = self._decoder.decode(
            heard,
            is_final=is_final,
            is_unbroken=_is_unbroken(utterance),
            written_from=0 if is_shown else self._written_from,
        )
        if is_shown or len(decoded.ids) >= self._written_from:
            self._shown_id = utterance.id
        return self._tokens(utterance, decoded, late_samples)

    def _hypothesis(self, utterance: Utterance, tokens: tuple[Token, ...]) -> Hypothesis:
        return Hypothesis(
            utterance_id=utterance.id,
            revision=utterance.revision,
            start_sample=utterance.start_sample,
            end_sample=utterance.end_sample,
            tokens=tokens,
            is_final=utterance.end_reason is not None,
            pack=self._models.pack.manifest.name,
        )

    def _tokens(self, utterance: Utterance, decoded: Decoded, late_samples: int = 0) -> tuple[Token, ...]:
        if decoded.path is None:
            spans = _spread(len(decoded.ids), utterance.start_sample, utterance.end_sample)
        else:
            spans = _spans(decoded.path, utterance, self._models.pack.manifest.acoustic.step_ms, late_samples)
        confidences = decoded.confidences or (None,) * len(decoded.ids)
        return tuple(
            Token(text, self._models.syllables.text(syllable), start, end, score, confidence)
            for text, syllable, (start, end), score, confidence in zip(
                decoded.texts, decoded.ids, spans, decoded.scores, confidences, strict=True
            )
        )


def _sound(utterance: Utterance) -> bytes:
    if utterance.pcm is None:
        raise RecognizerError(
            f"utterance {utterance.id} revision {utterance.revision} carries no samples; read them first"
        )
    return utterance.pcm


def _is_unbroken(utterance: Utterance) -> bool:
    """Whether it was cut out of speech that went on."""
    return utterance.overlap_samples > 0 or utterance.end_reason is EndReason.FORCED


def _spans(path: CtcPath, utterance: Utterance, step_ms: float, late_samples: int) -> list[tuple[int, int]]:
    """Spans from the alignment, whose steps are so many samples later than the sound, in samples of the recording."""
    step = step_ms * SAMPLE_RATE / 1000
    edges = [(token.first_step * step, (token.last_step + 1) * step) for token in path.tokens]
    length = utterance.end_sample - utterance.start_sample
    return [
        (
            utterance.start_sample + min(length, max(0, round(start) - late_samples)),
            utterance.start_sample + min(length, max(0, round(end) - late_samples)),
        )
        for start, end in edges
    ]


def _spread(count: int, start_sample: int, end_sample: int) -> list[tuple[int, int]]:
    """Spans of equal length, for packs that say nothing of time."""
    edges = np.linspace(start_sample, end_sample, count + 1).round().astype(int).tolist()
    return list(itertools.pairwise(edges))
