"""How well the recogniser hears through rooms and microphones that are not what they should be.

``python -m benchmarks.channels --data ../shared/data/dev`` decodes every utterance of the table as it lies (no VAD),
and as it would be heard in rooms, also with noise, and through odd microphones: once as the pack was tuned, and once
with ``dereverberation = "never"``. It prints character error rates with 95 % bootstrap intervals, the
share of utterances from which a room was taken away, and what that costs. The rooms and microphones are those of
:mod:`benchmarks.impulses`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.corpus import Recording, read_table
from benchmarks.impulses import MICROPHONES, ROOMS, Samples, in_room, through, with_noise
from benchmarks.options import parser_of
from benchmarks.scoring import Rate, error_rate
from streamer.asr.fbank import FeatureRecipe, frame_count, padded_samples
from streamer.asr.modelpack import ModelPack, find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.recognizer import PackRecognizer
from streamer.asr.reverberation import PROBED, dryness
from streamer.asr.stft import spectra_between
from streamer.scoring import Errors, compare, spoken_characters
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import MAX_UTTERANCE_SAMPLES, SAMPLE_RATE, EndReason, Utterance

Channel = Callable[[Samples, np.random.Generator], Samples]
_NOISES_DB = (20.0, 10.0)
_TOGETHER = 24


@dataclass(frozen=True, slots=True)
class Row:
    """Error rates of one channel."""

    channel: str
    plain: Rate
    """Heard as it is."""
    tuned: Rate
    """Heard as the pack was tuned."""
    dried: float
    """Share of the utterances from which a room was taken away."""
    plain_ms: float
    """Processor time for a second of sound, milliseconds; likewise the next."""
    tuned_ms: float


def channels() -> dict[str, Channel]:
    """What the recordings are heard through, by name."""

    def only(heard: Callable[[Samples], Samples]) -> Channel:
        return lambda sound, _: heard(sound)

    def noisy(heard: Callable[[Samples], Samples], below_db: float) -> Channel:
        return lambda sound, random: with_noise(heard(sound), below_db, random)

    found: dict[str, Channel] = {"as recorded": only(lambda sound: sound)}
    for room in ROOMS:
        found[room.name] = only(in_room(room))
    for below_db in _NOISES_DB:
        found[f"{ROOMS[1].name}, noise {below_db:g} dB below"] = noisy(in_room(ROOMS[1]), below_db)
    for name, decibels in MICROPHONES.items():
        found[name] = only(through(decibels))
    return found


def heard_through(recording: Recording, channel: Channel) -> npt.NDArray[np.int16]:
    """A recording through a channel, at most 10 s, softer where it would clip."""
    sound = channel(recording.samples().astype(np.float64), np.random.default_rng(0))[:MAX_UTTERANCE_SAMPLES]
    sound *= min(1.0, 32_000 / max(1.0, float(np.abs(sound).max())))
    return np.rint(sound).astype(np.int16)


def measure(
    recordings: Sequence[Recording], pack: ModelPack, wanted: Sequence[str], told: Callable[[str], None]
) -> list[Row]:
    """The rows of these channels."""
    found = []
    with load_models(pack, RecognizerSettings()) as models:
        for name in wanted:
            told(name)
            sounds = [heard_through(each, channels()[name]) for each in recordings]
            decoded = {}
            for mode in _MODES:
                recognizer = PackRecognizer(models, RecognizerSettings(dereverberation=mode))
                decoded[mode] = _decoded(recognizer, recordings, sounds)
            plain, tuned = (decoded[mode] for mode in _MODES)
            found.append(
                Row(name, error_rate(plain[0]), error_rate(tuned[0]), _dried(sounds, pack), plain[1], tuned[1])
            )
    return found


_MODES: tuple[Literal["never", "pack"], ...] = ("never", "pack")


def _decoded(
    recognizer: PackRecognizer, recordings: Sequence[Recording], sounds: Sequence[npt.NDArray[np.int16]]
) -> tuple[list[Errors], float]:
    """Errors of each, and milliseconds of processor time for a second."""
    utterances = [
        Utterance(number, 0, 0, len(sound), sound.astype("<i2").tobytes(), EndReason.SILENCE)
        for number, sound in enumerate(sounds)
    ]
    texts, began = [], time.process_time()
    for first in range(0, len(utterances), _TOGETHER):
        texts += [each.text for each in recognizer.recognize_all(utterances[first : first + _TOGETHER])]
    spent = time.process_time() - began
    errors = [
        compare(spoken_characters(recording.text), spoken_characters(text))
        for recording, text in zip(recordings, texts, strict=True)
    ]
    return errors, spent * 1000 / (sum(map(len, sounds)) / SAMPLE_RATE)


def _dried(sounds: Sequence[npt.NDArray[np.int16]], pack: ModelPack) -> float:
    tuned = pack.manifest.dereverberation
    if tuned is None:
        return 0.0
    recipe: FeatureRecipe = pack.manifest.features
    probes = (spectra_between(padded_samples(sound, recipe), 0, frame_count(len(sound)))[:, PROBED] for sound in sounds)
    return float(np.mean([dryness(probe.astype(np.complex64)) < tuned.dry_from for probe in probes]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    pack = load_pack(find_pack(options.pack))
    recordings = read_table(options.data / options.table)[: options.limit]
    console = Console(stderr=True)
    with console.status("decoding") as status:
        found = measure(
            recordings, pack, options.channel or list(channels()), lambda name: status.update(f"decoding {name}")
        )
    if options.json:
        print(json.dumps({"pack": pack.label, "rows": [asdict(row) for row in found]}, ensure_ascii=False, indent=1))
    else:
        _show(f"{pack.label} on {len(recordings)} recordings of {options.table}", found)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("channels", __doc__, "zh", has_settings=False)
    parser.add_argument("--limit", type=int, default=None, help="only the first recordings")
    parser.add_argument("--channel", action="append", choices=list(channels()), help="only this one; may be repeated")
    return parser.parse_args(arguments)


def _show(title: str, found: Sequence[Row]) -> None:
    table = Table(title=f"{title}: characters wrong, % (95 % interval)")
    table.add_column("heard through")
    for column in ("as it is", "as tuned", "dried, %", "ms of CPU a second, as it is", "as tuned"):
        table.add_column(column, justify="right")
    for row in found:
        rates = [
            f"{100 * each.value:.1f} ({100 * each.low:.1f}–{100 * each.high:.1f})" for each in (row.plain, row.tuned)
        ]
        table.add_row(row.channel, *rates, f"{100 * row.dried:.0f}", f"{row.plain_ms:.1f}", f"{row.tuned_ms:.1f}")
    Console(width=None if sys.stdout.isatty() else 140).print(table)


if __name__ == "__main__":
    main()
