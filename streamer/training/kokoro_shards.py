"""Training sound by Kokoro: sentences without letters, in mixed voices, into shards."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from streamer.text.pinyin import LETTERS
from streamer.training.kokoro import Kokoro, Request
from streamer.training.kokoro_voices import KokoroVoices
from streamer.training.sentences import Sentence
from streamer.training.shards import ShardWriter
from streamer.training.voices import analyse, draw_neighbour, revoice

LONGEST = 160_000
"""Samples of a clip at 16 kHz."""
_MALE_SHARE = 0.65
_VOICE_SPEEDS = (0.85, 1.3)
_SPEAKER_SPEEDS = (0.9, 1.6)
"""Beyond 1.3 syllables run into each other, as they do in haste."""


@dataclass(frozen=True, slots=True)
class KokoroShards:
    """Writes shards; what is drawn for a sentence depends on the seed and its number only."""

    kokoro: Kokoro
    voices: KokoroVoices
    seed: int

    def speak_twice(self, shard: ShardWriter, sentences: list[Sentence]) -> Iterator[int]:
        """Each sentence in a mixture of two Mandarin voices, and revoiced a little.

        Yields:
            How many sentences were spoken so far.
        """
        for number, (request, spoken) in enumerate(self.kokoro.speak(self._twice(shard, sentences))):
            male = self._rng("kokoro", request.id).random() < _MALE_SHARE
            rng = random.Random(f"{self.seed} {request.id} revoiced")  # noqa: S311 - a reproducible draw, not a secret
            changed = revoice(analyse(spoken.pcm), draw_neighbour(rng, male=male))
            for name, pcm in zip(_names(request.id), (spoken.pcm, changed), strict=True):
                if name not in shard.written and len(pcm) <= LONGEST:
                    sentence = request.sentence
                    shard.append(pcm, clip_id=name, text=sentence.text, tokens=sentence.tokens, spans=spoken.spans)
            yield number + 1

    def speak_speakers(self, shard: ShardWriter, sentences: list[Sentence]) -> Iterator[int]:
        """Each sentence by a speaker of its own, mixed for it.

        Yields:
            How many sentences were spoken so far.
        """
        for number, (request, spoken) in enumerate(self.kokoro.speak(self._by_speakers(shard, sentences))):
            sentence = request.sentence
            shard.append(spoken.pcm, clip_id=request.id, text=sentence.text, tokens=sentence.tokens, spans=spoken.spans)
            yield number + 1

    def _twice(self, shard: ShardWriter, sentences: list[Sentence]) -> Iterator[Request]:
        for number, sentence in enumerate(sentences):
            name = str(number)
            rng = self._rng("kokoro", name)
            male = rng.random() < _MALE_SHARE
            if not shard.written.issuperset(_names(name)) and _speakable(sentence):
                voice = self.voices.voice(rng, male=male)
                yield Request.of(name, sentence, voice, speed=rng.uniform(*_VOICE_SPEEDS), rng=rng)

    def _by_speakers(self, shard: ShardWriter, sentences: list[Sentence]) -> Iterator[Request]:
        for number, sentence in enumerate(sentences):
            rng = self._rng("speaker", str(number))
            male = rng.random() < _MALE_SHARE
            name = f"kokoro/speaker {number}@{'man' if male else 'woman'}"
            if name not in shard.written and _speakable(sentence):
                voice = self.voices.speaker(rng, male=male)
                yield Request.of(name, sentence, voice, speed=rng.uniform(*_SPEAKER_SPEEDS), rng=rng)

    def _rng(self, purpose: str, number: str) -> random.Random:
        return random.Random(f"{self.seed} {purpose} {number}")  # noqa: S311 - a reproducible draw, not a secret


def _names(number: str) -> list[str]:
    return [f"kokoro/{number}@spoken", f"kokoro/{number}@revoiced"]


def _speakable(sentence: Sentence) -> bool:
    """Kokoro's Mandarin voices do not spell letters."""
    return not set(sentence.tokens) & set(LETTERS)
