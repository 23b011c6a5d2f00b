"""Writes the language stage as ONNX: dynamic length for onnxruntime, or the fixed [1, 251] form for ``atc``.

Both have the model contract's interface (input ``inputs`` int32 [1, N], −1 where nothing; output ``ids`` int32
[1, N + 1]) and one more output, ``log_probs`` float32 [1, N + 1, tokens + 1], whose last axis is the token id.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command
from streamer.training.compact import compact
from streamer.training.language_lattice import Lattice
from streamer.training.language_model import LanguageModel, frame, start_row
from streamer.training.language_tokens import START_ID
from streamer.training.static_form import STATIC_OPSET, write_static

STATIC_LENGTH: Final = 251
"""Syllables in the fixed form, as in the model contract."""
_OPSET: Final = 17


class ExportedLanguageModel(nn.Module):
    """The network with folded embeddings, int32 at its borders, and the contract's framing."""

    def __init__(self, model: LanguageModel, lattice: Lattice | None = None, *, in_steps: bool = False) -> None:
        """Use trained weights; ``in_steps``: see :meth:`.language_lattice.Lattice.forward`."""
        super().__init__()
        self.model, self.lattice, self.in_steps = model, lattice, in_steps
        with torch.no_grad():
            weights, bias = model.classifier()
            self.register_buffer("weights", weights)
            self.register_buffer("bias", bias)
            self.register_buffer("embedding", model.sounds.table().half())

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """int32 (1, n) → int32 (1, n + 1), float32 (1, n + 1, classes)."""
        states = self.model(inputs, self.get_buffer("embedding"))
        scores = functional.log_softmax(states @ self.get_buffer("weights").T + self.get_buffer("bias"), dim=-1)
        if self.lattice is not None:
            ids, spread = self.lattice(scores, inputs, in_steps=self.in_steps)
            start = torch.full_like(ids[:, :1], START_ID)
            return torch.cat([start, ids], dim=1).to(torch.int32), torch.cat([start_row(spread), spread], dim=1)
        log_probs = frame(scores, inputs >= 0)
        return log_probs.argmax(-1).to(torch.int32), log_probs


def export_language(
    model: LanguageModel, path: Path, *, lattice: Lattice | None = None, static: bool = False, quantise: bool = True
) -> None:
    """Write one ONNX file.

    Args:
        model: trained weights.
        path: the file to write.
        lattice: joins the network's scores with a character trigram's; None: the network alone.
        static: the fixed form, always float32.
        quantise: store matrices as int8 and multiply in integers (dynamic form only).

    Raises:
        MissingDependencyError: onnx or onnxruntime (extra ``train``) is not installed.
    """
    exported = ExportedLanguageModel(model.eval(), lattice, in_steps=static).eval()
    example = torch.zeros((1, STATIC_LENGTH if static else 23), dtype=torch.int32)
    axes = None if static else {"inputs": {1: "n"}, "ids": {1: "n_plus_1"}, "log_probs": {1: "n_plus_1"}}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            exported, (example,), str(plain), input_names=["inputs"], output_names=["ids", "log_probs"],
            dynamic_axes=axes, opset_version=STATIC_OPSET if static else _OPSET, dynamo=False,
        )  # fmt: skip
        if static:
            write_static(plain, path)
        elif not quantise:
            path.write_bytes(plain.read_bytes())
        else:
            quantise_matrices(plain, path)


def quantise_matrices(plain: Path, path: Path) -> None:
    """Store the constant matrices of an ONNX file as int8, one scale a column, in a compact graph."""
    try:
        import onnx  # noqa: PLC0415 - needed by training only
        from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415
    except ImportError as error:
        raise MissingDependencyError(f"{error.name} is not installed: {install_command('train')}") from error
    model = onnx.load(str(plain))
    constant = {tensor.name for tensor in model.graph.initializer}
    chosen = [
        node.name for node in model.graph.node if node.op_type in ("MatMul", "Gemm") and constant & set(node.input)
    ]
    quantize_dynamic(
        str(plain), str(path), weight_type=QuantType.QInt8, per_channel=True, nodes_to_quantize=chosen,
        op_types_to_quantize=["MatMul", "Gemm"],
    )  # fmt: skip
    compact(path)
