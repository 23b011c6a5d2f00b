"""The acoustic model as ONNX: dynamic length for onnxruntime, or fixed shapes for Ascend's ``atc``."""

from __future__ import annotations

import copy
import tempfile
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.asr.fbank import MAX_FRAMES
from streamer.asr.mel import MEL_BINS
from streamer.training.checkpoints import Checkpoint
from streamer.training.compact import compact
from streamer.training.model import Conformer
from streamer.training.settings import ModelSettings
from streamer.training.static_form import STATIC_OPSET, write_static
from streamer.training.stem import FRAMES_PER_OUTPUT

OUTPUT_IDS = 251
"""Length of the contract's id vector."""
_OPSET = 17


class ContractConformer(nn.Module):
    """The model in the form of the contract: one utterance, ids collapsed in the graph, log-probabilities."""

    def __init__(self, model: Conformer, *, static: bool) -> None:
        """Use a model, which stays as it is.

        Args:
            model: with trained weights.
            static: what is beyond the length is masked, since all sound is padded to the longest; else it is cut off.
        """
        super().__init__()
        self.model, self.is_static = copy.deepcopy(model).eval(), static
        if not static:
            self.model.take_shares_in()
        weight, bias = model.scores.merged()
        self.score_weight, self.score_bias = nn.Parameter(weight.detach()), nn.Parameter(bias.detach())

    def forward(self, features: Tensor, length: Tensor) -> tuple[Tensor, Tensor]:
        """``(1, frames, 80, 1)`` and ``(1, 1) int32`` to ids ``(1, 251) int32`` and log-probabilities.

        The log-probabilities are ``(1, steps, tokens + 1)`` at 40 ms a step.
        """
        length = length.reshape(1).clamp(max=OUTPUT_IDS - 1)
        frames = features.squeeze(3)
        if self.is_static:
            hidden = self.model.encoded(frames, length)
        else:
            # At least what makes one output: convolutions of nothing are not defined.
            heard = (FRAMES_PER_OUTPUT * length[0].long()).clamp(min=FRAMES_PER_OUTPUT)
            hidden = self.model.encoded(frames[:, :heard])
        hidden = hidden[:, :OUTPUT_IDS]
        log_probs = functional.log_softmax(functional.linear(hidden, self.score_weight, self.score_bias), dim=-1)
        return collapsed(log_probs, length), log_probs


def collapsed(log_probs: Tensor, length: Tensor) -> Tensor:
    """Greedy CTC with operators of fixed shape only: compare, cumulative sum, scatter.

    Args:
        log_probs: ``(1, steps, tokens + 1)``, blank last.
        length: ``(1,)`` steps that hold speech.

    Returns:
        ``(1, 251) int32``, −1 after the last token.
    """
    blank = log_probs.shape[-1] - 1
    best = log_probs.argmax(dim=-1)
    steps = torch.arange(log_probs.shape[1], device=log_probs.device)[None, :]
    best = torch.where(steps < length[:, None], best, torch.full_like(best, blank))
    previous = torch.cat([torch.full_like(best[:, :1], blank), best[:, :-1]], dim=1)
    kept = ((best != blank) & (best != previous)).to(torch.int32)
    # What is not kept goes to a place behind the ids, which is cut off.
    place = torch.where(kept > 0, torch.cumsum(kept, dim=1) - 1, torch.full_like(kept, OUTPUT_IDS)).to(torch.int64)
    empty = torch.full((1, OUTPUT_IDS + 1), -1, dtype=torch.int32, device=log_probs.device)
    return empty.scatter(1, place, best.to(torch.int32))[:, :OUTPUT_IDS]


def checkpoint_model(checkpoint: Checkpoint) -> Conformer:
    """The averaged weights of a checkpoint as a model."""
    model = Conformer(ModelSettings(**checkpoint["shape"]), checkpoint["tokens"])  # type: ignore[arg-type]
    model.load_state_dict(checkpoint["average"])
    return model.eval()


def export_conformer(model: Conformer, path: Path, *, static: bool) -> None:
    """Write the model as fp32 ONNX.

    Args:
        model: with trained weights.
        path: of the file to write.
        static: ``features`` of exactly ``[1, 1001, 80, 1]``; else any number of frames.
    """
    contract = ContractConformer(model, static=static)
    frames = MAX_FRAMES if static else 488
    example = (torch.zeros(1, frames, MEL_BINS, 1), torch.full((1, 1), frames // 4, dtype=torch.int32))
    axes = None if static else {"features": {1: "frames"}, "log_probs": {1: "steps"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        # The exporter without dynamo is deprecated, but gives the plain graph that atc compiles.
        warnings.simplefilter("ignore")
        plain = Path(scratch) / "plain.onnx" if static else path
        torch.onnx.export(
            contract,
            example,
            str(plain),
            input_names=["features", "length"],
            output_names=["ids", "log_probs"],
            dynamic_axes=axes,
            opset_version=STATIC_OPSET if static else _OPSET,
            dynamo=False,
        )
        if static:
            write_static(plain, path)


def quantize_matmuls(source: Path, target: Path) -> None:
    """Store the weights of MatMul and Gemm as int8, one scale a column, in a compact graph.

    Convolutions stay fp32: int8 is slower there.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 - seconds to import
    from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared.onnx"
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_dynamic(
            prepared, target, op_types_to_quantize=["MatMul", "Gemm"], per_channel=True, weight_type=QuantType.QInt8
        )
    compact(target)
