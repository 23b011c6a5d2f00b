"""The manifest of a model pack: what ``pack.toml`` may say."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from streamer.asr.fbank import FeatureRecipe
from streamer.settings.search import SearchSettings

CONTRACT_VERSION = 1
"""The model contract that this version of streamer implements."""
MANIFEST_NAME = "pack.toml"
"""File name of the manifest inside a pack folder."""
_LogOdds = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]
"""Infinity and what is no number are refused by any bound."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class AcousticManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[acoustic]``: the model from features to syllable ids."""

    file: str
    """Model file."""
    tokens: str
    """Token table of syllables and letters."""
    first_id: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Id of the table's first token."""
    blank_id: Annotated[int, msgspec.Meta(ge=0)]
    """Id of the CTC blank; the published table has it after the last token."""
    length: Literal["real", "padded"] = "real"
    """Whether ``length`` says how much of the features is speech, or always 250 as the published weights were used."""
    step_ms: Annotated[float, msgspec.Meta(ge=1, le=10_000)] = 40.0
    """Milliseconds from one row of ``log_probs`` to the next."""


class LanguageManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[language]``: the model from syllable ids to characters, one a syllable."""

    file: str
    """Model file."""
    tokens: str
    """Token table of characters and letters."""
    first_id: Annotated[int, msgspec.Meta(ge=0)] = 1
    """Id of the table's first token."""
    start_id: int = 1
    """Id of ``S``, the first output."""
    end_id: int = 2
    """Id of ``/S``, the output after the last character."""


class DereverberationManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[dereverberation]``: from which sounds the models are to hear less of the room."""

    dry_from: Annotated[float, msgspec.Meta(gt=0, le=1000)]
    """:func:`~streamer.asr.reverberation.dryness` from which an utterance is heard as it is."""


class ConfidenceManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[confidence]`` and ``[final_confidence]``: logistic regressions.

    From what is known of a token to the probability that its character is right.
    """

    bias: _LogOdds
    """Log-odds where every feature is zero."""
    weights: dict[str, _LogOdds]
    """Log-odds a unit of each feature; the names are those of :data:`streamer.asr.confidence.FEATURES`, of finals
    :data:`~streamer.asr.confidence.FINAL_FEATURES`."""


class PackManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that ``pack.toml`` says."""

    name: str
    """Name by which the pack is chosen; the folder's name."""
    version: str
    """Version of the models."""
    contract: int
    """Version of the model contract, :data:`CONTRACT_VERSION`."""
    runner: Literal["onnx", "ascend"]
    """What executes the model files."""
    licence: str
    """Licence of the weights, as an SPDX expression or a sentence."""
    description: str = ""
    """One line for lists."""
    provenance: str = ""
    """Where the weights come from: data, attributions, training command."""
    features: FeatureRecipe = FeatureRecipe()
    """What the models were trained on."""
    acoustic: AcousticManifest
    language: LanguageManifest
    resources: dict[str, str] = {}
    """Optional files by role: ``readings``, ``syllable_lm``, ``punctuation`` …"""
    search: SearchSettings | None = None
    """``[search]``: the beam search that these models were tuned for; greedy without it."""
    dereverberation: DereverberationManifest | None = None
    """``[dereverberation]``; without it every sound is heard as it is."""
    confidence: ConfidenceManifest | None = None
    """Calibration of confidences; without it tokens have none."""
    final_confidence: ConfidenceManifest | None = None
    """The same of finals that were chosen among several sequences; without it ``confidence`` holds for them, too."""
    accuracy: dict[str, float | str] = {}
    """What was measured, by name."""
    files: dict[str, str] = {}
    """sha256 of every file, by its path in the folder; ``streamer models seal`` writes this table."""

    def __post_init__(self) -> None:
        """``pack.toml`` gives what is raised here as an error of msgspec's.

        Raises:
            ValueError: the name is none.
        """
        check_name(self.name)

    def named_files(self) -> dict[str, str]:
        """Every file the manifest relies on, by the key that names it."""
        return {
            "acoustic.file": self.acoustic.file,
            "acoustic.tokens": self.acoustic.tokens,
            "language.file": self.language.file,
            "language.tokens": self.language.tokens,
            **{f"resources.{role}": path for role, path in self.resources.items()},
        }


def check_name(name: str) -> None:
    """See that a pack may be called so.

    Raises:
        ValueError: it may not.
    """
    if _NAME.fullmatch(name) is None:
        raise ValueError(
            f"{name!r} is no name of a pack: expected letters from A to Z, digits, '.', '_' and '-', the "
            "first of them a letter or a digit, as in my-pack"
        )
