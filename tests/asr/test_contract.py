from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from streamer.asr.contract import AcousticTensors, LanguageTensors, acoustic_tensors, language_tensors
from streamer.errors import PackError
from streamer.interfaces import TensorSpec

FLOAT, INT, LONG = np.dtype(np.float32), np.dtype(np.int32), np.dtype(np.int64)

FEATURES = TensorSpec("features", FLOAT, (1, None, 80, 1))
LENGTH = TensorSpec("length", INT, (1, 1))
IDS = TensorSpec("ids", INT, (1, 251))
LOG_PROBS = TensorSpec("log_probs", FLOAT, (1, None, 6))


@dataclass
class FakeRunner:
    """A model that is only looked at."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def run(self, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        raise NotImplementedError

    def close(self) -> None:
        pass


def test_a_dynamic_model_with_log_probabilities() -> None:
    runner = FakeRunner((FEATURES, LENGTH), (IDS, LOG_PROBS))

    assert acoustic_tensors(runner, "am") == AcousticTensors("features", "length", "ids", "log_probs", None)


def test_a_static_model_with_bare_ids_and_names_of_its_compiler() -> None:
    runner = FakeRunner(
        (TensorSpec("x_1", INT, (1, 1)), TensorSpec("x_0", FLOAT, (1, 1001, 80, 1))),
        (TensorSpec("Squeeze:0", INT, (1, 251)),),
    )

    assert acoustic_tensors(runner, "am") == AcousticTensors("x_0", "x_1", "Squeeze:0", None, 1001)


def test_a_static_language_stage() -> None:
    runner = FakeRunner((TensorSpec("a", INT, (1, 251)),), (TensorSpec("b:0", INT, (1, 252)),))

    assert language_tensors(runner, "lm") == LanguageTensors("a", "b:0", None, 251)


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [
        (
            (TensorSpec("features", FLOAT, (1, 1001, 40, 1)), LENGTH),
            (IDS,),
            r"am: input features float32\[1, 1001, 40, 1\], expected features float32\[1, 1001, 80, 1\]",
        ),
        ((FEATURES,), (IDS,), r"am: input length int32\[1, 1\] expected, found features float32\[1, \?, 80, 1\]"),
        ((FEATURES, LENGTH), (), r"am: output ids int32\[1, 251\] expected, found none"),
        (
            (FEATURES, LENGTH),
            (TensorSpec("ids", LONG, (1, 251)),),
            r"am: output ids int64\[1, 251\], expected ids int32\[1, 251\]",
        ),
        ((FEATURES, LENGTH, TensorSpec("gear", INT, (1,))), (IDS,), r"am: unknown inputs gear int32\[1\]"),
        (
            (FEATURES, LENGTH),
            (IDS, TensorSpec("log_probs", FLOAT, (None, 6))),
            r"am: output log_probs float32\[\?, 6\], expected log_probs float32 \[1, steps, tokens\]",
        ),
        (
            (FEATURES, LENGTH),
            (TensorSpec("x", INT, (1, 251)), TensorSpec("y", INT, (1, None))),
            r"output ids int32\[1, 251\] expected, found x int32\[1, 251\], y",
        ),
    ],
)
def test_refuses_what_breaks_the_contract(
    inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...], message: str
) -> None:
    with pytest.raises(PackError, match=message):
        acoustic_tensors(FakeRunner(inputs, outputs), "am")
