"""Options that benchmarks of live meetings share, and what they mean."""

from __future__ import annotations

import argparse
from pathlib import Path

from streamer.settings import Settings, load_settings


def parser_of(module: str, description: str | None) -> argparse.ArgumentParser:
    """A parser with the recordings to play, and the settings and pack to use.

    Args:
        module: name of the benchmark.
        description: its docstring.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{module}", description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder with the table and its sound files")
    parser.add_argument("--table", default="test.tsv", help="file, seconds, text (default: test.tsv)")
    parser.add_argument("--pack", help="name or folder of a model pack")
    parser.add_argument("--config", type=Path, help="settings; see config/default.toml")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that the options name."""
    return load_settings(options.config, {"recognizer": {"pack": options.pack}} if options.pack else {})
