"""Checks that matter on every machine."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Mapping
from importlib import metadata
from pathlib import Path
from types import MappingProxyType

from streamer import __version__
from streamer.announcing import unserved
from streamer.archive.markers import MARKER, has_content
from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.preconditions import fallback_folder
from streamer.audio.capturing.input_choice import RefusalError, choose_input, lacking_channel
from streamer.audio.devices import find_inputs
from streamer.audio.room import missing_room
from streamer.doctor.finding import Finding, bad, doubtful, good
from streamer.errors import AudioError, MissingDependencyError, SettingsError, StoreError, StreamerError
from streamer.meeting.database import FILE_NAME, Database
from streamer.meeting.outbox import ANY_BROKER, waiting_queues
from streamer.places import anything_at, is_folder, is_there, named, own_data
from streamer.settings.recognizer import RecognizerSettings
from streamer.system.system_packages import how_to_install

_LIBRARIES = ("numpy", "onnxruntime", "soundfile", "soxr", "webrtcvad-wheels", "aiomqtt", "msgspec", "rich")
_OLDEST_PYTHON = (3, 11)
_SCARCE_GIB, _TOO_LITTLE_GIB = 2.0, 0.2
_GIB = 1 << 30
_NO_ROOM = "make room, or choose another --data-dir: no meeting can begin there now"


def check_python(version: tuple[int, int]) -> Finding:
    """The interpreter."""
    told = f"{platform.python_implementation()} {platform.python_version()}, streamer {__version__}"
    if version < _OLDEST_PYTHON:
        return bad("Python", told, "install Python 3.11 or newer")
    return good("Python", told)


def check_libraries(names: tuple[str, ...] = _LIBRARIES) -> Finding:
    """What pip should have installed."""
    versions, missing = [], []
    for name in names:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return bad("libraries", f"missing: {', '.join(missing)}", "install streamer again, as the first time")
    return good("libraries", ", ".join(versions))


def check_audio(
    wanted: Collection[str] = (), channels: Mapping[str, int] = MappingProxyType({}), *, is_awaited: bool = False
) -> Finding:
    """Whether there is something to listen to.

    Args:
        wanted: the configured inputs, by index or name.
        channels: the highest channel that is asked of them, where one is.
        is_awaited: whether a run waits for those that are absent.
    """
    try:
        inputs = asyncio.run(find_inputs())
    except MissingDependencyError as error:
        return doubtful("audio", str(error), f"only `--source mic` needs it: {how_to_install('PortAudio')}")
    except AudioError as error:
        return doubtful("audio", str(error), "only `--source mic` needs a microphone")
    if not inputs:
        needs = f"a run waits for {_named(wanted)}" if is_awaited and wanted else "only `--source mic` needs one"
        plug_in = how_to_install("ALSA's PulseAudio plug-in")
        return doubtful(
            "audio",
            "no input",
            f"{needs}: plug in a microphone, or {plug_in} for PulseAudio or PipeWire",
        )
    for one in wanted:
        try:
            chosen = choose_input(list(inputs), one)
            if told := lacking_channel(chosen, channels.get(one, 0)):
                return bad("audio", told, "correct audio.channel, or channel in [[room]]; 0 mixes all of them")
        except RefusalError as error:
            advice = "correct audio.device, or device in [[room]]: `streamer devices` lists the inputs"
            if is_awaited and not error.refusal.is_lasting:
                advice = f"plug it in, a run waits for {one}; or {advice}"
            return bad("audio", str(error), advice)
    default = next((each for each in inputs if each.is_default), inputs[0])
    return good("audio", f"inputs: {len(inputs)}; default input: {default.name}")


def _named(wanted: Collection[str]) -> str:
    """Inputs for a person to read, each once."""
    return ", ".join(dict.fromkeys(one or "the default input" for one in wanted))


def check_ffmpeg(program: str | None) -> Finding:
    """What opens sound files that libsndfile does not."""
    if program is None:
        return doubtful("ffmpeg", "not installed", f"only m4a, mp4 and the like need it: {how_to_install('ffmpeg')}")
    return good("ffmpeg", program)


def check_pack(settings: RecognizerSettings) -> Finding:
    """The chosen pack and its fallback: manifest, files, contract. Offline models are left to the Ascend checks."""
    name = f"pack {settings.pack}"
    try:
        pack = load_pack(find_pack(settings.pack))
        if pack.manifest.runner == "ascend":
            fallback = fallback_folder(settings)
            if fallback is not None:
                load_pack(fallback)
            return good(name, f"{pack.label}, {len(pack.manifest.files)} files match; `--ascend` loads it")
        with load_models(pack, settings) as models:
            offers = "with" if models.has_log_probs else "without"
    except StreamerError as error:
        return bad(name, str(error), "`streamer models list` shows what is installed; install or copy the pack again")
    return good(name, f"{pack.label}, {len(pack.manifest.files)} files match, both models load, {offers} scores")


def data_folder(configured: str) -> Path:
    """Where meetings are kept, by the settings."""
    return named(configured) if configured else own_data()


def check_disk(folder: Path) -> Finding:
    """Whether meetings can be kept; an hour of recording takes 55 to 80 MB."""
    existing = next(each for each in (folder, *folder.parents) if is_there(each))
    if not is_folder(existing):
        return bad("disk", f"{existing} is a file, not a folder", "name a folder with --data-dir or store.data_dir")
    try:
        with tempfile.NamedTemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free / _GIB
            lacking = missing_room(existing, is_full=False)
    except OSError as error:
        advice = f"make {existing} writable, or choose another --data-dir"
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            advice = _NO_ROOM
        return bad("disk", f"{existing}: {error.strerror}", advice)
    told = f"{_room(free)} free at {folder}"
    if not free or lacking:
        return bad("disk", told, f"make room: a run records no sound now; {lacking}" if free else _NO_ROOM)
    if free < _TOO_LITTLE_GIB:
        return bad("disk", told, "make room: recordings would stop within hours")
    if free < _SCARCE_GIB:
        return doubtful(
            "disk", told, "an hour of recording takes up to 80 MB; see store.audio_gib and store.audio_days"
        )
    return good("disk", told)


def _room(gib: float) -> str:
    return f"{gib:.1f} GiB" if gib >= 1 else f"{int(gib * 1024)} MB"


def check_store(folder: Path) -> Finding:
    """Whether what was said can be read."""
    store, meetings = folder / FILE_NAME, folder / "meetings"
    advice = f"restore {store} from a copy; sound and minutes lie in {meetings}"
    known: set[str] = set()
    try:
        if anything_at(store):
            with contextlib.closing(Database(store)) as database:
                faults = [str(row[0]) for row in database.rows("PRAGMA quick_check(1)") if row[0] != "ok"]
                if faults:
                    return bad("store", f"damaged: {' '.join(faults[0].split())}", advice)
                known = {str(row[0]) for row in database.rows("SELECT id FROM meetings")}
        marked = [(path.read_text(encoding="utf-8"), path.parent) for path in meetings.glob(f"*/{MARKER}")]
        unknown = {identity for identity, folder in marked if identity not in known and has_content(folder)}
    except PermissionError as error:
        return bad(
            "store", f"{error.filename}: {error.strerror}", f"make {folder} readable, or choose another --data-dir"
        )
    except StoreError as error:
        is_damaged = isinstance(error.__cause__, sqlite3.DatabaseError) and not isinstance(
            error.__cause__, sqlite3.OperationalError
        )
        # A locked store, or one newer than this program, must not be replaced by a copy: the error says what helps.
        return bad("store", str(error), advice if is_damaged else "")
    except (OSError, UnicodeDecodeError) as error:
        return bad("store", str(error), advice)
    if unknown:
        return bad("store", f"meetings in {meetings} that are not in it: {len(unknown)}", advice)
    return good("store", f"meetings: {len(known)}; the file is sound" if known else "no meetings yet")


def check_outbox(folder: Path, url: str, served: Callable[[], Collection[str] | None] = lambda: None) -> Finding:
    """Whether captions wait for a broker, or there for a room, that nobody sends them to, and would wait for ever.

    Args:
        folder: where meetings are kept.
        url: of the configured broker; empty: there is none.
        served: which rooms' captions are sent there, None: all; asked where some wait.
    """
    store = folder / FILE_NAME
    try:
        if not anything_at(store):
            return good("outbox", "empty")
        with contextlib.closing(Database(store)) as database:
            queues = [queue for queue in waiting_queues(database) if queue.waiting]
        rooms = served() if queues and url else None
        places = [queue.broker != ANY_BROKER and unserved(queue, url, rooms) for queue in queues]
    except SettingsError as error:
        return bad("outbox", str(error), "correct mqtt.url")
    except (StoreError, OSError) as error:
        return bad("outbox", str(error), "")
    counts: dict[str, int] = {}
    for queue, place in zip(queues, places, strict=True):
        told = place or queue.broker or "any broker"
        counts[told] = counts.get(told, 0) + queue.waiting
    found = ", ".join(f"captions that wait for {told}: {count}" for told, count in counts.items())
    if not any(places):
        return good("outbox", found or "empty")
    return doubtful(
        "outbox", found, "`streamer meetings outbox` sends or drops what waits for a broker or a room of the past"
    )
