"""``streamer models``: what recognition models are installed, and whether they are what they claim to be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from streamer.asr.fbank import fbank
from streamer.asr.manifest import PackManifest
from streamer.asr.modelpack import ModelPack, find_pack, installed_packs, load_pack, read_manifest
from streamer.asr.models import load_models
from streamer.asr.packwriter import seal_pack
from streamer.commands import atc, golden, import_models, static
from streamer.commands.guessing import GuessingCommands
from streamer.commands.options import AsJsonInstead
from streamer.commands.pack_words import pack_words
from streamer.commands.told_failures import in_locale
from streamer.errors import PackError
from streamer.settings.recognizer import RecognizerSettings
from streamer.sinks.printable import in_utf_8, printable

app = typer.Typer(
    name="models",
    cls=GuessingCommands,
    help="List, show, verify, import and convert model packs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_Pack = Annotated[str, typer.Argument(metavar="PACK", help="Name of an installed pack, or path of a pack folder.")]

_SENTENCE_GOES_ON = re.compile(r"(?<![.\n])\n(?!\n)")
"""A line of the manifest ends, a sentence does not."""


@app.command("list")
def list_packs(as_json: AsJsonInstead = False) -> None:
    """List the installed packs, your own first."""
    rows = [_row(folder) for folder in installed_packs().values()]
    if as_json:
        _print_json(rows)
        return
    table = _table(*pack_words().columns)
    for row in rows:
        what = in_locale(row["problem"]) if "problem" in row else row["description"]
        cells = (row["name"], row["version"], row["runner"], row["licence"], what)
        table.add_row(*map(_text, cells))
    console = Console()
    console.print(table)
    for row in rows:
        _print_folder(console, row["name"], row["folder"])


@app.command("show")
def show_pack(pack: _Pack = "zh", as_json: AsJsonInstead = False) -> None:
    """Show a pack's manifest: provenance, licence, measured accuracy, files."""
    folder = find_pack(pack)
    manifest = read_manifest(folder / "pack.toml")
    if as_json:
        _print_json({**msgspec.to_builtins(manifest), "folder": str(folder)})
        return
    table = _table("key", "value", title=_text(f"{manifest.name} {manifest.version}"), show_header=False)
    for key, value in _told(manifest, folder):
        table.add_row(_text(key), _text(value))
    console = Console()
    console.print(table)
    _print_folder(console, manifest.name, str(folder))


@app.command("verify")
def verify_pack(pack: _Pack = "zh", as_json: AsJsonInstead = False) -> None:
    """Check a pack's files against its manifest, load its models, check the contract, and run them once."""
    loaded = load_pack(find_pack(pack))
    found = _capabilities(loaded)
    if as_json:
        _print_json({"name": loaded.manifest.name, "version": loaded.manifest.version, **found})
        return
    console = Console()
    spoken = pack_words()
    _print_good(console, spoken.verified.format(pack=loaded.label, count=len(loaded.manifest.files)))
    for capability, offered in found.items():
        said = spoken.offered if offered else spoken.lacking
        console.print(f"  {said.format(capability=spoken.capabilities[capability])}")


@app.command("seal")
def seal(folder: Annotated[Path, typer.Argument(help="Pack folder whose files changed.")]) -> None:
    """Write the sha256 of every file of a pack into its manifest (for makers of packs)."""
    sealed = seal_pack(folder)
    _print_good(Console(), f"{sealed.label}: {len(sealed.manifest.files)} files sealed in {folder / 'pack.toml'}")


app.command("import-om")(import_models.import_om)
app.command("import-pb")(import_models.import_pb)
app.command("static")(static.write)
app.command("atc")(atc.convert)
app.command("golden")(golden.write)


def _row(folder: Path) -> dict[str, str]:
    """One installed pack; a broken one is listed with its problem."""
    try:
        manifest = read_manifest(folder / "pack.toml")
    except PackError as error:
        unknown = dict.fromkeys(("version", "runner", "licence", "description"), "?")
        return {"name": folder.name, **unknown, "folder": str(folder), "problem": str(error)}
    return {
        "name": folder.name,  # by which it is chosen, whatever its manifest calls it
        "version": manifest.version,
        "runner": manifest.runner,
        "licence": manifest.licence,
        "description": manifest.description,
        "folder": str(folder),
    }


def _text(told: str) -> Text:
    """Lines of a manifest, which may come from anywhere: no markup, and nothing that a terminal obeys."""
    return Text("\n".join(map(printable, told.splitlines())))


def _table(*headings: str, title: Text | None = None, show_header: bool = True) -> Table:
    """A table that shows its cells whole, however narrow the terminal is."""
    return Table(*(Column(each, overflow="fold") for each in headings), title=title, show_header=show_header)


def _print_good(console: Console, text: str) -> None:
    """Names of packs and folders are not ours: no markup."""
    console.print("[green]✓[/]", end=" ")
    console.print(printable(text), soft_wrap=True, markup=False, emoji=False)


def _print_folder(console: Console, name: str, folder: str) -> None:
    """Below a table, because a path that a column has folded cannot be copied."""
    console.print(_text(f"{name}: {folder}"), soft_wrap=True)


def _told(manifest: PackManifest, folder: Path) -> list[tuple[str, str]]:
    """The manifest's entries, for a person to read."""
    spoken = pack_words()
    told = {
        "description": manifest.description,
        "runner": manifest.runner,
        "contract": str(manifest.contract),
        "licence": manifest.licence,
        "provenance": _SENTENCE_GOES_ON.sub(" ", manifest.provenance.strip()),
        "features": ", ".join(f"{key} {value}" for key, value in msgspec.to_builtins(manifest.features).items()),
    }
    entries = [(spoken.entries[key], value) for key, value in told.items()]
    entries += [(spoken.accuracy.format(name=name), str(value)) for name, value in manifest.accuracy.items()]
    for name in manifest.files:
        path = folder / name
        size = f"{path.stat().st_size / 1e6:.2f} MB" if path.is_file() else spoken.missing
        entries.append((spoken.file.format(name=name), size))
    return entries


def _capabilities(pack: ModelPack) -> dict[str, bool]:
    """Run both models on a second of faint noise, and say what the pack offers.

    Raises:
        PackError: a model does not follow the contract.
        RecognizerError: a model failed.
    """
    with load_models(pack, RecognizerSettings()) as models:
        heard = models.hear(fbank(np.zeros(16_000, np.int16), pack.manifest.features))
        models.write((models.syllables.first_id,))
        return {
            "token_times": heard.log_probs is not None,
            "beam_and_hotwords": heard.log_probs is not None,
            "scores_of_the_language_stage": models.has_language_scores,
            "confidence": pack.manifest.confidence is not None,
            "dereverberation": pack.manifest.dereverberation is not None,
            "punctuation": pack.resource("punctuation") is not None,
        }


def _print_json(value: Any) -> None:
    # Folders may have names that are no UTF-8.
    typer.echo(in_utf_8(json.dumps(value, ensure_ascii=False, indent=2)))
