from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from streamer.sinks.minutes.growing import GrowingFile
from tests.disks import file_size_limit
from tests.sinks.minutes.material import whole

READER = """
import sys
path, last = sys.argv[1:]
while True:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert text.startswith("head\\n") and text.endswith("\\n]\\n"), repr(text[-40:])
    if last in text:
        break
"""


def test_appended_text_stands_before_the_tail(tmp_path):
    file = GrowingFile(tmp_path / "minutes.json")
    whole(file.rewriting(["{", "["], "]}"))
    for text in ("1", ",2", ",3", ",4"):
        file.append(text, "]}")
    file.close()

    assert file.path.read_text() == "{[1,2,3,4]}"
    assert [path.name for path in tmp_path.iterdir()] == ["minutes.json"]


@pytest.mark.parametrize("appended", [0, 1, 2])
def test_what_is_appended_after_a_rewrite_stands_behind_that(tmp_path, appended):
    file = GrowingFile(tmp_path / "minutes.json")
    whole(file.rewriting(["{", "["], "]}"))
    for text in ["1", ",2"][:appended]:
        file.append(text, "]}")
    whole(file.rewriting(["{", "[", "0"], "]}"))
    for text in (",3", ",4"):
        file.append(text, "]}")
    file.close()

    assert file.path.read_text() == "{[0,3,4]}"


def test_an_update_touches_no_more_at_the_end_than_at_the_beginning(tmp_path, monkeypatch):
    written: list[int] = []
    file = GrowingFile(tmp_path / "minutes.txt")
    whole(file.rewriting(["head\n"]))
    file.append("first\n")

    class Counted:
        def __init__(self, stream):
            self._stream = stream

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self._stream.close()

        def write(self, text):
            written.append(len(text))
            return self._stream.write(text)

        def __getattr__(self, name):
            return getattr(self._stream, name)

    original = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode="r", **kinds: Counted(original(path, mode, **kinds)))
    for _ in range(1000):
        file.append("a line of twenty let\n")

    assert len(written) == 1000
    assert max(written) == 42, "this line and the one that the hidden version lacked"


def test_whoever_opens_the_file_at_any_step_sees_a_whole_version(tmp_path, monkeypatch):
    path = tmp_path / "minutes.txt"
    file = GrowingFile(path)
    whole(file.rewriting(["head\n"], "]\n"))
    seen: set[str] = set()

    def watched(call):
        def step(*args, **kinds):
            seen.add(path.read_bytes().decode())
            outcome = call(*args, **kinds)
            seen.add(path.read_bytes().decode())
            return outcome

        return step

    monkeypatch.setattr(os, "link", watched(os.link))
    monkeypatch.setattr(Path, "rename", watched(Path.rename))
    monkeypatch.setattr(Path, "unlink", watched(Path.unlink))
    versions = {"head\n]\n"}
    text = "head\n"
    for number in range(5):
        text += f"{number}\n"
        versions.add(text + "]\n")
        file.append(f"{number}\n", "]\n")
    whole(file.rewriting([text, "new\n"], "]\n"))
    versions.add(text + "new\n]\n")

    assert seen == versions


@pytest.mark.slow
def test_a_reader_in_another_process_sees_whole_versions_only(tmp_path):
    path = tmp_path / "minutes.txt"
    file = GrowingFile(path)
    whole(file.rewriting(["head\n"], "\n]\n"))
    reader = subprocess.Popen([sys.executable, "-c", READER, path, "line 79 "])
    pace = threading.Event()
    for number in range(80):
        file.append(f"line {number} " + "周会" * 1500 + "\n", "\n]\n")
        pace.wait(0.05)  # the sink's own pace is ten times slower
    assert reader.wait(20) == 0


def test_without_hard_links_copies_take_their_place(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", refused)
    file = GrowingFile(tmp_path / "minutes.txt")
    whole(file.rewriting(["a"]))
    for text in "bcde":
        file.append(text)

    assert file.path.read_text() == "abcde"


def test_a_full_disk_leaves_the_last_version(tmp_path):
    file = GrowingFile(tmp_path / "minutes.txt")
    whole(file.rewriting(["a" * 900]))
    with file_size_limit(1000), pytest.raises(OSError, match="File too large"):
        file.append("b" * 200)
    assert file.path.read_text() == "a" * 900

    whole(file.rewriting(["a" * 900, "b" * 200]))
    assert file.path.read_text() == "a" * 900 + "b" * 200


def test_what_a_crash_left_hidden_is_removed(tmp_path):
    (tmp_path / ".minutes.txt.a").write_text("half")
    GrowingFile(tmp_path / "minutes.txt")

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_never_written_may_be_closed(tmp_path):
    GrowingFile(tmp_path / "minutes.txt").close()

    assert list(tmp_path.iterdir()) == []


def test_files_are_private(tmp_path):
    file = GrowingFile(tmp_path / "minutes.txt")
    whole(file.rewriting(["a"]))
    file.append("b")
    file.append("c")

    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
