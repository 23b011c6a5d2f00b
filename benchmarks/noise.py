"""Whether sound in which nobody speaks gives text, and what keeping it out costs speech.

``python -m benchmarks.noise --data ../shared/data/dev`` plays ten minutes each of silence, white and pink noise, hum,
clicks, music, breath and low babble through the live path, partials included, and counts characters. Each noise goes
through five levels from -30 to -54 dBFS, babble from -42 to -60 dBFS. At the same settings the recordings of the table
are heard at their own level, at -45 dBFS, and at 10 dB above white noise, pink noise and babble, with a second of
background before and after them: undivided, as one utterance, with as much of the background as ten seconds hold (no
gate at all); the recording alone, which begins and ends where the corpus cut it, as no live program gets it; through
the segmenter alone; and through segmenter and gate. What these two cost is told against both of the former.

The recogniser reads a sound differently that begins some milliseconds earlier; that alone moves the cost by a point: it
has a 95 % interval over recordings, and ``--draws 4`` hears each four times, begun elsewhere and before other noise.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track
from rich.table import Table

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.condition import LEAD_SECONDS, Background, Condition
from benchmarks.corpus import Recording, read_table
from benchmarks.listening import listen
from benchmarks.noises import KINDS, LEVELS_DBFS, at_levels, babble, pink, silence, white
from benchmarks.options import add_babble, babble_voices, parser_of
from benchmarks.scoring import Rate, error_rate, rate_difference
from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.recognizer import PackRecognizer
from streamer.interfaces import Recognizer
from streamer.scoring import Errors, compare, spoken_characters, sum_errors
from streamer.settings import Settings, load_settings
from streamer.types import MAX_UTTERANCE_SAMPLES, SAMPLE_RATE, EndReason, Utterance
from streamer.vad.gate import GatedRecognizer

BABBLE_DBFS = (-42.0, -48.0, -54.0, -60.0)
"""Levels of low babble: people at the other end of a large room."""
_DRAW_SAMPLES = 260
"""So much later each further draw of a recording begins: neither whole frames nor whole steps of the models."""


@dataclass(frozen=True, slots=True)
class NoiseRow:
    """What one kind of noise gave."""

    noise: str
    seconds: float
    utterances: int
    """How often the segmenter heard speech."""
    final_characters: int
    shown_characters: int
    """Characters in partials, those that a final took back included."""
    texts: tuple[str, ...]
    """What it was taken for."""


@dataclass(frozen=True, slots=True)
class SpeechRow:
    """Character error rates of speech under one condition."""

    condition: str
    undivided: float
    """The sound as it is played, decoded as one utterance: no gate at all."""
    whole: float
    """The recording alone, as the corpus cut it."""
    segmented: float
    """Through the segmenter."""
    gated: float
    """Through segmenter and gate."""
    points: Rate
    """What segmenter and gate cost against no gate at all, in points of character error."""
    points_whole: Rate
    """The same against the recording alone."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    settings = load_settings(options.config)
    far = babble_voices(options)
    recordings = read_table(options.data / options.table)[: options.limit]
    console = Console(stderr=True)
    with load_models(load_pack(find_pack(options.pack)), settings.recognizer) as models:
        plain = PackRecognizer(models, settings.recognizer)
        gated = GatedRecognizer(PackRecognizer(models, settings.recognizer), settings.gate)
        makings = [_noises(options.minutes * 60, far, number) for number in range(options.noises)]
        noises = [
            _together([hear_noise(name, sounds[name], gated, settings) for sounds in makings])
            for name in track(makings[0], "noise", console=console)
        ]
        conditions = [
            Condition("as recorded"),
            Condition("-45 dBFS", level_dbfs=-45.0),
            Condition("10 dB above white noise", background=white),
            Condition("10 dB above pink noise", background=pink),
        ]
        if far:
            conditions.append(Condition("10 dB above babble", background=lambda s, rng: babble(s, rng, far)))
        if options.no_speech:
            conditions.clear()
        speech = [
            hear_speech(condition, recordings, plain, gated, settings, options.draws)
            for condition in track(conditions, "speech", console=console)
        ]
    report = {
        "table": str(options.data / options.table),
        "pack": options.pack,
        "noise": [asdict(row) for row in noises],
        "speech": [asdict(row) for row in speech],
    }
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _show(report, noises, speech, Console(width=None if sys.stdout.isatty() else 120))


def hear_noise(name: str, make: Callable[[], npt.NDArray[np.int16]], gated: Recognizer, settings: Settings) -> NoiseRow:
    """Play one noise through the live path."""
    sound = make()
    heard = listen(sound.tobytes(), gated, settings, partials=True)
    return NoiseRow(
        noise=name,
        seconds=len(sound) / SAMPLE_RATE,
        utterances=len(heard.utterances),
        final_characters=len(heard.text),
        shown_characters=sum(
            max((len(one.spoken) for one in heard.updates if one.id == number), default=0)
            for number in {one.id for one in heard.updates}
        ),
        texts=tuple(segment.spoken for segment in heard.finals if segment.spoken),
    )


def _together(rows: Sequence[NoiseRow]) -> NoiseRow:
    """What several makings of one noise gave."""
    return NoiseRow(
        rows[0].noise,
        sum(row.seconds for row in rows),
        sum(row.utterances for row in rows),
        sum(row.final_characters for row in rows),
        sum(row.shown_characters for row in rows),
        tuple(text for row in rows for text in row.texts),
    )


def hear_speech(
    condition: Condition,
    recordings: Sequence[Recording],
    plain: Recognizer,
    gated: Recognizer,
    settings: Settings,
    draws: int,
) -> SpeechRow:
    """Hear the recordings under one condition in four ways, as often as there are draws."""
    rng = np.random.default_rng(11)
    lead = int(LEAD_SECONDS * SAMPLE_RATE)
    heard: dict[str, list[list[Errors]]] = {recording.name: [] for recording in recordings}
    for draw in range(draws):
        for recording in recordings:
            said = spoken_characters(recording.text)
            sound = condition.played(recording, rng, draw * _DRAW_SAMPLES)
            kept = min(lead, max(0, (MAX_UTTERANCE_SAMPLES - len(sound)) // 2 + lead))
            texts = [_as_one(plain, sound[lead - each : len(sound) - lead + each]) for each in (kept, 0)]
            texts += [listen(sound.tobytes(), each, settings).text for each in (plain, gated)]
            heard[recording.name].append([compare(said, spoken_characters(text)) for text in texts])
    ways = [[sum_errors(draw[way] for draw in each) for each in heard.values()] for way in range(4)]
    undivided, whole, segmented, passed = (error_rate(errors, resamples=1).value for errors in ways)
    costs = [rate_difference(ways[3], ways[way]) for way in (0, 1)]
    points, against_whole = (Rate(100 * each.value, 100 * each.low, 100 * each.high) for each in costs)
    return SpeechRow(condition.name, undivided, whole, segmented, passed, points, against_whole)


def _as_one(recognizer: Recognizer, sound: npt.NDArray[np.int16]) -> str:
    sound = sound[:MAX_UTTERANCE_SAMPLES]
    return recognizer.recognize(Utterance(1, 0, 0, len(sound), sound.tobytes(), EndReason.SILENCE)).text


def _noises(seconds: float, far: Sequence[Path], number: int) -> dict[str, Callable[[], npt.NDArray[np.int16]]]:
    """Every noise, made when its turn comes; the same in every run. ``number``: of the making, each is another one."""

    def made(name: str, make: Background, levels: Sequence[float]) -> Callable[[], npt.NDArray[np.int16]]:
        def sound() -> npt.NDArray[np.int16]:
            rng = _rng(sum(name.encode()), number)
            return at_levels(make(seconds, rng), rng, levels)

        return sound

    def still() -> npt.NDArray[np.int16]:
        return (silence(seconds, _rng(1, number)) * 32768).astype(np.int16)

    noises = {"silence": still} | {name: made(name, make, LEVELS_DBFS) for name, make in KINDS.items()}
    if far:
        noises["babble"] = made("babble", lambda s, rng: babble(s, rng, far), BABBLE_DBFS)
    return noises


def _rng(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, number] if number else seed)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("noise", __doc__, "zh")
    add_babble(parser)
    parser.add_argument("--minutes", type=float, default=10.0, help="of each noise")
    parser.add_argument("--noises", type=int, default=1, help="how often each noise is made, every time another one")
    parser.add_argument("--no-speech", action="store_true", help="leave out what keeping noise out costs")
    parser.add_argument("--draws", type=int, default=1, help="how often each recording is heard")
    parser.add_argument("--limit", type=int, default=None, help="only the first recordings")
    return parser.parse_args(arguments)


def _show(report: dict[str, Any], noises: Sequence[NoiseRow], speech: Sequence[SpeechRow], console: Console) -> None:
    table = Table(title=f"text out of {noises[0].seconds / 60:g} minutes each, pack {report['pack']}")
    for name in ("noise", "utterances", "characters", "in partials", "taken for"):
        table.add_column(name, justify="left" if name in {"noise", "taken for"} else "right")
    for row in noises:
        counts = (str(row.utterances), str(row.final_characters), str(row.shown_characters))
        table.add_row(row.noise, *counts, " ".join(row.texts)[:40])
    console.print(table)
    if not speech:
        return
    table = Table(title=f"character errors of {report['table']}, %")
    for name in ("speech", "undivided", "alone", "segmented", "and gated", "cost in points", "against it alone"):
        table.add_column(name, justify="left" if name == "speech" else "right")
    for condition in speech:
        found = (condition.undivided, condition.whole, condition.segmented, condition.gated)
        costs = [
            f"{each.value:+.2f} ({each.low:+.2f} to {each.high:+.2f})"
            for each in (condition.points, condition.points_whole)
        ]
        table.add_row(condition.condition, *(f"{100 * each:.2f}" for each in found), *costs)
    console.print(table)


if __name__ == "__main__":
    main()
