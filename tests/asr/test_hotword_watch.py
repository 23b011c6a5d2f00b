from __future__ import annotations

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streamer.asr.hotword_list import Hotword
from streamer.asr.hotword_watch import HotwordHistory, HotwordWatch
from streamer.errors import SettingsError
from streamer.settings.hotwords import HotwordSettings
from streamer.types import HotwordsChanged


def write(path: Path, text: str | bytes) -> Path:
    """A list that is newer than the one before, however coarse the file system's times are."""
    newer = path.stat().st_mtime_ns + 1_000_000_000 if path.exists() else 1_700_000_000_000_000_000
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, ns=(newer, newer))
    return path


def watched(path: Path, *words: str) -> HotwordWatch:
    return HotwordWatch(HotwordSettings(words=words, file=str(path)), patience_s=60.0)


def test_words_of_the_settings_come_before_those_of_the_list(tmp_path: Path) -> None:
    watch = watched(write(tmp_path / "words.txt", "重庆\n"), "张伟 2.5")

    assert watch.words == (Hotword("张伟", 2.5), Hotword("重庆"))


def test_nothing_is_read_again_as_long_as_the_list_stays(tmp_path: Path) -> None:
    watch = watched(write(tmp_path / "words.txt", "重庆\n"))

    assert watch.words is watch.words


def test_a_changed_list_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    watch = watched(path, "张伟")
    write(path, "昇腾\n")

    assert watch.words == (Hotword("张伟"), Hotword("昇腾"))


def test_a_list_replaced_by_another_file_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    watch = watched(path)
    write(tmp_path / "new.txt", "昇腾\n").replace(path)

    assert watch.words == (Hotword("昇腾"),)


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    """Reading it again would wait for another writer, and all captions with it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with ThreadPoolExecutor() as writer:
        writer.submit(path.write_text, "重庆\n", "utf-8")
        watch = watched(path)

    assert watch.words == (Hotword("重庆"),)
    assert watch.complaint == ""


def test_the_words_before_stay_while_a_pipe_is_in_the_place_of_the_list(tmp_path: Path) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    watch = watched(path)
    path.unlink()
    os.mkfifo(path)

    assert watch.words == (Hotword("重庆"),)
    assert watch.complaint == f"cannot read hotwords {path}: it is no file any more; the hotwords before stay in use"


def test_a_pipe_that_was_read_may_go(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with ThreadPoolExecutor() as writer:
        writer.submit(path.write_text, "重庆\n", "utf-8")
        watch = watched(path)
    path.unlink()

    assert watch.words == (Hotword("重庆"),)
    assert watch.complaint == ""


def test_a_folder_in_the_place_of_the_list_is_told_until_the_list_is_back(tmp_path: Path) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    watch = watched(path)
    path.rename(tmp_path / "aside")
    path.mkdir()

    assert watch.words == (Hotword("重庆"),)
    assert watch.complaint == f"cannot read hotwords {path}: Is a directory; the hotwords before stay in use"

    path.rmdir()
    (tmp_path / "aside").rename(path)

    assert watch.words == (Hotword("重庆"),)
    assert watch.complaint == ""


def test_a_list_that_may_be_read_again_is_although_it_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    watch = watched(path)
    write(path, "昇腾\n")
    with monkeypatch.context() as forbidding:
        forbidding.setattr(Path, "read_bytes", forbidden)

        assert watch.words == (Hotword("重庆"),)
        assert watch.complaint.endswith(": Permission denied; the hotwords before stay in use")

    assert watch.words == (Hotword("昇腾"),)
    assert watch.complaint == ""


def forbidden(_: Path) -> bytes:
    """As for whoever is not root, whom permissions do not keep from reading."""
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_the_words_before_stay_while_the_list_is_broken(tmp_path: Path) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    watch = watched(path)
    write(path, "昇腾\n".encode("gb18030"))

    assert watch.words == (Hotword("重庆"),)
    assert watch.complaint == (
        f"hotwords {path}, line 1: not UTF-8 (save the list as UTF-8); the hotwords before stay in use"
    )


def test_a_repaired_list_is_used_without_complaint(tmp_path: Path) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    watch = watched(path)
    path.unlink()

    assert watch.words == (Hotword("重庆"),)
    assert "No such file" in watch.complaint

    write(path, "昇腾\n")

    assert watch.words == (Hotword("昇腾"),)
    assert watch.complaint == ""


def test_a_list_that_is_missing_from_the_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read hotwords .*absent.txt: No such file"):
        watched(tmp_path / "absent.txt")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (" ", "hotwords.words holds an empty word"),
        ("张伟 11", "hotwords.words: weight 11 of hotword '张伟'"),
        ("李明，王", "hotwords.words: '李明，王' holds '，', as if it were several hotwords"),
    ],
)
def test_a_malformed_word_of_the_settings_is_refused(word: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        HotwordWatch(HotwordSettings(words=(word,)))


class HungDisk:
    """Does not answer until it is let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers = threading.Event()
        stat = Path.stat

        def hung(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
            if threading.current_thread() is not threading.main_thread():
                self.answers.wait()
            return stat(path, follow_symlinks=follow_symlinks)

        monkeypatch.setattr(Path, "stat", hung)


def test_nobody_waits_for_a_disk_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    watch = HotwordWatch(HotwordSettings(file=str(path)), patience_s=0.0)
    write(path, "昇腾\n")
    disk = HungDisk(monkeypatch)

    assert [watch.words, watch.words] == [(Hotword("重庆"),)] * 2
    (look,) = (each for each in threading.enumerate() if each.name == "streamer-hotword-list")
    disk.answers.set()
    look.join()
    assert watch.words == (Hotword("昇腾"),)


def test_a_disk_that_does_not_answer_for_five_seconds_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    path = write(tmp_path / "words.txt", "重庆\n")
    watch = HotwordWatch(HotwordSettings(file=str(path)), patience_s=0.0, monotonic=lambda: now[0])
    disk = HungDisk(monkeypatch)

    told = []
    _ = watch.words
    for now[0] in (100.0, 104.9, 105.0):
        told.append(watch.complaint)
    disk.answers.set()

    assert told == ["", "", f"hotwords {path}: its disk does not answer; the hotwords before stay in use"]


def test_words_of_the_past_are_found_by_their_place() -> None:
    changes = [HotwordsChanged(100, ("昇腾 2.5",)), HotwordsChanged(200, ())]
    history = HotwordHistory(HotwordSettings(words=("重庆",)), changes)

    found = [history.words_from(start) for start in (0, 99, 100, 199, 200, 900)]
    assert found == [(Hotword("重庆"),)] * 2 + [(Hotword("昇腾", 2.5),)] * 2 + [(), ()]
    assert history.words_from(150) is history.words_from(160)


def test_a_word_of_the_past_that_would_be_refused_today_is_favoured_as_it_was() -> None:
    history = HotwordHistory(HotwordSettings(words=("李明,王 2",)), [HotwordsChanged(100, ("甲、乙",))])

    assert [history.words_from(start) for start in (0, 100)] == [(Hotword("李明,王", 2.0),), (Hotword("甲、乙"),)]
