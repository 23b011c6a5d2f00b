"""Which weights decode a pack's models best: ``[search]`` and both calibrations of confidences, fitted on tune.tsv.

``python -m benchmarks.fit_decoding --data ../shared/data/dev --pack streamer/models/zh`` prints TOML. Weights are
chosen one after the other, twice, each by the fewest character errors on the table, whose recordings are heard several
times (``--draws``): what is read in one moves with where it begins. ``--write`` puts them into the manifest.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.calibration import right_characters
from benchmarks.corpus import read_table
from benchmarks.heard import HeardRecording, decode_all, hear
from streamer.asr.confidence import evidence, final_evidence, fit
from streamer.asr.ctc import CtcPath, LogProbs
from streamer.asr.decoded import Decoded
from streamer.asr.decoder import Decoder
from streamer.asr.heard import LanguageOutput
from streamer.asr.manifest import ConfidenceManifest
from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.packwriter import toml_tables, write_tables
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.search import SearchSettings

_Known = tuple[LogProbs, CtcPath, LanguageOutput, int]
"""What a final's tokens are judged by, and the blank's column."""
Grid = tuple[tuple[str, tuple[float, ...]], ...]
"""Names of weights, and the values to try."""
_GRID: Grid = (
    ("prior_weight", (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
    ("syllable_lm_weight", (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2)),
    ("length_bonus", (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)),
    ("sentence_weight", (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0)),
    ("sentence_bonus", (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)),
    ("language_weight", (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)),
)
"""What is tried, in this order."""
_ROUNDS = 2
_CHANCE = 1.01
_START = SearchSettings(
    beam=128,
    second_hearing=3,
    partial_beam=32,
    tokens_per_step=40,
    unbroken_bonus=0.5,
    margin=10.0,
    prior_weight=0.6,
    alikes_weight=1.0,
    syllable_lm_weight=0.6,
    length_bonus=3.5,
    sentence_margin=4.0,
    blank_skip=0.6,
    partial_sentence_margin=2.5,
    sentence_weight=0.45,
    sentence_bonus=0.5,
    n_best=8,
    n_best_margin=4.0,
    language_weight=3.0,
    hotword_bonus=1.0,
    hotword_writing=3.0,
)
"""Width of the search, second hearing and number of sequences, which cost time and are not fitted; where weights begin;
and ``unbroken_bonus``, chosen by the fewest syllables lost or doubled in ``benchmarks.seams --table tune.tsv``."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    folder = find_pack(options.pack)
    with load_models(load_pack(folder), RecognizerSettings()) as models:
        models.write = cache(models.write)  # type: ignore[method-assign] # the same sequences are written again and again
        recordings, rng = read_table(options.data / options.table), np.random.default_rng(0)
        draws = [hear(models, recordings, number, rng, _START.second_hearing) for number in range(options.draws)]
        every = [each for draw in draws for each in draw]
        best = models.pack.manifest.search if options.only_confidence else fitted_search(models, every)
        if best is None:
            raise SystemExit(f"pack {models.pack.label} has no [search]: leave out --only-confidence")
        decoder = Decoder(models, _beam(best))
        confidence = fitted_confidence(decoder, models, draws[0])
        final_confidence = fitted_final_confidence(decoder, models, every)
    fitted = {"confidence": confidence, "final_confidence": final_confidence}
    tables = {} if options.only_confidence else {"search": msgspec.to_builtins(best)}
    tables |= {name: msgspec.to_builtins(each) for name, each in fitted.items()}
    print(json.dumps(tables) if options.json else toml_tables(tables))
    if options.write:
        write_tables(folder, tables)


def fitted_search(models: LoadedModels, heard: Sequence[HeardRecording]) -> SearchSettings:
    """The weights with the fewest character errors."""
    best = _START
    for name, values in _GRID * _ROUNDS:
        errors = []
        for value in values:
            errors.append(_errors(models, heard, msgspec.structs.replace(best, **{name: value})))
            print(f"{name} = {value:g}: {errors[-1]} character errors", file=sys.stderr)
        best = msgspec.structs.replace(best, **{name: values[steady_minimum(errors)]})
    return best


def steady_minimum(errors: Sequence[int]) -> int:
    """The middle of the places where errors, together with those next to them, are within 1 % of the fewest.

    Differences below that are chance, and a value in the middle of a plain is right for other speech sooner than one at
    its edge.
    """
    padded = np.pad(np.array(errors), 1, mode="edge")
    together = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    places = np.flatnonzero(together <= _CHANCE * together.min())
    return int(places[np.argmin(np.abs(places - places.mean()))])


def fitted_confidence(decoder: Decoder, models: LoadedModels, heard: Sequence[HeardRecording]) -> ConfidenceManifest:
    """The regression from scores to whether a character is right."""
    return _fitted(decoder, models, heard, lambda known, _: evidence(*known))


def fitted_final_confidence(
    decoder: Decoder, models: LoadedModels, heard: Sequence[HeardRecording]
) -> ConfidenceManifest:
    """The same of finals, from the sequences that each was chosen from, too."""
    return _fitted(decoder, models, heard, lambda known, decoded: final_evidence(*known, decoded.found))


def _fitted(
    decoder: Decoder,
    models: LoadedModels,
    heard: Sequence[HeardRecording],
    evidence_of: Callable[[_Known, Decoded], npt.NDArray[np.float64]],
) -> ConfidenceManifest:
    features, is_right = [], []
    blank_id = models.pack.manifest.acoustic.blank_id
    for each, decoded in zip(heard, decode_all(models, decoder, heard).decoded, strict=True):
        log_probs = decoder.heard(each.output).log_probs
        if log_probs is not None and decoded.path is not None:
            features.append(evidence_of((log_probs, decoded.path, decoded.written, blank_id), decoded))
            is_right += right_characters(each.characters, decoded.texts)
    return fit(np.concatenate(features), np.array(is_right, bool))


def _errors(models: LoadedModels, heard: Sequence[HeardRecording], search: SearchSettings) -> int:
    return sum(each.total for each in decode_all(models, Decoder(models, _beam(search)), heard).characters)


def _beam(search: SearchSettings) -> RecognizerSettings:
    return RecognizerSettings(decoding="beam", search=search)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with tune.tsv and the recordings")
    parser.add_argument("--table", default="tune.tsv", help="never test.tsv")
    parser.add_argument("--pack", default="zh", help="name or folder of a model pack")
    parser.add_argument("--draws", type=int, default=6, help="how often each recording is heard (default: %(default)s)")
    parser.add_argument("--only-confidence", action="store_true", help="search as the manifest says")
    parser.add_argument("--write", action="store_true", help="put the tables into the pack's manifest and seal it")
    parser.add_argument("--json", action="store_true", help="print JSON instead of TOML")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
