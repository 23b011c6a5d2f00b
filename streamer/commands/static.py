"""``streamer models static``: the pack that ``streamer models atc`` converts, out of one for CPUs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.errors import PackError
from streamer.packs.golden import GOLDEN_NAME, judge, read_golden
from streamer.settings.recognizer import RecognizerSettings
from streamer.sinks.printable import printable
from streamer.training.static_pack import write_static_pack


def write(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of the new pack; its name is the pack's.")],
    pack: Annotated[str, typer.Option(help="Pack to start from, int8 or fp32.")] = "zh",
) -> None:
    """Write a pack's models as fp32 with fixed shapes, as `atc` wants them, and compare both on golden inputs.

    Needs the package onnx.
    """
    source = load_pack(find_pack(pack))
    made = write_static_pack(source, out)
    typer.echo(printable(f"✓ {made.label} in {made.folder}"))
    golden = made.path(GOLDEN_NAME)
    if golden.is_file():
        with load_models(made, RecognizerSettings()) as models:
            judgements = [judge(clip, models) for clip in read_golden(golden)]
        for each in judgements:
            typer.echo(f"  {each}")
        if not all(each.is_within_tolerance for each in judgements):
            raise PackError(f"the models in {out} differ from those that wrote the golden inputs: do not use them")
    typer.echo(f"  `streamer models atc {out} --soc-version …` converts it for an NPU")
