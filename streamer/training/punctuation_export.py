"""The punctuation network as the pack has it: in the style of meetings, calibrated on the tuning meetings."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.training.punctuation_calibration import Calibration
from streamer.training.punctuation_model import PunctuationModel, StoredVectors


class ExportedPunctuationModel(nn.Module):
    """The network in the style of meetings, calibrated, with a fitted bias per mark, for ONNX."""

    def __init__(self, model: PunctuationModel, calibration: Calibration, bias: Tensor) -> None:
        """Join the parts.

        Args:
            model: the network.
            calibration: of its scores.
            bias: (marks,) added to the calibrated scores.
        """
        super().__init__()
        self.model = model
        self.calibration = calibration
        self.register_buffer("bias", bias)
        self.stored = StoredVectors.of(model)

    def forward(self, characters: Tensor, pauses: Tensor) -> Tensor:
        """int32 (1, n), float32 (1, n) → log-probabilities float32 (1, n, marks)."""
        style = torch.zeros(1, dtype=torch.int64)
        scores: Tensor = self.model(characters, pauses, style, self.stored)
        scores = self.calibration(scores, pauses) + self.get_buffer("bias")
        return functional.log_softmax(scores, dim=-1)
