"""``streamer models atc``: a pack for an Ascend NPU out of an fp32 static ONNX pack or the published graphs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from streamer.asr.manifest import PackManifest
from streamer.asr.modelpack import ModelPack, find_pack, load_pack
from streamer.errors import PackError, SettingsError
from streamer.packs.atc import FP16_WARNING, Conversion, Precision, conversions, run_atc
from streamer.packs.static import published_graphs, static_models
from streamer.packs.writer import check_folder, default_folder, name_in, write_pack
from streamer.sinks.printable import printable


def convert(  # noqa: PLR0913 - each is an option of the command line
    pack: Annotated[str | None, typer.Argument(metavar="[PACK]", help="Pack with fp32 static ONNX models.")] = None,
    *,
    soc_version: Annotated[str, typer.Option(help="The chip: Ascend and its name in `npu-smi info`.")] = "Ascend310P3",
    conformer: Annotated[Path | None, typer.Option(help="Instead of PACK: frozen_graph_conform.pb")] = None,
    transformer: Annotated[Path | None, typer.Option(help="Instead of PACK: frozen_graph_transform.pb")] = None,
    precision: Annotated[Precision, typer.Option(help="How the device computes.")] = Precision.FP16,
    out: Annotated[Path | None, typer.Option(help="Folder of the new pack, or of the .om files of graphs.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Only print the command lines.")] = False,
) -> None:
    """Print the exact `atc` command lines, and run them where `atc` is installed."""
    if (pack is None) == (conformer is None or transformer is None):
        raise SettingsError("give either a PACK, or both --conformer and --transformer")
    source = None if pack is None else load_pack(find_pack(pack))
    folder = out or (Path("om") if source is None else default_folder(f"{source.manifest.name}-{soc_version.lower()}"))
    if conformer is not None and transformer is not None:
        models = published_graphs(conformer, transformer)
    elif source is not None:
        models = static_models(source)
    planned = conversions(models, folder, soc_version, precision)
    for each in planned:
        typer.echo(each.command)
    if precision is Precision.FP16:
        typer.echo(f"warning: {FP16_WARNING}", err=True)
    if dry_run:
        return
    if shutil.which("atc") is None:
        raise PackError(
            "atc is not installed here: run the commands above where CANN's toolkit is (after its set_env.sh), then "
            "`streamer models import-om` makes a pack of what they write"
        )
    if source is None:
        _convert_graphs(planned, folder)
    else:
        made = _convert_pack(source, planned, folder, precision)
        typer.echo(printable(f"✓ {made.label} in {made.folder}"))
        typer.echo(f"  `streamer doctor --ascend --pack {folder}` compares it")


def _convert_graphs(planned: tuple[Conversion, ...], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PackError(f"cannot make the folder {folder}: {error.strerror}; --out names another") from error
    for each in planned:
        typer.echo(f"✓ {run_atc(each, typer.echo)}")
    typer.echo("  `streamer models import-om` makes a pack of them")


def _convert_pack(
    source: ModelPack, planned: tuple[Conversion, Conversion], folder: Path, precision: Precision
) -> ModelPack:
    """The same pack with offline models: tables, resources and golden inputs stay."""
    check_folder(folder)
    old = source.manifest
    manifest: PackManifest = msgspec.structs.replace(
        old,
        name=name_in(folder),
        runner="ascend",
        acoustic=msgspec.structs.replace(old.acoustic, file="conformer.om"),
        language=msgspec.structs.replace(old.language, file="transformer.om"),
        provenance=f"{old.provenance.rstrip()}\nconverted by atc for {planned[0].soc_version}, {precision}".lstrip(),
        files={},
    )
    models = {old.acoustic.file, old.language.file}
    files = {name: source.path(name) for name in old.files if name not in models}

    def make(draft: Path) -> None:
        for each in planned:
            run_atc(replace(each, output=draft / each.output.name), typer.echo)

    return write_pack(folder, manifest, files, make)
