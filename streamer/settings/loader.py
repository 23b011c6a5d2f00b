"""The whole configuration, and how it is read."""

from __future__ import annotations

import re
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec

from streamer.errors import SettingsError
from streamer.settings.audio import AudioSettings
from streamer.settings.captions import CaptionSettings
from streamer.settings.gate import GateSettings
from streamer.settings.hotwords import HotwordSettings
from streamer.settings.metrics import MetricsSettings
from streamer.settings.minutes import MinutesSettings
from streamer.settings.mqtt import MqttSettings
from streamer.settings.pipeline import PipelineSettings
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.room import RoomSettings
from streamer.settings.segmenter import SegmenterSettings
from streamer.settings.store import StoreSettings
from streamer.settings.summary import SummarySettings
from streamer.settings.text import TextSettings
from streamer.settings.ui import UiSettings

_SEE = " (see config/default.toml for every key and its range)"
_REFUSED_LINE = re.compile(r"\(at line (\d+), column \d+\)$")
_STRINGS = re.compile(r"\"[^\"]*\"|'[^']*'")
_CHINESE_SIGNS = frozenset("“”‘’＂＇＝［］【】，、")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every table of a configuration file; each has defaults that work."""

    audio: AudioSettings = AudioSettings()
    """Which microphone, and how it is watched."""
    recognizer: RecognizerSettings = RecognizerSettings()
    """Model pack, runner and decoding."""
    hotwords: HotwordSettings = HotwordSettings()
    """Names and terms to favour."""
    segmenter: SegmenterSettings = SegmenterSettings()
    """Where utterances begin and end."""
    gate: GateSettings = GateSettings()
    """What an utterance must show to become text."""
    captions: CaptionSettings = CaptionSettings()
    """Partials and their cadence."""
    text: TextSettings = TextSettings()
    """The written form."""
    store: StoreSettings = StoreSettings()
    """Where meetings are kept."""
    minutes: MinutesSettings = MinutesSettings()
    """The files that a meeting leaves."""
    summary: SummarySettings = SummarySettings()
    """Who sums a meeting up."""
    mqtt: MqttSettings = MqttSettings()
    """Where captions are published, and what may be asked over it."""
    pipeline: PipelineSettings = PipelineSettings()
    """What is tried again, what may wait, when a person is warned."""
    ui: UiSettings = UiSettings()
    """What is shown on the terminal."""
    metrics: MetricsSettings = MetricsSettings()
    """Figures over HTTP."""
    room: tuple[RoomSettings, ...] = ()
    """Rooms served at the same time; empty: the one that the command line names."""


def load_settings(
    path: Path | None = None, overrides: dict[str, Any] | None = None, defaults: dict[str, Any] | None = None
) -> Settings:
    """Read a TOML file over the defaults, then apply ``overrides`` (nested tables, as from the command line).

    Args:
        path: the file; None: without one.
        overrides: what goes over it.
        defaults: nested tables likewise, whose keys hold where neither file nor ``overrides`` have them; the others
            have the defaults of this module.

    Raises:
        SettingsError: the file is missing, is no TOML, or holds an unknown key or a value out of range.
    """
    tables = deepcopy(defaults or {})
    where = f"configuration in {path}" if path is not None else "configuration"
    try:
        for given in (_read(path) if path is not None else {}, overrides or {}):
            _merge(tables, given)
        if place := _place_of_nul(tables):
            raise SettingsError(
                f"{where}: U+0000 stands in the text at `{place}`: no path, name or address has it{_SEE}"
            )
        return msgspec.convert(tables, Settings)
    except msgspec.ValidationError as error:
        from streamer.settings.refusals import explained, is_given  # noqa: PLC0415 - only where something is wrong

        told = explained(str(error), tables, Settings)
        raise SettingsError(f"{'command line' if is_given(str(error), overrides) else where}: {told}{_SEE}") from error
    except RecursionError as error:
        raise SettingsError(f"{where}: tables or lists in each other, deeper than any key{_SEE}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows' Notepad begins with a mark
    except FileNotFoundError as error:
        raise SettingsError(f"configuration file not found: {path}") from error
    except OSError as error:
        raise SettingsError(f"cannot read configuration file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"configuration file {path} is not UTF-8 from byte {error.start} on: save it so") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}{_sign_hint(text, str(error))}") from error
    except ValueError as error:  # of Python's, which reads no longer ones
        raise SettingsError(f"{path} holds an integer of thousands of digits, which no key takes{_SEE}") from error


def _sign_hint(text: str, refusal: str) -> str:
    """What helps where a line was typed as Chinese text is, whose quotes look alike in many fonts; else empty."""
    if not (found := _REFUSED_LINE.search(refusal)):
        return ""
    line = _STRINGS.sub("", text.split("\n")[int(found[1]) - 1]).partition("#")[0]
    if _CHINESE_SIGNS.isdisjoint(line):
        return ""
    return '; there TOML takes plain signs only: " for “ ” ‘ ’ ＂, = for ＝, [ ] for ［ ］ 【 】, a comma for ， 、'


def _merge(tables: dict[str, Any], overrides: dict[str, Any]) -> None:
    for key, value in overrides.items():
        if isinstance(value, dict) and key in tables:
            if isinstance(tables[key], dict):  # else it is left for the check to refuse
                _merge(tables[key], value)
        else:
            tables[key] = value


def _place_of_nul(value: Any, place: str = "") -> str:
    """Where a text holds U+0000, at which the system's calls raise errors of their own; empty where none does."""
    parts: list[tuple[str, Any]] = []
    match value:
        case str():
            return place if "\0" in value else ""
        case dict():
            parts = [(f"{place}.{key}".lstrip("."), one) for key, one in value.items()]
        case list() | tuple():
            parts = [(f"{place}[{at}]", one) for at, one in enumerate(value)]
        case _:
            pass
    return next(filter(None, (_place_of_nul(one, at) for at, one in parts)), "")
