"""Minutes as a Word document (extra: docx)."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from streamer.errors import MissingDependencyError
from streamer.minutes import Line, MeetingRecord, Moment
from streamer.places import new_private_file
from streamer.sinks.minutes.alignment import FirstDoubt, doubtful_spans, parted
from streamer.sinks.minutes.docx_edits import PROPERTIES, UNSEALED, saved_at, sealed
from streamer.sinks.minutes.docx_parts import parts_of
from streamer.sinks.minutes.growing import STEP_PARTS
from streamer.sinks.minutes.labels import Labels
from streamer.sinks.minutes.plain import plain, visible
from streamer.sinks.minutes.replacing import Replacing, keep_beside
from streamer.sinks.minutes.writer import Times, head_facts, moment_text, title_of
from streamer.system.installation import install_command

_BODY = "word/document.xml"
_PLACE = "streamer-entries-stand-here"
_NAMESPACES = re.compile(rb' xmlns:\w+="[^"]*"')
_FONT = "Microsoft YaHei"
_LONGEST_PROPERTY = 255
"""Characters that a package's properties may have."""


class DocxFile:
    """A document whose paragraphs are made once and kept aside; a new version only joins and packs them.

    python-docx makes every paragraph, and the document around them; building the whole anew for each version would
    cost more with every line of the meeting, and hold all of it in memory.
    """

    def __init__(self, path: Path, labels: Labels, doubt_below: float, replacing: Replacing = keep_beside) -> None:
        """``path``: the document. ``replacing``: told of one that somebody saved there, before it is written over.

        Raises:
            MissingDependencyError: python-docx is not installed.
        """
        self.path = path
        self._labels = labels
        self._doubt_below = doubt_below
        self._replacing = replacing
        self._first_doubt = FirstDoubt(doubt_below)
        self._docx, self._etree = import_docx()
        self._scratch = self._docx.Document()
        self._record: MeetingRecord | None = None
        self._times = Times()
        self._around = (b"", b"")
        self._parts: dict[str, bytes] = {}
        self._entries: IO[bytes] = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - closed by close()

    def rewriting(
        self, record: MeetingRecord, summary: str, entries: Iterable[tuple[Line | Moment, str | None]]
    ) -> Iterator[None]:
        """Write the document anew, in steps of ``STEP_PARTS`` paragraphs.

        Raises:
            OSError: the disk refuses; the version before stays.
        """
        self._record = record
        self._times.begin(record)
        self._first_doubt.begin()
        self._frame(record, summary)
        self._entries.seek(0)
        self._entries.truncate()
        for number, (entry, link) in enumerate(entries, 1):
            self._entries.write(self._paragraph(entry, link))
            if number % STEP_PARTS == 0:
                yield
        self.append(())

    def is_as_left(self) -> bool:
        """It can be appended to whatever somebody made of it: the paragraphs are kept aside."""
        return True

    def append(self, entries: Iterable[tuple[Line | Moment, str | None]]) -> None:
        """Add entries at the end.

        Raises:
            OSError: the disk refuses; the version before stays, and the file must be rewritten.
        """
        for entry, link in entries:
            self._entries.write(self._paragraph(entry, link))
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            with new_private_file(part) as file:
                self._pack(file)
                file.flush()
                os.fsync(file.fileno())
            if self._record is not None and (saved := saved_at(self.path, self._record)) is not None:
                self._replacing(self.path, saved)
            part.rename(self.path)
        finally:
            part.unlink(missing_ok=True)

    def close(self) -> None:
        """Forget the paragraphs. Safe to call twice."""
        self._entries.close()

    def _frame(self, record: MeetingRecord, summary: str) -> None:
        """Everything but the entries: head, styles, and the parts of the package."""
        document, labels = self._docx.Document(), self._labels
        _use_font(self._docx, document)
        _describe(document.core_properties, record, title_of(record, labels))
        document.add_heading(title_of(record, labels), 0)
        for label, value in head_facts(record, labels):
            document.add_paragraph(f"{label}{labels.colon}{value}")
        if summary:
            document.add_heading(labels.summary, 1)
            for line in summary.splitlines():
                document.add_paragraph(plain(line))
        document.add_paragraph(_PLACE)
        self._parts = parts_of(document)
        body = self._parts.pop(_BODY)
        start = body.rindex(b"<w:p>", 0, body.index(_PLACE.encode()))
        end = body.index(b"</w:p>", start) + len(b"</w:p>")
        self._around = (body[:start], body[end:])

    def _paragraph(self, entry: Line | Moment, link: str | None) -> bytes:
        """The XML of one entry; before it that of the date of a new day, and of what the first coloured text means."""
        date = self._times.date_above(entry)
        above = self._taken(self._scratch.add_heading(date, 1)) if date else b""
        above += self._legend() if self._first_doubt.is_in(entry) else b""
        paragraph = self._scratch.add_paragraph()
        time = f"[{self._times.clock(entry)}]"
        if link is None:
            paragraph.add_run(time)
        else:
            self._add_link(paragraph, time, link)
        paragraph.add_run(" ")
        if isinstance(entry, Moment):
            paragraph.add_run(moment_text(entry, self._labels)).bold = True
        else:
            self._add_text(paragraph, entry)
        return above + self._taken(paragraph)

    def _legend(self) -> bytes:
        paragraph, labels = self._scratch.add_paragraph(), self._labels
        self._highlight(paragraph.add_run(labels.highlight))
        paragraph.add_run(f"{labels.colon}{labels.messages.doubted}")
        return self._taken(paragraph)

    def _taken(self, paragraph: Any) -> bytes:
        """The XML of a paragraph, which is taken out of the scratch document."""
        element = paragraph._p  # noqa: SLF001 - python-docx's documented way to the element
        element.getparent().remove(element)
        # The names of the namespaces are declared by the document's root.
        return _NAMESPACES.sub(b"", self._etree.tostring(element))

    def _add_text(self, paragraph: Any, line: Line) -> None:
        """The text, doubtful passages on yellow."""
        for part, is_doubtful in parted(line.text, doubtful_spans(line, self._doubt_below)):
            run = paragraph.add_run(visible(part))
            if is_doubtful:
                self._highlight(run)
        if line.edited:
            paragraph.add_run(self._labels.edited).italic = True

    def _highlight(self, run: Any) -> None:
        run.font.highlight_color = self._docx.enum.text.WD_COLOR_INDEX.YELLOW

    def _add_link(self, paragraph: Any, text: str, link: str) -> None:
        """A field that leads to the sound; python-docx has no call for it.

        One of several runs, as Word writes it: of a field in one element many programs leave out the text.
        """
        self._add_field_mark(paragraph, "begin")
        instruction = self._docx.oxml.OxmlElement("w:instrText")
        instruction.text = f'HYPERLINK "{link}"'
        paragraph.add_run()._r.append(instruction)  # noqa: SLF001 - as above
        self._add_field_mark(paragraph, "separate")
        paragraph.add_run(text).underline = True
        self._add_field_mark(paragraph, "end")

    def _add_field_mark(self, paragraph: Any, kind: str) -> None:
        mark = self._docx.oxml.OxmlElement("w:fldChar")
        mark.set(self._docx.oxml.ns.qn("w:fldCharType"), kind)
        paragraph.add_run()._r.append(mark)  # noqa: SLF001 - as above

    def _pack(self, file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, part in self._parts.items():
                if name == PROPERTIES:
                    continue
                with archive.open(name, "w") as member:  # which is dated 1980, as by Word: writestr dates by the clock
                    member.write(part)
            with archive.open(_BODY, "w") as body:
                body.write(self._around[0])
                self._entries.seek(0)
                shutil.copyfileobj(self._entries, body)
                body.write(self._around[1])
            with archive.open(PROPERTIES, "w") as member:
                member.write(sealed(self._parts[PROPERTIES], archive))


def _describe(properties: Any, record: MeetingRecord, title: str) -> None:
    """What file managers show; python-docx's template tells of itself."""
    properties.title = title[:_LONGEST_PROPERTY]
    properties.author = properties.last_modified_by = "streamer"
    properties.comments = ""
    properties.identifier = UNSEALED
    properties.created = record.started_at
    properties.modified = record.ended_at or record.started_at


def _use_font(docx: Any, document: Any) -> None:
    """A font with Chinese characters; Word chooses it by the East Asian attribute."""
    style = document.styles["Normal"]
    style.font.name = _FONT
    style.element.rPr.rFonts.set(docx.oxml.ns.qn("w:eastAsia"), _FONT)


def import_docx() -> tuple[Any, Any]:
    """The package, and lxml's etree that it builds on.

    Raises:
        MissingDependencyError: python-docx is not installed.
    """
    try:
        import docx  # noqa: PLC0415 - an optional package
        import docx.enum.text  # noqa: PLC0415
        import docx.oxml.ns  # noqa: PLC0415
        from lxml import etree  # type: ignore[import-untyped] # noqa: PLC0415
    except ImportError as error:
        raise MissingDependencyError(f"DOCX files need python-docx: {install_command('docx')}") from error
    return docx, etree
