"""Which files a command line means, and where what is written about each of them goes."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from streamer.errors import AudioFileError, SettingsError, SinkError
from streamer.places import is_file, is_folder, is_there
from streamer.sinks.minutes.replacing import keep_beside, tell_of_others
from streamer.sinks.minutes.seals import seal_whole

_ENDINGS = """
    3gp aac ac3 aif aifc aiff amr ape au avi caf flac flv m4a m4b mka mkv mov mp2 mp3 mp4 mpeg mpg mts oga ogg opus rf64
    snd ts tta voc w64 wav wave webm wma wmv wv
"""
SOUND_ENDINGS = frozenset(_ENDINGS.split())
"""Endings of the files that are taken from a folder."""

_DESCRIPTORS = ("/dev/stdout", "/dev/stderr", "/dev/fd")
"""Names of what is open already."""


@dataclass(frozen=True, slots=True)
class SoundPath:
    """One file to read."""

    path: Path
    name: Path
    """Its path below the folder that was given, or its name."""


def find_sounds(given: Sequence[Path]) -> list[SoundPath]:
    """The files given, and of folders every sound in them, by its ending, in order; hidden ones are left out.

    A folder below that may not be read, and a link that leads nowhere, are among them: who reads them says so.

    Raises:
        AudioFileError: a folder holds no sound, or standard input is asked for.
    """
    found: list[SoundPath] = []
    for path in given:
        if path == Path("-") and not is_there(path):
            raise AudioFileError(
                "-: a sound has to be a file; of standard input, `streamer run --source -` reads raw PCM"
            )
        if not is_folder(path):
            found.append(SoundPath(path, Path(path.name)))
            continue
        inside = [SoundPath(file, file.relative_to(path)) for file in sorted(_sounds_below(path))]
        if not inside:
            raise AudioFileError(
                f"{path}: the folder holds no sound files (by their endings: {', '.join(sorted(SOUND_ENDINGS))})"
            )
        found += inside
    return found


def targets(sounds: Sequence[SoundPath], out: Path, ending: str) -> list[Path]:
    """The file that each sound's text goes to.

    ``out`` is a folder where it exists as one, or several sounds are given: then the name of the sound gets the new
    ending, after its own where two sounds differ in nothing else.

    Raises:
        SettingsError: a sound would be overwritten.
    """
    if len(sounds) == 1 and not is_folder(out):
        chosen = [out]
    else:
        stems = Counter(sound.name.with_suffix("") for sound in sounds)
        chosen = [out / _renamed(sound.name, ending, alone=stems[sound.name.with_suffix("")] == 1) for sound in sounds]
    for sound, target in zip(sounds, chosen, strict=True):
        if is_there(target) and is_there(sound.path) and target.samefile(sound.path):
            raise SettingsError(f"--out {target} is the sound itself; choose another name")
    twice = [target for target, count in Counter(chosen).items() if count > 1]
    if twice:
        raise SettingsError(f"two of the sounds would be written to {twice[0]}; transcribe them one after the other")
    return chosen


@contextmanager
def replacing(target: Path) -> Iterator[TextIO]:
    """A text file to write, which takes the target's place when it is complete; until then the old one stays.

    What somebody has changed there, or written without streamer, is kept beside it, and that is told. A link stays, and
    the file that it leads to is replaced; a device or a named pipe is written into.

    Raises:
        SinkError: it cannot be written.
    """
    part: Path | None = None
    try:
        if _is_written_in_place(target):
            with target.open("a", encoding="utf-8") as file:  # what /dev/stdout leads to may be a log
                yield file
            return
        target = target.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
        part = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
        part.chmod(0o666 & ~_umask())
        tell_of_others(target, seal_whole(part), keep_beside)
        part.replace(target)
    except OSError as error:
        raise SinkError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        if part is not None:
            with suppress(FileNotFoundError):
                part.unlink()


def _is_written_in_place(target: Path) -> bool:
    """Whether it is no file but a way to something: root could put a file in the place of /dev/null."""
    is_descriptor = target.absolute().is_relative_to("/proc") or any(
        map(target.absolute().is_relative_to, _DESCRIPTORS)
    )
    return is_descriptor or (is_there(target) and not is_file(target))


def _sounds_below(folder: Path) -> Iterator[Path]:
    unread: list[OSError] = []
    for name, folders, files in os.walk(folder, onerror=unread.append):
        folders[:] = [one for one in folders if not one.startswith(".")]
        yield from (file for one in files if _is_sound(file := Path(name, one)))
    yield from (Path(error.filename) for error in unread)


def _is_sound(file: Path) -> bool:
    is_named_so = not file.name.startswith(".") and file.suffix[1:].lower() in SOUND_ENDINGS
    return is_named_so and (is_file(file) or not is_there(file))


def _renamed(name: Path, ending: str, *, alone: bool) -> Path:
    return name.with_suffix(f".{ending}") if alone else name.with_name(f"{name.name}.{ending}")


def _umask() -> int:
    """What the user takes from new files; a temporary file is born with less."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
