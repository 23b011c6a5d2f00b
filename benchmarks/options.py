"""Options that benchmarks share, and what they mean."""

from __future__ import annotations

import argparse
from pathlib import Path

from streamer.settings import Settings, load_settings


def parser_of(
    module: str, description: str | None, pack: str | None = None, *, has_settings: bool = True
) -> argparse.ArgumentParser:
    """A parser with the recordings to play, and the settings and pack to use.

    Args:
        module: name of the benchmark.
        description: its docstring.
        pack: that is used unless another is named; None: what the settings say.
        has_settings: whether it takes a file of settings.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{module}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the table and its sound files")
    parser.add_argument("--table", default="test.tsv", help="file, seconds, text (default: test.tsv)")
    parser.add_argument("--pack", default=pack, help="name or folder of a model pack")
    if has_settings:
        parser.add_argument("--config", type=Path, help="settings; see config/default.toml")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def add_babble(parser: argparse.ArgumentParser) -> None:
    """The option that :func:`babble_voices` reads."""
    parser.add_argument("--babble", type=Path, default=None, help="folder of recordings that the babble is made of")


def babble_voices(options: argparse.Namespace) -> list[Path]:
    """The recordings that babble is made of; none where there are none."""
    return sorted((options.babble or options.data.parent / "train" / "read_sentences").glob("*.opus"))


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that the options name."""
    return load_settings(options.config, {"recognizer": {"pack": options.pack}} if options.pack else {})
