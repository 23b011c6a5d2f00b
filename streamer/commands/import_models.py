"""``streamer models import-om|import-pb``: packs of models that others trained or converted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from streamer.asr.modelpack import ModelPack, pack_folders
from streamer.packs.frozen import import_frozen
from streamer.packs.offline import import_offline
from streamer.packs.writer import UNKNOWN_LICENCE, PackFacts, default_folder
from streamer.places import is_folder
from streamer.sinks.printable import in_utf_8

_Name = Annotated[str, typer.Option(help="Name of the new pack.")]
_AmTokens = Annotated[Path, typer.Option(help="Token table of the acoustic model (am_tokens.txt).")]
_LmTokens = Annotated[Path, typer.Option(help="Token table of the language stage (lm_tokens.txt), ids from 1.")]
_FirstId = Annotated[int, typer.Option(min=0, max=1, help="Id of the acoustic table's first token.")]
_Length = Annotated[
    Literal["real", "padded"], typer.Option(help="Tell the acoustic model the real length, or always 250 as published.")
]
_Padding = Annotated[
    Literal["reflect", "constant"], typer.Option(help="Padding of the features: reflect for the published weights.")
]
_Licence = Annotated[str, typer.Option(help="Licence of the weights.")]
_Out = Annotated[Path | None, typer.Option(help="Folder of the new pack; default: among your installed packs.")]


def import_om(  # noqa: PLR0913 - each is an option of the command line
    *,
    conformer: Annotated[Path, typer.Option(help="Offline model of the acoustic model (.om).")],
    transformer: Annotated[Path, typer.Option(help="Offline model of the language stage (.om).")],
    am_tokens: _AmTokens,
    lm_tokens: _LmTokens,
    name: _Name,
    am_first_id: _FirstId = 0,
    blank_id: Annotated[int | None, typer.Option(help="Id of the CTC blank; default: after the last token.")] = None,
    length: _Length = "padded",
    padding: _Padding = "reflect",
    licence: _Licence = UNKNOWN_LICENCE,
    out: _Out = None,
) -> None:
    """Make a pack of two offline models for an Ascend NPU."""
    facts = PackFacts(
        name=name,
        am_tokens=am_tokens,
        lm_tokens=lm_tokens,
        am_first_id=am_first_id,
        blank_id=blank_id,
        length=length,
        padding=padding,
        licence=licence,
        provenance=in_utf_8(f"imported from {conformer.name} and {transformer.name}"),
    )
    pack = import_offline(facts, conformer, transformer, out or default_folder(name))
    _report(pack, out, f"`streamer doctor --ascend --pack {_reference(pack, out)}` loads it and runs it on the NPU")


def import_pb(  # noqa: PLR0913 - each is an option of the command line
    *,
    conformer: Annotated[Path, typer.Option(help="frozen_graph_conform.pb")],
    transformer: Annotated[Path, typer.Option(help="frozen_graph_transform.pb")],
    am_tokens: _AmTokens,
    lm_tokens: _LmTokens,
    name: _Name,
    length: _Length = "padded",
    padding: _Padding = "reflect",
    licence: _Licence = UNKNOWN_LICENCE,
    out: _Out = None,
) -> None:
    """Convert the published frozen TensorFlow graphs to ONNX, so that the same weights run on any CPU.

    Needs the extra `convert` (TensorFlow and tf2onnx).
    """
    facts = PackFacts(
        name=name,
        am_tokens=am_tokens,
        lm_tokens=lm_tokens,
        length=length,
        padding=padding,
        licence=licence,
        provenance=in_utf_8(f"converted with tf2onnx from {conformer.name} and {transformer.name}"),
    )
    say = Console(stderr=True, markup=False, emoji=False).print
    made = import_frozen(facts, conformer, transformer, out or default_folder(name), say)
    _report(
        made.pack,
        out,
        f"log-probabilities differ from TensorFlow's by at most {made.difference:.2g}; "
        f"`streamer models atc {_reference(made.pack, out)}` converts it for an NPU",
    )


def _reference(pack: ModelPack, out: Path | None) -> str:
    return pack.manifest.name if out is None else str(out)


def _report(pack: ModelPack, out: Path | None, more: str) -> None:
    typer.echo(f"✓ {pack.label} in {pack.folder}\n  {more}")
    embedded = pack_folders()[-1] / pack.manifest.name
    if out is None and is_folder(embedded):
        typer.echo(f"  from now on the name {pack.manifest.name} means this pack, no longer {embedded}")
