"""``streamer train prior|spectrum``: what a pack holds besides models, counted and measured in the training sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from streamer.training.settings import load_settings


def prior(
    output: Annotated[Path, typer.Argument(help="The .npy file to write: acoustic_prior of a pack.")],
    config: Annotated[Path, typer.Option("--config", help="Training settings, TOML.")] = Path("config/train.toml"),
) -> None:
    """Write how often each syllable is said in the training sound, for the search to take out again."""
    from streamer.asr.acoustic_prior import save_acoustic_prior  # noqa: PLC0415 - the extra is optional
    from streamer.training.inventory import read_token_table  # noqa: PLC0415
    from streamer.training.token_shares import token_shares  # noqa: PLC0415

    settings = load_settings(config)
    tokens = read_token_table(settings.paths.tokens)
    save_acoustic_prior(output, token_shares(settings.paths.corpus, settings.train.sources, tokens))
    Console().print(f"{output}: shares of {len(tokens)} tokens")


def spectrum(
    output: Annotated[Path, typer.Argument(help="The .npy file to write: usual_spectrum of a pack.")],
    tables: Annotated[list[Path], typer.Argument(help="Tables of recordings, each counting alike.")],
) -> None:
    """Write the spectrum of usual speech, for the equaliser to compare with."""
    import numpy as np  # noqa: PLC0415 - the extra is optional

    from streamer.training.usual_spectrum import usual_spectrum  # noqa: PLC0415

    np.save(output, usual_spectrum(tables), allow_pickle=False)
    Console().print(f"{output}: the loud spectrum of {len(tables)} tables")
