from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn

from streamer.errors import MissingDependencyError
from streamer.minutes import MomentKind
from streamer.settings.minutes import MinutesSettings
from streamer.sinks.minutes.docx import DocxFile, import_docx
from streamer.sinks.minutes.files import check_formats
from streamer.sinks.minutes.labels import CHINESE
from streamer.system.installation import install_command
from tests.sinks.minutes.material import ENDED, RECORD, line, moment, whole

LINK = "audio/000000000000.flac#t=5.0"
ENTRIES = [
    (line(1, "预算，批了<b>&。", 5, 7, doubts="算批"), LINK),
    (moment(MomentKind.MARK, 6, "重要"), LINK),
    (replace(line(2, "改过"), edited=True), None),
]


def written(tmp_path, record=ENDED, summary="") -> docx.Document:
    file = DocxFile(tmp_path / "minutes.docx", CHINESE, 0.5)
    whole(file.rewriting(record, summary, ENTRIES))
    file.close()
    return docx.Document(tmp_path / "minutes.docx")


def test_python_docx_reads_head_and_lines(tmp_path):
    document = written(tmp_path, summary="两个议题\n预算通过")

    assert [one.text for one in document.paragraphs] == [
        "周会",
        "时间：2026-11-20 14:30–15:32",
        "时长：1:02:00",
        "房间：room-1",
        "声音来源：USB 麦克风",
        "识别模型：zh 1",
        "摘要",
        "两个议题",
        "预算通过",
        "黄底：机器没有把握的文字",
        "[14:30:05] 预算，批了<b>&。",
        "[14:30:06] 标记：重要",
        "[14:30:00] 改过（已修改）",
    ]
    assert document.core_properties.title == "周会"
    assert [one.style.name for one in document.paragraphs if one.style.name != "Normal"] == ["Title", "Heading 1"]
    font = document.styles["Normal"].element.rPr.rFonts
    assert font.get(qn("w:eastAsia")) == "Microsoft YaHei"


def test_marks_are_bold(tmp_path):
    mark = written(tmp_path).paragraphs[8]

    assert (mark.runs[-1].text, mark.runs[-1].bold) == ("标记：重要", True)


def test_hours_are_written_in_steps_and_of_what_is_written_nothing_is_kept(tmp_path):
    file = DocxFile(tmp_path / "minutes.docx", CHINESE, 0.5)
    steps = sum(1 for _ in file.rewriting(ENDED, "", [(line(number, "一"), None) for number in range(1, 121)]))

    assert steps == 2
    assert file._scratch.paragraphs == []
    file.close()


def test_a_disk_that_refuses_leaves_the_last_version_and_nothing_hidden(tmp_path, monkeypatch):
    file = DocxFile(tmp_path / "minutes.docx", CHINESE, 0.5)
    whole(file.rewriting(ENDED, "", ENTRIES))
    before = (tmp_path / "minutes.docx").read_bytes()

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space left on device"):
        file.append(ENTRIES)
    file.close()

    assert [path.name for path in tmp_path.iterdir()] == ["minutes.docx"]
    assert (tmp_path / "minutes.docx").read_bytes() == before


def test_a_title_too_long_for_the_properties_stands_in_the_document(tmp_path):
    """Word keeps 255 characters of it beside the document."""
    document = written(tmp_path, replace(ENDED, title="很长" * 150))

    assert document.paragraphs[0].text == "很长" * 150
    assert document.core_properties.title == ("很长" * 150)[:255]


def test_the_properties_tell_of_the_meeting_and_not_of_the_template(tmp_path):
    properties = written(tmp_path).core_properties

    assert (properties.author, properties.last_modified_by, properties.comments) == ("streamer", "streamer", "")
    assert (properties.created, properties.modified) == (ENDED.started_at, ENDED.ended_at)
    assert written(tmp_path, RECORD).core_properties.modified == RECORD.started_at


def test_doubtful_passages_are_highlighted(tmp_path):
    marked = [
        [run.text for run in paragraph.runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW]
        for paragraph in written(tmp_path).paragraphs
    ]
    assert [runs for runs in marked if runs] == [["黄底"], ["算，批"]]


def test_without_doubts_there_is_no_legend_of_them(tmp_path):
    file = DocxFile(tmp_path / "minutes.docx", CHINESE, 0.0)
    whole(file.rewriting(ENDED, "", ENTRIES[:1]))
    file.close()

    texts = [one.text for one in docx.Document(tmp_path / "minutes.docx").paragraphs]
    assert texts[6:] == ["[14:30:05] 预算，批了<b>&。"]


def test_times_lead_to_the_sound(tmp_path):
    written(tmp_path)
    with zipfile.ZipFile(tmp_path / "minutes.docx") as archive:
        body = archive.read("word/document.xml").decode()
    assert body.count(f'HYPERLINK "{LINK}"') == len([link for _, link in ENTRIES if link])
    assert re.findall(r'w:fldCharType="(\w+)"', body) == ["begin", "separate", "end"] * 2


def test_appended_paragraphs_follow(tmp_path):
    file = DocxFile(tmp_path / "minutes.docx", CHINESE, 0.5)
    whole(file.rewriting(RECORD, "", ENTRIES[:1]))
    file.append(ENTRIES[1:])
    file.close()

    assert [one.text for one in docx.Document(file.path).paragraphs][-3:] == [
        "[14:30:05] 预算，批了<b>&。",
        "[14:30:06] 标记：重要",
        "[14:30:00] 改过（已修改）",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["minutes.docx"]


def test_controls_and_lone_surrogates_do_not_spoil_the_document(tmp_path):
    file = DocxFile(tmp_path / "minutes.docx", CHINESE, 0.5)
    hostile = "a\x00b\x1bc\ud800d\ufffee"
    whole(
        file.rewriting(
            replace(RECORD, title=hostile),
            hostile,
            [(line(1, hostile), None), (moment(MomentKind.MARK, 1, hostile), None)],
        )
    )
    file.close()

    texts = [one.text for one in docx.Document(file.path).paragraphs]
    assert texts[0] == "abc\ufffdde"
    assert texts[-2:] == ["[14:30:00] abc\ufffdde", "[14:30:01] 标记：abc\ufffdde"]


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingDependencyError, match=re.escape(install_command("docx"))):
        import_docx()


def test_a_run_with_docx_among_its_formats_is_told_that_it_can_go_without(monkeypatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingDependencyError, match=r"\nor leave docx out of \[minutes\] formats$"):
        check_formats(MinutesSettings(formats=("txt", "docx")))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (apt-get install libreoffice-writer)")
def test_libreoffice_reads_it(tmp_path):
    written(tmp_path, summary="两个议题")
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--convert-to", "txt:Text (encoded):UTF8", "--outdir", tmp_path, tmp_path / "minutes.docx"],
        check=True, capture_output=True, timeout=110,
    )  # fmt: skip
    text = (tmp_path / "minutes.txt").read_text(encoding="utf-8-sig")
    assert "[14:30:05] 预算，批了<b>&。" in text
    assert "两个议题" in text


def test_where_a_new_day_begins_its_date_is_a_heading(tmp_path):
    file = DocxFile(tmp_path / "minutes.docx", CHINESE, 0.5)
    whole(file.rewriting(RECORD, "", [(line(1, "好"), LINK)]))
    file.append([(line(2, "早", 86_400), LINK), (line(3, "好", 86_401), LINK)])
    file.close()

    found = [(one.style.name, one.text) for one in docx.Document(tmp_path / "minutes.docx").paragraphs]
    assert found[-4:] == [
        ("Normal", "[14:30:00] 好"),
        ("Heading 1", "2026-11-21"),
        ("Normal", "[14:30:00] 早"),
        ("Normal", "[14:30:01] 好"),
    ]


def test_a_computer_that_does_not_know_the_date_writes_documents(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 100.0)

    assert written(tmp_path).paragraphs[0].text == "周会"


def test_the_package_has_the_files_that_python_docx_writes(tmp_path):
    document = written(tmp_path)
    document.save(tmp_path / "again.docx")
    with zipfile.ZipFile(tmp_path / "minutes.docx") as ours, zipfile.ZipFile(tmp_path / "again.docx") as theirs:
        assert sorted(ours.namelist()) == sorted(theirs.namelist())
        assert ours.namelist()[0] == "[Content_Types].xml"
        assert all(ours.read(name) == theirs.read(name) for name in ours.namelist() if name.endswith(".rels"))
