"""``streamer models golden``: golden inputs for `streamer doctor --ascend`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.packwriter import seal_pack
from streamer.audio.files import SoundFile
from streamer.packs.golden import GOLDEN_NAME, listen, read_clip, write_golden
from streamer.settings.recognizer import RecognizerSettings
from streamer.sinks.printable import printable


def write(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="Pack with the fp32 static models, which are the truth.")],
    clips: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Sounds of at most 10 s.")],
    into: Annotated[str | None, typer.Option(metavar="PACK", help="Pack that gets the file; default: PACK.")] = None,
) -> None:
    """Run the fp32 models on sounds, keep sounds and results in a pack, and seal it."""
    source = load_pack(find_pack(pack))
    with load_models(source, RecognizerSettings()) as models:
        golden = []
        for clip in clips:
            with SoundFile(clip) as sound:
                pcm = b"".join(sound.pcm())
            golden.append(listen(models, clip.stem, read_clip(pcm, clip.name)))
    folder = find_pack(into or pack)
    write_golden(folder / GOLDEN_NAME, golden)
    sealed = seal_pack(folder)
    for each in golden:
        typer.echo(printable(f"{each.name}: {each.characters}"))
    typer.echo(printable(f"✓ {sealed.label}: {len(golden)} golden inputs in {folder / GOLDEN_NAME}"))
