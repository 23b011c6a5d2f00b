"""Which weights decode a pack's models best: ``[search]`` and ``[confidence]`` for its manifest, fitted on tune.tsv.

``python -m benchmarks.fit_decoding --data ../shared/data/dev --pack streamer/models/zh`` prints TOML. Weights are
chosen one after the other, each by the fewest character errors on the table; ``--write`` puts them into the manifest.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.calibration import right_characters
from benchmarks.corpus import read_table
from benchmarks.heard import HeardRecording, Outcome, decode_all, hear
from streamer.asr.confidence import evidence, fit
from streamer.asr.decoder import Decoder
from streamer.asr.manifest import ConfidenceManifest
from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.packwriter import toml_tables, write_tables
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.search import SearchSettings

Grid = tuple[tuple[str, tuple[float, ...]], ...]
"""Names of weights, and the values to try."""
_SEARCH_GRID: Grid = (
    ("syllable_lm_weight", (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2)),
    ("length_bonus", (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0)),
)
"""What is tried, in this order, twice."""
_JOINT_GRID: Grid = (
    ("language_weight", (0.0, 0.1, 0.2, 0.3, 0.5, 0.8)),
    ("language_bonus", (0.0, 0.2, 0.4, 0.8)),
)
"""What is tried after that, with several sequences for the language stage to choose among."""
_N_BEST = 4
_WORTHWHILE = 0.99
"""Several sequences cost time; they are chosen only if they leave fewer errors than this share."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    folder = find_pack(options.pack)
    with load_models(load_pack(folder), RecognizerSettings()) as models:
        heard = hear(models, read_table(options.data / options.table))
        best = fitted_search(models, heard)
        outcome = decode_all(models, Decoder(models, _beam(best)), heard)
        confidence = fitted_confidence(models, heard, outcome)
    tables = {"search": msgspec.to_builtins(best), "confidence": msgspec.to_builtins(confidence)}
    print(toml_tables(tables))
    if options.write:
        write_tables(folder, tables)


def fitted_search(models: LoadedModels, heard: Sequence[HeardRecording]) -> SearchSettings:
    """The weights with the fewest character errors."""
    plain = SearchSettings()
    start = plain, _errors(models, heard, plain)
    best, fewest = _climb(models, heard, (*_SEARCH_GRID, *_SEARCH_GRID), start)
    joint = msgspec.structs.replace(best, n_best=_N_BEST)
    chosen, errors = _climb(models, heard, _JOINT_GRID, (joint, _errors(models, heard, joint)))
    return chosen if errors < _WORTHWHILE * fewest else best


def _climb(
    models: LoadedModels, heard: Sequence[HeardRecording], grid: Grid, start: tuple[SearchSettings, int]
) -> tuple[SearchSettings, int]:
    """Choose one weight after the other; the settings and their errors."""
    best, fewest = start
    for name, values in grid:
        for value in values:
            tried = msgspec.structs.replace(best, **{name: value})
            errors = fewest if tried == best else _errors(models, heard, tried)
            print(f"{name} = {value:g}: {errors} character errors", file=sys.stderr)
            if errors < fewest:
                best, fewest = tried, errors
    return best, fewest


def fitted_confidence(models: LoadedModels, heard: Sequence[HeardRecording], outcome: Outcome) -> ConfidenceManifest:
    """The regression from scores to whether a character is right."""
    features, is_right = [], []
    for each, found in zip(heard, outcome.decoded, strict=True):
        if each.output.log_probs is not None and found.path is not None:
            blank_id = models.pack.manifest.acoustic.blank_id
            features.append(evidence(each.output.log_probs, found.path, found.written.scores, blank_id))
            is_right += right_characters(each.characters, found.texts)
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
    parser.add_argument("--write", action="store_true", help="put the tables into the pack's manifest and seal it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
