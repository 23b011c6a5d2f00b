"""The minutes of one meeting: all its files, kept up to date. Used by one thread, the storage thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from streamer.minutes import Line, MinutesSource, Moment
from streamer.settings.minutes import MinutesSettings
from streamer.sinks.minutes.files import SLOW, STEM, SUFFIXES, MinutesFile, open_file

_SHARE = 0.005
"""Part of one core that new versions of a slow format may take: a costly one is written less often."""

Entry = tuple[Line | Moment, str | None]
"""An entry and the link to its sound."""

Choose = Callable[[Iterable[Line | Moment]], Iterable[Line | Moment]]
"""What minutes show of the entries of a meeting; may change a line's text, keeps their order."""


@dataclass(slots=True)
class _Page:
    """One file and what it lacks."""

    file: MinutesFile
    pause: float
    """Seconds between two versions; 0: with every call."""
    due: float = 0.0
    lacks: list[Entry] = field(default_factory=list)
    """Bounded by what is said in one pause."""
    is_stale: bool = True
    """Whether it must be written anew."""
    known_line: tuple[int, int] = (-1, 0)
    """Position and id of the last line so far; the store is ahead of the events, and an event may come twice.

    The id alone does not tell: lines that were decoded again have higher ones than those that still come."""
    known_moments: set[Moment] = field(default_factory=set)
    """The moments at the last position that has any; those that still come lie there or behind it."""

    def is_new(self, entry: Line | Moment) -> bool:
        """Whether this entry has not come yet; from now on it has."""
        if isinstance(entry, Line):
            place = (entry.start_sample, entry.segment_id)
            known, self.known_line = self.known_line, max(self.known_line, place)
            return place > known
        reached = max((moment.at_sample for moment in self.known_moments), default=-1)
        if entry.at_sample < reached or entry in self.known_moments:
            return False
        self.known_moments = {entry} if entry.at_sample > reached else {*self.known_moments, entry}
        return True


class MinutesBook:
    """Brings every file of the settings' formats up to date: quick formats at once, slow ones in their own time."""

    def __init__(
        self,
        source: MinutesSource,
        folder: Path,
        settings: MinutesSettings,
        clock: Callable[[], float] = time.monotonic,
        choose: Choose = iter,
    ) -> None:
        """Prepare the files.

        Args:
            source: the meeting.
            folder: the meeting's.
            settings: which files.
            clock: seconds that only grow.
            choose: what is shown; all by default.

        Raises:
            MissingDependencyError: a format needs a package that is not installed.
        """
        self._source = source
        self._choose = choose
        self._clock = clock
        self._edition = ""
        self._pages = [
            _Page(
                open_file(name, folder / f"{STEM}{SUFFIXES[name]}", settings),
                settings.refresh_s if name in SLOW else 0.0,
            )
            for name in dict.fromkeys(settings.formats)
        ]
        self._looked_at = clock()
        self._look_pause = settings.refresh_s

    @property
    def next_due(self) -> float:
        """When :meth:`update` has something to do although nothing new was said."""
        return min((page.due for page in self._pages if page.lacks or page.is_stale), default=float("inf"))

    def add(self, entries: Sequence[Line | Moment]) -> None:
        """Take note of new entries, in order; lines without text are left out."""
        linked = [
            (entry, self._source.link(entry.position))
            for entry in self._choose(entries)
            if not (isinstance(entry, Line) and not entry.text)
        ]
        for page in self._pages:
            page.lacks += [one for one in linked if page.is_new(one[0])]

    def rewrite(self) -> None:
        """Write every file anew at the next update."""
        self._edition = self._source.edition()
        for page in self._pages:
            page.is_stale, page.due = True, 0.0

    def update(self, *, everything: bool = False) -> None:
        """As :meth:`updating`, at once."""
        for _ in self.updating(everything=everything):
            pass

    def updating(self, *, everything: bool = False) -> Iterator[None]:
        """Write what is due, in steps between which the thread may do other things, but nothing with this book.

        ``everything``: slow formats too.

        Raises:
            OSError: the disk refuses; the files stay as they were, and the next update writes them anew.
            StoreError: the store cannot be read.
        """
        self._look_for_changes()
        failure: OSError | None = None
        for page in self._pages:
            if (page.lacks or page.is_stale) and (everything or self._clock() >= page.due):
                try:
                    yield from self._writing(page)
                except OSError as error:
                    page.is_stale, failure = True, error
        if failure is not None:
            raise failure

    def close(self) -> None:
        """Make the files durable.

        Raises:
            OSError: the disk refuses.
        """
        for page in self._pages:
            page.file.close()

    def _writing(self, page: _Page) -> Iterator[None]:
        page.is_stale = page.is_stale or not page.file.is_as_left()
        began, cost, is_whole = self._clock(), 0.0, page.is_stale
        if is_whole:
            page.known_line, page.known_moments = (-1, 0), set()
            # Closed here: an error holds on to a query that it left in the middle, and that shows the store as it was.
            with closing(self._all_entries(page)) as entries:
                for _ in page.file.rewriting(self._source.record(), self._source.summary(), entries):
                    cost += self._clock() - began
                    yield
                    began = self._clock()
        else:
            page.file.append(page.lacks)
        page.lacks, page.is_stale = [], False
        if page.pause:
            ended = self._clock()
            page.due = ended + max(page.pause, (cost + ended - began) / _SHARE)
        if is_whole:
            yield

    def _all_entries(self, page: _Page) -> Generator[Entry]:
        for entry in self._choose(self._source.entries()):
            page.is_new(entry)
            yield entry, self._source.link(entry.position)

    def _look_for_changes(self) -> None:
        """Write everything anew when somebody edited a line, a title or the summary; asked once a pause."""
        now = self._clock()
        if self._edition and now - self._looked_at < self._look_pause:
            return
        self._looked_at = now
        edition = self._source.edition()
        if edition != self._edition:
            if self._edition:
                self.rewrite()
            self._edition = edition
