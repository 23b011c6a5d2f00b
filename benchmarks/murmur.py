"""How much of unbroken speech in loud noise is kept: what the gate takes for a murmur becomes no text.

``python -m benchmarks.murmur --data ../shared/data/dev`` trims the silences of the recordings, joins them into minutes
of unbroken speech and puts noise behind them, some decibels below. Speech without pauses in noise hardly rises and
falls, as many far voices do; ``benchmarks.noise`` has recordings one by one, with pauses around them, and sounds in
which nobody speaks. The syllables of finals that the gate refuses are counted, and character errors with and without.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track
from rich.table import Table

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.condition import Background
from benchmarks.corpus import read_table
from benchmarks.joined import JoinedSpeech, join
from benchmarks.listening import listen
from benchmarks.noises import babble, pink, white
from benchmarks.options import add_babble, babble_voices, parser_of
from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.recognizer import PackRecognizer
from streamer.interfaces import Recognizer
from streamer.scoring import compare, spoken_characters, sum_errors
from streamer.settings import Settings, load_settings
from streamer.types import SAMPLE_RATE
from streamer.vad.gate import GatedRecognizer

_SNRS_DB = (20.0, 10.0, 5.0)
_ROW_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What was kept of speech in one noise."""

    noise: str
    snr_db: float
    syllables: int
    """Of all finals, where nothing is refused."""
    kept: float
    """The share of them that passes the gate."""
    ungated: float
    """Character error rate where nothing is refused."""
    gated: float
    """The same with the gate."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    settings = load_settings(options.config)
    far = babble_voices(options)
    speech = join(read_table(options.data / options.table)[: options.limit], _ROW_SECONDS)
    noises: dict[str, Background] = {"white": white, "pink": pink}
    if far:
        noises["babble"] = lambda seconds, rng: babble(seconds, rng, far)
    conditions = [(name, snr_db) for snr_db in _SNRS_DB for name in noises]
    with load_models(load_pack(find_pack(options.pack)), settings.recognizer) as models:
        plain, gated = (PackRecognizer(models, settings.recognizer) for _ in range(2))
        ways = plain, GatedRecognizer(gated, settings.gate)
        rows = [
            KeptRow(name, snr_db, *kept_in(noises[name], snr_db, speech, ways, settings))
            for name, snr_db in track(conditions, "speech", console=Console(stderr=True), disable=options.json)
        ]
    if options.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
    else:
        _show(rows, str(options.data / options.table), Console(width=None if sys.stdout.isatty() else 120))


def kept_in(
    make: Background,
    snr_db: float,
    speech: Sequence[JoinedSpeech],
    ways: tuple[Recognizer, Recognizer],
    settings: Settings,
) -> tuple[int, float, float, float]:
    """Hear speech in a noise without the gate and with it; all of a row but its name."""
    rng = np.random.default_rng(17)
    counts, errors = [], []
    for row in speech:
        sound = in_noise(row.samples, make, snr_db, rng).tobytes()
        said = spoken_characters("".join(part.text for part in row.parts))
        heard = [listen(sound, recognizer, settings) for recognizer in ways]
        counts.append([sum(len(each.tokens) for each in one.hypotheses) for one in heard])
        errors.append([compare(said, spoken_characters(one.text)) for one in heard])
    (every, passed), (ungated, kept) = np.sum(counts, axis=0).tolist(), map(sum_errors, zip(*errors, strict=True))
    return every, passed / every if every else float("nan"), ungated.rate, kept.rate


def in_noise(
    samples: npt.NDArray[np.int16], make: Background, snr_db: float, rng: np.random.Generator
) -> npt.NDArray[np.int16]:
    """Speech with a noise so many decibels below it, as a mean over all of it."""
    speech = samples.astype(np.float64)
    noise = make(len(speech) / SAMPLE_RATE + 0.1, rng)[: len(speech)]
    noise *= np.sqrt(np.mean(speech**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)
    sound: npt.NDArray[np.int16] = np.clip(np.rint(speech + noise), -32768, 32767).astype(np.int16)
    return sound


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("murmur", __doc__, "zh")
    add_babble(parser)
    parser.add_argument("--limit", type=int, default=None, help="only the first recordings")
    return parser.parse_args(arguments)


def _show(rows: Sequence[KeptRow], table_name: str, console: Console) -> None:
    table = Table(title=f"unbroken speech in noise, {table_name}")
    table.add_column("noise")
    for name in ("below speech", "syllables heard", "kept", "characters wrong without gate", "and with it"):
        table.add_column(name, justify="right")
    for row in rows:
        shares = [f"{100 * each:.1f} %" for each in (row.kept, row.ungated, row.gated)]
        table.add_row(row.noise, f"{row.snr_db:g} dB", str(row.syllables), *shares)
    console.print(table)


if __name__ == "__main__":
    main()
