"""Settings of the language stage's training, read from ``config/train-language.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeVar

from streamer.errors import SettingsError
from streamer.training.ngram_settings import NgramSettings
from streamer.training.punctuation_settings import PretrainedEncoder, PunctuationLessons
from streamer.training.text_corpus import Corpus

Section = TypeVar("Section")


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Shape of the Transformer."""

    width: int = 256
    """Channels."""
    layers: int = 6
    """Attention layers."""
    heads: int = 4
    """Attention heads; divides ``width`` into an even number of channels."""
    feed_forward: int = 1024
    """Channels inside the feed-forward layers."""
    context: int = 5
    """Neighbouring syllables seen by each of the two context layers; odd."""
    dropout: float = 0.1
    """Share of activations dropped in training."""
    memory: int = 0
    """Places for counted pairs of syllables, in the punctuation model for runs of characters; best a prime number;
    0: none."""
    run_dropout: float = 0.3
    """Share of characters whose runs the punctuation model does not see in training."""


@dataclass(frozen=True, slots=True)
class NoiseSettings:
    """Simulated errors of the acoustic stage."""

    clean_share: float = 0.3
    """Share of spans without errors."""
    most: float = 0.35
    """Highest share of wrong syllables in a span; uniform from 0."""
    other_reading: float = 0.05
    """Chance that a character gets another of its readings."""
    deletion: float = 0.02
    """Chance that a syllable is missing together with its character (spans with errors only)."""
    insertion: float = 0.01
    """Chance that a syllable stands for nothing; its output is not scored (spans with errors only)."""
    confusions: str = ""
    """Path of measured confusions; empty: simulated."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """The course of training."""

    tokens_per_batch: int = 4096
    """Syllables in a batch, padding included."""
    steps: int = 9000
    """Batches in all."""
    start: Path | None = None
    """A checkpoint whose averaged weights are the first; None: random ones."""
    warm_up: int = 300
    """Steps in which the rates rise linearly."""
    decay_share: float = 0.3
    """Last share of the steps, in which the rates fall linearly to 0."""
    rate: float = 1e-3
    """Learning rate of AdamW (embeddings, norms, biases)."""
    matrix_rate: float = 2e-3
    """Learning rate of Muon (matrices)."""
    weight_decay: float = 0.05
    """Of matrices and embeddings."""
    label_smoothing: float = 0.03
    """Share of the target spread over all characters."""
    average: float = 0.999
    """Decay per step of the moving average of the weights."""
    context_share: float = 0.0
    """Share of spans that begin with syllables of the passages before, as in a meeting."""
    word_share: float = 0.08
    """Share of spans made of dictionary words."""
    word_exponent: float = 0.5
    """Words are drawn with their frequency to this power."""
    checkpoint_minutes: float = 4.0
    """Wall-clock minutes between checkpoints."""
    evaluate_minutes: float = 12.0
    """Wall-clock minutes between evaluations on the tuning meetings."""
    threads: int = 1
    """CPU threads of torch."""
    bfloat16: bool = True
    """Whether matrices are multiplied in bfloat16."""


@dataclass(frozen=True, slots=True)
class LanguageSettings:
    """Everything that ``train language`` needs to know."""

    seed: int
    """Of everything drawn at random."""
    work_folder: Path
    """Caches, checkpoints, curves."""
    acoustic_tokens: Path
    """The acoustic token table."""
    language_tokens: Path
    """The language token table."""
    readings: Path
    """The table of readings."""
    table_size: int
    """Characters in the language token table."""
    dictionary: Path | None
    """Words with frequencies in the format of jieba's dictionary; None: jieba's own."""
    evaluation_lists: Path
    """Folder of the TSV lists whose texts are held out."""
    tune_meetings: tuple[str, ...]
    """Meetings for choosing."""
    test_meetings: tuple[str, ...]
    """Meetings for reported figures."""
    corpora: tuple[Corpus, ...]
    """Sources of text."""
    model: ModelSettings
    """Shape of the Transformer."""
    noise: NoiseSettings
    """Simulated errors."""
    training: TrainingSettings
    """Course of training."""
    ngram: NgramSettings
    """The character trigram beside the network."""
    punctuation: ModelSettings
    """Shape of the punctuation model."""
    punctuation_training: TrainingSettings
    """Course of its training."""
    punctuation_lessons: PunctuationLessons
    """What it and its teacher are shown, and whom it believes."""
    punctuation_teacher: ModelSettings | None
    """Shape of its teacher; None: it learns from the texts' marks alone."""
    punctuation_teacher_training: TrainingSettings
    """Course of the teacher's training."""
    punctuation_encoder: PretrainedEncoder | None
    """What the teacher begins with, instead of random weights of its own shape; None: those."""
    sentences: ModelSettings
    """Shape of the sentence model; its ``context`` are the syllables before that the first layer sees."""
    sentence_training: TrainingSettings
    """Course of its training."""
    device: str = "cpu"
    """Where the text models are trained and measured, as torch names it: ``cpu``, ``cuda``, ``cuda:1``. They are
    exported on the CPU."""

    def __post_init__(self) -> None:
        """Check the device's form.

        Raises:
            SettingsError: it is none that these trainings know.
        """
        if not re.fullmatch(r"(cpu|cuda)(:\d+)?", self.device):
            raise SettingsError(f"device {self.device!r}: expected 'cpu', 'cuda' or one of several as 'cuda:1'")

    @property
    def held_out(self) -> frozenset[str]:
        """Meetings that are never trained on."""
        return frozenset(self.tune_meetings) | frozenset(self.test_meetings)


_SECTIONS: Final = (
    ("model", ModelSettings), ("noise", NoiseSettings), ("training", TrainingSettings),
    ("ngram", NgramSettings),
    ("punctuation", ModelSettings), ("punctuation_training", TrainingSettings),
    ("punctuation_lessons", PunctuationLessons),
    ("punctuation_teacher", ModelSettings), ("punctuation_teacher_training", TrainingSettings),
    ("sentences", ModelSettings), ("sentence_training", TrainingSettings),
)  # fmt: skip


def read_language_settings(path: Path) -> LanguageSettings:
    """Read the TOML file; paths in it are relative to its folder.

    Raises:
        SettingsError: the file cannot be read, a key is unknown or missing, or a value has the wrong type.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as TOML: {error}") from error
    try:
        for name in ("work_folder", "acoustic_tokens", "language_tokens", "readings", "evaluation_lists"):
            table[name] = (path.parent / table[name]).resolve()
        table["dictionary"] = (path.parent / table["dictionary"]).resolve() if table.get("dictionary") else None
        table["corpora"] = tuple(_corpus(entry, path) for entry in table.get("corpora", []))
        for name in ("tune_meetings", "test_meetings"):
            table[name] = tuple(map(str, table[name]))
        has_teacher = "punctuation_teacher" in table
        table["punctuation_encoder"] = _encoder(table.get("punctuation_encoder"), path)
        for name, section in _SECTIONS:
            if "start" in table.get(name, {}):
                table[name]["start"] = (path.parent / table[name]["start"]).resolve()
            table[name] = _section(section, table.get(name, {}), f"{path}, [{name}]")
        if not has_teacher:
            table["punctuation_teacher"] = None
        return _section(LanguageSettings, table, str(path))
    except KeyError as error:
        raise SettingsError(f"{path}: the key {error} is missing") from error


def _section(kind: type[Section], table: Mapping[str, Any], where: str) -> Section:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(table) - known)
    if unknown:
        raise SettingsError(f"{where}: unknown key {unknown[0]!r}; expected one of {', '.join(sorted(known))}")
    try:
        return kind(**table)
    except TypeError as error:
        raise SettingsError(f"{where}: {error}") from error


def _encoder(entry: dict[str, Any] | None, path: Path) -> PretrainedEncoder | None:
    if entry is None:
        return None
    found = _in_package(entry, path)
    others = {name: value for name, value in entry.items() if name not in ("package", "path")}
    return _section(PretrainedEncoder, {**others, "path": found}, f"{path}, [punctuation_encoder]")


def _corpus(entry: dict[str, Any], path: Path) -> Corpus:
    found = _in_package(entry, path)
    return _section(Corpus, {**entry, "path": found}, f"{path}, corpus {entry.get('name')!r}")


def _in_package(entry: Mapping[str, Any], path: Path) -> Path:
    """The entry's ``path``: in an installed package, if one is named, otherwise beside the settings file."""
    found = find_spec(entry["package"]) if entry.get("package") else None
    # Whether it is there matters to those who read the texts, not to those who train on what was prepared.
    inside = found.submodule_search_locations if found is not None else None
    folder = Path(inside[0]) if inside else path.parent
    return (folder / str(entry["path"])).resolve()
