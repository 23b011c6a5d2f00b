"""Huawei's converter ``atc``: its command lines, and what its failures mean.

Source of the options: CANN's ATC guide; of the published models' own: the reference application's README.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from streamer.errors import PackError
from streamer.packs.static import StaticModel

_OUTPUT_NAME = re.compile(r"[A-Za-z0-9_.\-/\u4e00-\u9fff]+")
_SOC = re.compile(r"Ascend[0-9A-Za-z_]+")
_HINTS = {
    "E10016": "an input name in --input_shape is not in the graph",
    "E10017": "an input named in --input_shape is no input of the graph",
    "E10001": "the --input_shape is malformed",
    "E10002": "the --input_shape is malformed",
    "E12009": "a node's input is missing: the graph was frozen badly",
    "E12013": "the graph has TensorFlow functions; use `streamer models import-pb` and convert its ONNX files",
    "E12029": "the graph has TensorFlow functions; use `streamer models import-pb` and convert its ONNX files",
    "E10501": "an operator is not supported by this CANN",
    "E13010": "an operator is not supported by this CANN",
    "E40002": "a Python package that atc needs is missing (decorator, attrs, numpy)",
    "E40020": "a Python package that atc needs is missing (decorator, attrs, numpy)",
    "E40003": "atc found no usable Python interpreter",
    "E19999": "an inner error; often the opp packages do not fit this CANN",
}

FP16_WARNING = (
    "atc computes in fp16 unless it is told otherwise: compare with `streamer doctor --ascend` afterwards, and where "
    "the tolerance is exceeded convert again with --precision mixed_float16 or allow_fp32_to_fp16"
)


class Precision(StrEnum):
    """How the device computes."""

    FP16 = "fp16"
    """Everything in half precision: atc's own default, the fastest."""
    MIXED = "mixed_float16"
    """Half precision where atc's list of operators allows it."""
    FP32_WHERE_POSSIBLE = "allow_fp32_to_fp16"
    """Single precision where the chip has it."""
    ORIGIN = "origin"
    """As the model says; conversion fails where the chip cannot."""

    @property
    def option(self) -> list[str]:
        """What ``atc`` is told."""
        match self:
            case Precision.FP16:
                return []
            case Precision.FP32_WHERE_POSSIBLE:
                return ["--precision_mode=allow_fp32_to_fp16"]
            case _:
                return [f"--precision_mode_v2={self.value}"]


@dataclass(frozen=True, slots=True)
class Conversion:
    """One run of ``atc``."""

    model: StaticModel
    output: Path
    """Without the suffix ``.om``, which atc adds."""
    soc_version: str
    """The chip."""
    precision: Precision

    @property
    def arguments(self) -> list[str]:
        """The command line, argument by argument."""
        # The published acoustic graph's own command says NHWC; ONNX inputs have no image layout at all.
        layout = "NHWC" if self.model.is_graph and ";" in self.model.input_shape else "ND"
        return [
            "atc",
            f"--model={self.model.path}",
            f"--framework={3 if self.model.is_graph else 5}",
            f"--input_format={layout}",
            f"--input_shape={self.model.input_shape}",
            f"--output={self.output}",
            f"--soc_version={self.soc_version}",
            *self.precision.option,
        ]

    @property
    def command(self) -> str:
        """The command line for a shell."""
        return shlex.join(self.arguments)

    @property
    def product(self) -> Path:
        """The file that atc writes."""
        return self.output.with_name(f"{self.output.name}.om")


def conversions(
    models: tuple[StaticModel, StaticModel], folder: Path, soc_version: str, precision: Precision = Precision.FP16
) -> tuple[Conversion, Conversion]:
    """The two conversions of a pack.

    Args:
        models: acoustic model and language stage.
        folder: where the offline models go.
        soc_version: the chip, as ``npu-smi info`` names it, with ``Ascend`` before it.
        precision: how the device computes.

    Raises:
        PackError: a name is not one that atc accepts.
    """
    if not _SOC.fullmatch(soc_version):
        raise PackError(
            f"--soc-version {soc_version!r} is no chip, expected Ascend and the name from `npu-smi info` (Ascend310P3)"
        )
    if not _OUTPUT_NAME.fullmatch(str(folder)):
        raise PackError(f"atc cannot write to {str(folder)!r}: expected letters, digits, _ - . / and Chinese only")
    acoustic, language = models
    return (
        Conversion(acoustic, folder / "conformer", soc_version, precision),
        Conversion(language, folder / "transformer", soc_version, precision),
    )


def run_atc(conversion: Conversion, say: Callable[[str], None]) -> Path:
    """Convert; the offline model's path.

    Args:
        conversion: what to do.
        say: receives atc's output, line by line.

    Raises:
        PackError: atc is not installed, failed, or wrote nothing.
    """
    program = shutil.which("atc")
    if program is None:
        raise PackError("atc is not on the PATH: install CANN's toolkit and source its set_env.sh")
    try:
        started = subprocess.Popen(  # noqa: S603 (the arguments are ours)
            [program, *conversion.arguments[1:]],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:  # made for another processor, or what interprets it is not there
        raise PackError(
            f"{program} cannot be started: {error.strerror}; install CANN's toolkit for this processor"
        ) from error
    with started as process:
        lines = []
        for line in process.stdout or ():
            lines.append(line.rstrip())
            say(lines[-1])
    if not process.returncode:
        _name_plainly(conversion, say)
    if process.returncode or not conversion.product.is_file():
        raise PackError(_failure(conversion, process.returncode, lines))
    return conversion.product


def _name_plainly(conversion: Conversion, say: Callable[[str], None]) -> None:
    """Give the product its name: atc appends the system to that of a model with parts for the host's processor."""
    bound = list(conversion.output.parent.glob(f"{conversion.output.name}_*.om"))
    if not conversion.product.is_file() and len(bound) == 1:
        bound[0].rename(conversion.product)
        system = bound[0].stem.removeprefix(f"{conversion.output.name}_")
        say(f"{conversion.product.name} has parts for the host's processor: it runs on {system} only")


def _failure(conversion: Conversion, code: int, lines: list[str]) -> str:
    said = "\n".join(lines)
    hints = [f"{error}: {hint}" for error, hint in _HINTS.items() if error in said]
    last = next((line for line in reversed(lines) if line), "nothing")
    about = "; ".join(hints) or f"its last words: {last}"
    return f"atc failed on {conversion.model.path.name} (exit code {code}), {about}"
