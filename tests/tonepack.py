"""A model pack small enough for tests: its acoustic model hears tones, its language stage shifts ids by three."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnx.parser

from streamer.asr.mel import WINDOW, mel_filters
from streamer.asr.modelpack import file_digest
from streamer.asr.packwriter import seal_pack
from streamer.types import SAMPLE_RATE

SYLLABLES = ("bo1", "po2", "mo3", "fo4", "A")
"""Ids 0 to 4; 5 is the blank."""
CHARACTERS = ("S", "/S", "播", "婆", "抹", "佛", "A")
"""Ids 1 to 7: syllable ``i`` becomes the character with the id ``i + 3``."""
BANDS = (20, 32, 44, 56, 68)
"""The mel band that syllable ``i`` listens to."""
LOUDEST_HISS = 30
"""Of 32768: the loudest sample of what is heard as nothing."""

_ACOUSTIC = """
<ir_version: 8, opset_import: ["" : 17]>
acoustic (float[1,{frames},80,1] features, int32[1,1] length) => (int32[1,251] ids{more}) <
    int64[1] zero = {{0}}, int64[1] one = {{1}}, int64[1] three = {{3}}, int64[1] four = {{4}}, int64[1] far = {{9999}},
    int64[5] bands = {{20, 32, 44, 56, 68}}, int64[1] blank = {{5}}, int64[1] slots = {{251}}, int64[1] minus = {{-1}},
    float[1,1,1] level = {{6.0}}, float[1] sharpness = {{3.0}},
    int64[2] room = {{1, 252}}, int64[2] corner = {{1, 1}},
    int64 axis = {{1}}, int64 start = {{0}}, int64 unit = {{1}}
  > {{
    flat = Squeeze (features, three)
    every = Slice (flat, zero, far, one, four)
    loud = Gather <axis = 2> (every, bands)
    heard = Mul (loud, sharpness)
    sizes = Shape (every)
    steps = Gather <axis = 0> (sizes, axis)
    steps_1d = Gather <axis = 0> (sizes, one)
    shape = Concat <axis = 0> (one, steps_1d, one)
    silent = Expand (level, shape)
    logits = Concat <axis = 2> (heard, silent)
    log_probs = LogSoftmax <axis = 2> (logits)
    argmax = ArgMax <axis = 2, keepdims = 0> (log_probs)
    count = Range (start, steps, unit)
    limit = Cast <to = 7> (length)
    real = Less (count, limit)
    best = Where (real, argmax, blank)
    most = Slice (best, zero, minus, one)
    none = Expand (minus, corner)
    previous = Concat <axis = 1> (none, most)
    same = Equal (best, previous)
    is_blank = Equal (best, blank)
    dropped = Or (same, is_blank)
    kept = Not (dropped)
    kept_int = Cast <to = 7> (kept)
    counted = CumSum (kept_int, axis)
    position = Sub (counted, one)
    target = Where (kept, position, slots)
    empty = Expand (minus, room)
    placed = ScatterElements <axis = 1> (empty, target, best)
    row = Slice (placed, zero, slots, one)
    ids = Cast <to = 6> (row)
  }}
"""

_LANGUAGE = """
<ir_version: 8, opset_import: ["" : 17]>
language (int32[1,{tokens}] inputs) => (int32[1,{outputs}] ids{more}) <
    int32[1,1] start = {{1}}, int32[1] end = {{2}}, int32[1] shift = {{3}}, int32[1] zero = {{0}},
    int64[1] depth = {{8}}, float[2] values = {{-9.0, -0.25}}
  > {{
    nothing = Less (inputs, zero)
    shifted = Add (inputs, shift)
    characters = Where (nothing, end, shifted)
    ids = Concat <axis = 1> (start, characters)
    wide = Cast <to = 7> (ids)
    log_probs = OneHot (wide, depth, values)
  }}
"""

_MANIFEST = """\
name = "tones"
version = "1"
contract = 1
runner = "onnx"
licence = "Apache-2.0"
description = "Hears tones"

[acoustic]
file = "acoustic.onnx"
tokens = "syllables.txt"
blank_id = 5

[language]
file = "language.onnx"
tokens = "characters.txt"

"""


def acoustic_model(*, static: bool = False, log_probs: bool = True) -> onnx.ModelProto:
    """A model that emits syllable ``i`` while mel band ``BANDS[i]`` is two deviations above the mean, else blank."""
    return onnx.parser.parse_model(
        _ACOUSTIC.format(frames="1001" if static else "T", more=", float[1,R,6] log_probs" if log_probs else "")
    )


def language_model(*, static: bool = False, log_probs: bool = True) -> onnx.ModelProto:
    """A model that gives syllable ``i`` the character ``i + 3``, each with the log-probability −0.25."""
    return onnx.parser.parse_model(
        _LANGUAGE.format(
            tokens="251" if static else "N",
            outputs="252" if static else "M",
            more=", float[1,K,8] log_probs" if log_probs else "",
        )
    )


def write_tone_pack(folder: Path, *, static: bool = False, log_probs: bool = True) -> Path:
    """Write a sealed pack into a new folder and return it."""
    folder.mkdir(parents=True)
    onnx.save(acoustic_model(static=static, log_probs=log_probs), folder / "acoustic.onnx")
    onnx.save(language_model(static=static, log_probs=log_probs), folder / "language.onnx")
    (folder / "syllables.txt").write_text("# tones\n" + "\n".join(SYLLABLES) + "\n", encoding="utf-8")
    (folder / "characters.txt").write_text("\n".join(CHARACTERS) + "\n", encoding="utf-8")
    names = ("acoustic.onnx", "characters.txt", "language.onnx", "syllables.txt")
    files = "\n".join(f'"{name}" = "{file_digest(folder / name)}"' for name in names)
    (folder / "pack.toml").write_text(f"{_MANIFEST}[files]\n{files}\n", encoding="utf-8")
    return folder


def with_readings(folder: Path, readings: str) -> Path:
    """Give a pack a reading table and seal it again."""
    (folder / "readings.tsv").write_text(readings, encoding="utf-8")
    rewrite_manifest(folder, "[files]", '[resources]\nreadings = "readings.tsv"\n\n[files]')
    seal_pack(folder)
    return folder


def tone(syllable: int, seconds: float, amplitude: int = 8000) -> npt.NDArray[np.int16]:
    """A sound that the tiny model hears as syllable ``syllable``."""
    hertz = int(mel_filters()[BANDS[syllable]].argmax()) * SAMPLE_RATE / WINDOW
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (np.sin(2 * np.pi * hertz * times) * amplitude).astype(np.int16)


def hiss(seconds: float) -> npt.NDArray[np.int16]:
    """A sound that the tiny model hears as nothing."""
    count = round(seconds * SAMPLE_RATE)
    return np.random.default_rng(0).integers(-LOUDEST_HISS, LOUDEST_HISS + 1, count).astype(np.int16)


def sentence() -> np.ndarray:
    """Three tones: the ids 0, 3 and 3."""
    return np.concatenate([hiss(0.3), tone(0, 0.2), hiss(0.2), tone(3, 0.2), hiss(0.2), tone(3, 0.2), hiss(0.3)])


def rewrite_manifest(folder: Path, old: str, new: str) -> None:
    """Put something else into a written pack's manifest."""
    manifest = folder / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    assert old in text
    manifest.write_text(text.replace(old, new), encoding="utf-8")
