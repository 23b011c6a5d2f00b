"""``streamer transcribe``: sound files to text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from streamer.audio.files import SoundFile
from streamer.audio.resampler import MIX
from streamer.commands.error_rates import error_rates, references_for
from streamer.commands.format_option import FormatOption
from streamer.commands.interruption import interruptible
from streamer.commands.options import Config, HotwordFileOption, HotwordOption, Pack, given, hotword_overrides
from streamer.commands.progress import TranscriptionProgress
from streamer.commands.sound_files import SoundPath, find_sounds, replacing, targets
from streamer.commands.sound_words import sound_words, told_of_file
from streamer.errors import AudioError, RecognizerError, SettingsError, StreamerError
from streamer.offline.transcriber import Transcriber, open_transcriber
from streamer.offline.transcript import TranscriptFormat, transcript_writer
from streamer.places import is_file, is_folder
from streamer.settings.loader import load_settings
from streamer.sinks.printable import printable
from streamer.system.open_files import OF_PROGRAM, allow_open_files
from streamer.types import FrameRun

_Sounds = Annotated[
    list[Path],
    # One that may not be read does not stop the others.
    typer.Argument(metavar="FILE|FOLDER...", help="Sound files; of a folder, all in it.", readable=False),
]
_Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE|FOLDER", help="Default: standard output.", readable=False)
]
_Reference = Annotated[
    Path | None,
    typer.Option(metavar="FILE.tsv", help="Table FILE<tab>TEXT of what was said: prints the character error rate."),
]
_Worst = Annotated[int, typer.Option(min=0, metavar="N", help="With --reference: list the N files with most errors.")]
_Threads = Annotated[int | None, typer.Option(min=1, max=64, help="Utterances decoded at once, each in a thread.")]
_Channel = Annotated[int, typer.Option(min=0, help="Channel to listen to, from 1; 0 mixes all.")]

_OTHER_DOCUMENTS = frozenset({"doc", "docx", "md", "pdf"})
"""Endings that nobody gives to a folder."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one file."""

    sound: SoundPath
    spoken: str
    """Everything that was heard in it."""
    failure: StreamerError | None


def transcribe(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    sounds: _Sounds,
    kind: FormatOption = None,
    out: _Out = None,
    reference: _Reference = None,
    worst: _Worst = 0,
    pack: Pack = None,
    hotword: HotwordOption = None,
    hotword_file: HotwordFileOption = None,
    config: Config = None,
    threads: _Threads = None,
    channel: _Channel = 0,
) -> None:
    """Turn sound files into text: any format, any length.

    A file that cannot be read does not stop the others; at the end it is listed, and the exit code is not 0.
    """
    recognizer = given(pack=pack, threads=threads)
    overrides = {"recognizer": recognizer, "hotwords": hotword_overrides(hotword, hotword_file)}
    settings = load_settings(config, overrides)
    allow_open_files(OF_PROGRAM)
    found = find_sounds(sounds)
    references = references_for(reference, found) if reference is not None else None
    output = _Output(found, out, _format_of(kind, out, len(found)))
    interrupted = sound_words().interrupted if out is None else sound_words().unwritten
    with (
        interruptible(lambda: interrupted),
        open_transcriber(settings) as transcriber,
        TranscriptionProgress(len(found)) as progress,
    ):
        job = _Job(transcriber, output, progress, channel)
        outcomes = [job.run(number) for number in range(len(found))]
    if references is not None:
        for line in error_rates([(outcome.sound, outcome.spoken) for outcome in outcomes], references, worst):
            _say(line)
    _finish(outcomes, progress)


def _format_of(kind: TranscriptFormat | None, out: Path | None, sounds: int) -> TranscriptFormat:
    """The format named, else that of the ending of ``--out``, else text.

    Raises:
        SettingsError: the name is that of a file of another kind, or of one file where there are several sounds.
    """
    ending = out.suffix[1:].lower() if out is not None and not is_folder(out) else ""
    formats = set(TranscriptFormat)
    if sounds > 1 and out is not None and (is_file(out) or ending in formats | _OTHER_DOCUMENTS):
        raise SettingsError(f"--out {out}: {sounds} sounds need a folder, a text file for each; name a folder")
    if kind is not None:
        return kind
    if ending and ending not in formats and sounds == 1:
        advice = "take one of these endings, or name the --format"
        if ending in _OTHER_DOCUMENTS:
            advice += (
                "; or make a meeting of it, whose minutes can be exported: `streamer run --source FILE --fast`, "
                "then `streamer meetings export last --to docx` (or markdown)"
            )
        raise SettingsError(f"--out {out}: transcripts are {', '.join(TranscriptFormat)}; {advice}")
    return TranscriptFormat(ending) if ending in formats else TranscriptFormat.TXT


class _Output:
    """Where each file's text goes."""

    def __init__(self, sounds: list[SoundPath], out: Path | None, kind: TranscriptFormat) -> None:
        self.sounds = sounds
        self.kind = kind
        self._targets = None if out is None else targets(sounds, out, kind)
        if out is None and len(sounds) > 1 and kind in {TranscriptFormat.SRT, TranscriptFormat.VTT}:
            raise SettingsError(f"{kind} of {len(sounds)} files cannot go into one: give a folder with --out")

    @contextmanager
    def of(self, number: int) -> Iterator[Callable[[str], object]]:
        """What takes the text of the file with this number."""
        if self._targets is not None:
            with replacing(self._targets[number]) as file:
                yield file.write
            return
        if len(self.sounds) > 1 and self.kind is TranscriptFormat.TXT:
            _print(f"== {printable(str(self.sounds[number].name))} ==\n")
        yield _print


class _Job:
    """Transcribes one file after the other."""

    def __init__(
        self, transcriber: Transcriber, output: _Output, progress: TranscriptionProgress, channel: int
    ) -> None:
        self._transcriber = transcriber
        self._output = output
        self._progress = progress
        self._channel = channel
        self._given = 0
        """Samples of the file at hand that the transcriber has taken."""

    def run(self, number: int) -> _Outcome:
        """Transcribe the file with this number; a failure is part of the outcome."""
        sound = self._output.sounds[number]
        spoken: list[str] = []
        channels = 1
        try:
            with SoundFile(sound.path, self._channel) as file:
                self._progress.begin(str(sound.name), file.seconds)
                channels = file.channels
                failure = self._write(number, file, spoken)
                for remark in file.remarks:
                    self._progress.complain(told_of_file(sound.path, remark))
        except AudioError as error:
            failure = error
        if failure is not None:
            self._progress.complain(told_of_file(sound.path, str(failure)))
        elif not spoken:
            self._progress.complain(self._nothing_heard(sound.path, channels))
        return _Outcome(sound, "".join(spoken), failure)

    def _nothing_heard(self, path: Path, channels: int) -> str:
        is_mean = channels > 1 and self._channel == MIX
        said = sound_words().nothing_in_mean if is_mean else sound_words().nothing_heard
        return said.format(file=path, channels=channels)

    def _write(self, number: int, file: SoundFile, spoken: list[str]) -> StreamerError | None:
        """Write what is heard; what came before a failure stays written."""
        self._given = 0
        writer = transcript_writer(self._output.kind, str(self._output.sounds[number].name))
        with self._output.of(number) as write:
            write(writer.head)
            try:
                for segment in self._transcriber.segments(self._runs(file)):
                    write(writer.line(segment))
                    spoken.append(segment.spoken)
                    self._tell()
            except (AudioError, RecognizerError) as error:
                return error
            finally:
                self._tell()
        return None

    def _runs(self, file: SoundFile) -> Iterator[FrameRun]:
        for run in file.runs():
            self._given += len(run.pcm) // 2
            self._tell()
            yield run

    def _tell(self) -> None:
        self._progress.reach(self._transcriber.decoded(self._given))


def _finish(outcomes: list[_Outcome], progress: TranscriptionProgress) -> None:
    """Say what was done; an error where a file failed."""
    failures = [outcome.failure for outcome in outcomes if outcome.failure is not None]
    if len(outcomes) > 1:
        speed = sound_words().speed.format(speed=progress.speed)
        heard = sum(outcome.failure is None or bool(outcome.spoken) for outcome in outcomes)
        _say(sound_words().heard.format(files=heard, seconds=progress.seconds, speed=speed))
    if not failures:
        return
    if len(outcomes) > 1:
        _say(sound_words().failed.format(files=len(outcomes), count=len(failures)))
        for outcome in outcomes:
            if outcome.failure is not None:  # which was told when it happened, above the others' remarks
                _say(f"  {told_of_file(outcome.sound.path, str(outcome.failure))}")
    raise typer.Exit(max(failure.exit_code for failure in failures))


def _print(text: str) -> None:
    # Not typer.echo: it writes past the progress bar, into the middle of it.
    sys.stdout.write(text)
    sys.stdout.flush()


def _say(text: str) -> None:
    typer.echo(printable(text), err=True)
