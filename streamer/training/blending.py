"""A trained acoustic model blended with the exported one that it began from.

What fine-tuning gains and what it forgets lie on a straight line between the weights before and after it (Wortsman et
al. 2022, "Robust fine-tuning of zero-shot models"). Here the old model had learnt from exactly known frames and says
its syllables some 35 ms earlier, which a live caption shows.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from streamer.errors import SettingsError
from streamer.training.checkpoints import Checkpoint
from streamer.training.deepening import deepened
from streamer.training.exported import exported_blocks, exported_model
from streamer.training.settings import ModelSettings
from streamer.training.weights import Weights

_OWN = "stem."
"""Layers that stay those of the checkpoint: an export has folded their normalisations into their convolutions."""


def blended(checkpoint: Checkpoint, exported: Path, share: float) -> Checkpoint:
    """The checkpoint with ``share`` of an exported model's weights in its averaged weights, all but the stem's.

    Args:
        checkpoint: trained on from that model.
        exported: the ONNX file, int8 or fp32, of the same shape and token table. With fewer blocks it is made deeper,
            as when training began with it.
        share: of the exported weights, 0 to 1.

    Raises:
        SettingsError: the share is out of range, or the file is another model, or of another shape.
    """
    if not 0.0 <= share <= 1.0:
        raise SettingsError(f"--share {share}: expected a number from 0 (the checkpoint alone) to 1")
    shape = msgspec.convert(checkpoint["shape"], ModelSettings)
    own = msgspec.structs.replace(shape, blocks=exported_blocks(exported))
    model = exported_model(exported, own, checkpoint["tokens"])
    began = Weights(model.state_dict(), checkpoint["tokens"], msgspec.to_builtins(own))
    old = deepened(began, shape.blocks).tensors
    average = {
        name: weight
        if name.startswith(_OWN) or not weight.is_floating_point()
        else weight.lerp(old[name].to(weight.dtype), share)
        for name, weight in checkpoint["average"].items()
    }
    return {**checkpoint, "average": average}
