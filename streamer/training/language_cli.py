"""``streamer train language``: the language stage, the syllable trigram and the punctuation model (extra: train)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from streamer.errors import SettingsError
from streamer.training.pytorch import need_torch

app = typer.Typer(
    name="language",
    help="Text models: toned pinyin to characters, the syllable trigram, punctuation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_Config = Annotated[Path, typer.Option("--config", help="Settings of the language stage, TOML.")]
_Output = Annotated[Path, typer.Argument(help="The file to write.")]
_DEFAULT = Path("config/train-language.toml")


@app.command("prepare")
def prepare(config: _Config = _DEFAULT) -> None:
    """Read the corpora; write the language token table, the readings and the cache of the work folder."""
    from streamer.training.language_corpus import prepare_language  # noqa: PLC0415 - pypinyin is optional
    from streamer.training.language_settings import read_language_settings  # noqa: PLC0415

    corpus = prepare_language(read_language_settings(config))
    for name, text in (corpus.training | {"tune": corpus.tune, "test": corpus.test}).items():
        Console().print(f"{name}: {len(text)} passages, {len(text.characters)} characters")


@app.command("train")
def train(
    config: _Config = _DEFAULT, minutes: Annotated[float | None, typer.Option(help="Stop after so long.")] = None
) -> None:
    """Train pinyin to characters; goes on from the work folder's checkpoint."""
    need_torch()
    from streamer.training.language import train_language  # noqa: PLC0415 - torch is optional

    train_language(config, minutes=minutes)


@app.command("ngram")
def ngram(config: _Config = _DEFAULT) -> None:
    """Estimate the character trigram that the exported form joins with the network (table ngram of the settings)."""
    from streamer.training.character_ngram import train_character_ngram  # noqa: PLC0415 - pypinyin is optional
    from streamer.training.language_corpus import load_language_corpus  # noqa: PLC0415
    from streamer.training.language_settings import read_language_settings  # noqa: PLC0415

    settings = read_language_settings(config)
    found = train_character_ngram(settings, load_language_corpus(settings))
    Console().print(f"{len(found.triple_keys)} triples and {len(found.pair_keys)} pairs of characters")


@app.command("sentences")
def sentences(config: _Config = _DEFAULT) -> None:
    """Train the sentence model, which chooses among rows of syllables; goes on from its checkpoint."""
    need_torch()
    from streamer.training.sentences_training import train_sentences  # noqa: PLC0415 - torch is optional

    train_sentences(config)


@app.command("export-sentences")
def export_sentences(output: _Output, config: _Config = _DEFAULT) -> None:
    """Write the sentence model as ONNX."""
    need_torch()
    from streamer.training.sentences_training import export_sentences as export  # noqa: PLC0415 - torch is optional

    export(config, output)
    Console().print(f"{output}: {output.stat().st_size / 1e6:.1f} MB")


@app.command("export")
def export(
    output: _Output,
    config: _Config = _DEFAULT,
    static: Annotated[bool, typer.Option("--static", help="Fixed shapes in fp32, for atc.")] = False,
    fp32: Annotated[bool, typer.Option("--fp32", help="Dynamic length without int8.")] = False,
    network: Annotated[
        Path | None, typer.Option(help="Take the network of this exported file, not that of a checkpoint.")
    ] = None,
) -> None:
    """Write the averaged weights of the checkpoint as ONNX: dynamic length and int8 unless told otherwise."""
    need_torch()
    if network is not None and (static or fp32):
        raise SettingsError("--network takes int8 matrices as they are: leave out --static and --fp32")
    from streamer.training.language import load_average, load_lattice, new_state  # noqa: PLC0415 - torch is optional
    from streamer.training.language_corpus import load_language_corpus  # noqa: PLC0415
    from streamer.training.language_export import export_language  # noqa: PLC0415
    from streamer.training.language_graft import take_network  # noqa: PLC0415
    from streamer.training.language_settings import read_language_settings  # noqa: PLC0415

    settings = read_language_settings(config)
    corpus = load_language_corpus(settings)
    model = load_average(settings, corpus) if network is None else new_state(settings, corpus).average
    export_language(model, output, lattice=load_lattice(settings, corpus), static=static, quantise=not fp32)
    if network is not None:
        take_network(output, network)
    Console().print(f"{output}: {output.stat().st_size / 1e6:.1f} MB")


@app.command("evaluate")
def evaluate(
    model: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An exported ONNX file, dynamic length.")],
    config: _Config = _DEFAULT,
    trigram: Annotated[bool, typer.Option("--trigram", help="The trigram's errors too (minutes).")] = False,
) -> None:
    """Print character errors on the held-out test meetings, with clean pinyin and with simulated errors."""
    need_torch()
    from streamer.training.language_corpus import load_language_corpus  # noqa: PLC0415 - pypinyin is optional
    from streamer.training.language_report import exported_error_rates, trigram_error_rates  # noqa: PLC0415
    from streamer.training.language_settings import read_language_settings  # noqa: PLC0415

    corpus = load_language_corpus(read_language_settings(config))
    tables = {"exported": exported_error_rates(model, corpus)}
    if trigram:
        tables["trigram"] = trigram_error_rates(corpus)
    for name, rates in tables.items():
        cells = "  ".join(f"{rate:.0%}: {100 * errors:.2f} %" for rate, errors in rates.items())
        Console().print(f"{name}: character errors by share of wrong syllables: {cells}")


@app.command("syllables")
def syllables(output: _Output, config: _Config = _DEFAULT) -> None:
    """Estimate the syllable trigram of the beam search."""
    from streamer.training.ngram import train_syllables  # noqa: PLC0415 - pypinyin is optional

    Console().print(f"{output}: perplexity {train_syllables(config, output):.1f} on the test meetings")


@app.command("alikes")
def alikes(output: _Output, tokens: Annotated[Path, typer.Argument(help="Token table of the acoustic model.")]) -> None:
    """Write which sounds are taken for one another, for the beam search to consider both."""
    from streamer.training.alikes import write_alikes  # noqa: PLC0415 - as in syllables
    from streamer.training.inventory import read_token_table  # noqa: PLC0415

    Console().print(f"{output}: {write_alikes(output, read_token_table(tokens))} pairs")


@app.command("punctuation")
def punctuation(output: _Output, config: _Config = _DEFAULT) -> None:
    """Train the punctuation model, its teacher first, going on from checkpoints, then write it as ONNX."""
    need_torch()
    from streamer.training.punctuation import export_punctuation, train_punctuation  # noqa: PLC0415

    train_punctuation(config)
    export_punctuation(config, output)
