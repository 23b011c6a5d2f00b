"""The model contract: how a pack's models are fed, whatever executes them.

The acoustic model takes ``features`` float32 [1, T, 80, 1] and ``length`` int32 [1, 1] and gives ids int32 [1, 251],
−1 where nothing. The language stage takes ids int32 [1, N] and gives characters int32 [1, N + 1]. T is 1001 and N is
251 in static models, any in dynamic ones. ``log_probs`` float32 is offered by some of either. Tensors are found by
name; where a compiler renamed them (``atc`` does), by type and shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamer.asr.fbank import MAX_FRAMES
from streamer.asr.mel import MEL_BINS
from streamer.errors import PackError
from streamer.interfaces import ModelRunner, TensorSpec

MAX_TOKENS = 251
"""Syllables of an utterance at most."""
MAX_LENGTH = 250
"""The largest ``length``."""
PADDING_ID = -1
"""Id where a static tensor holds no token."""

_FLOAT = np.dtype(np.float32)
_INT = np.dtype(np.int32)


@dataclass(frozen=True, slots=True)
class AcousticTensors:
    """The acoustic model's tensors, by what they are."""

    features: str
    length: str
    ids: str
    log_probs: str | None
    """None for packs with bare ids."""
    frames: int | None
    """Feature frames the model insists on (1001), None where any number will do."""


@dataclass(frozen=True, slots=True)
class LanguageTensors:
    """The language stage's tensors, by what they are."""

    inputs: str
    ids: str
    log_probs: str | None
    """None for packs with bare ids."""
    tokens: int | None
    """Syllables the model insists on (251), None where any number will do."""


def acoustic_tensors(runner: ModelRunner, name: str) -> AcousticTensors:
    """Find the acoustic model's tensors.

    Args:
        runner: the loaded model.
        name: the model's file name, for messages.

    Raises:
        PackError: the model does not follow the contract.
    """
    features = _pick(runner.inputs, "features", _FLOAT, (1, MAX_FRAMES, MEL_BINS, 1), f"{name}: input")
    length = _pick(runner.inputs, "length", _INT, (1, 1), f"{name}: input")
    _only(runner.inputs, (features, length), name)
    ids = _pick(runner.outputs, "ids", _INT, (1, MAX_TOKENS), f"{name}: output")
    return AcousticTensors(features.name, length.name, ids.name, _log_probs(runner, name), features.shape[1])


def language_tensors(runner: ModelRunner, name: str) -> LanguageTensors:
    """Find the language stage's tensors; arguments and errors as for :func:`acoustic_tensors`."""
    inputs = _pick(runner.inputs, "inputs", _INT, (1, MAX_TOKENS), f"{name}: input")
    _only(runner.inputs, (inputs,), name)
    ids = _pick(runner.outputs, "ids", _INT, (1, MAX_TOKENS + 1), f"{name}: output")
    return LanguageTensors(inputs.name, ids.name, _log_probs(runner, name), inputs.shape[1])


def _log_probs(runner: ModelRunner, name: str) -> str | None:
    for spec in runner.outputs:
        if spec.name == "log_probs":
            if spec.dtype != _FLOAT or len(spec.shape) != 3:
                raise PackError(f"{name}: output {_told(spec)}, expected log_probs float32 [1, steps, tokens]")
            return spec.name
    return None


def _pick(
    specs: tuple[TensorSpec, ...], wanted: str, dtype: np.dtype[np.generic], shape: tuple[int, ...], where: str
) -> TensorSpec:
    expected = f"{wanted} {dtype}{list(shape)}"
    fitting = [spec for spec in specs if spec.dtype == dtype and _fits(spec.shape, shape)]
    named = [spec for spec in specs if spec.name == wanted]
    if named and named[0] not in fitting:
        raise PackError(f"{where} {_told(named[0])}, expected {expected}")
    if not named and len(fitting) != 1:
        found = ", ".join(_told(spec) for spec in specs) or "none"
        raise PackError(f"{where} {expected} expected, found {found}")
    return named[0] if named else fitting[0]


def _fits(found: tuple[int | None, ...], expected: tuple[int, ...]) -> bool:
    """Whether a tensor has the contract's shape; unknown sizes fit."""
    return len(found) == len(expected) and all(
        size is None or size == wanted for size, wanted in zip(found, expected, strict=True)
    )


def _only(specs: tuple[TensorSpec, ...], known: tuple[TensorSpec, ...], name: str) -> None:
    extra = [_told(spec) for spec in specs if spec not in known]
    if extra:
        raise PackError(f"{name}: unknown inputs {', '.join(extra)} (expected only {[spec.name for spec in known]})")


def _told(spec: TensorSpec) -> str:
    return f"{spec.name} {spec.dtype}{['?' if size is None else size for size in spec.shape]}".replace("'", "")
