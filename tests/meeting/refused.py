"""What tests of a store or a disk that refuses need."""

from __future__ import annotations

from streamer.archive.archive import Archive
from streamer.errors import RecordingError
from streamer.settings import Settings, load_settings
from streamer.types import Frame, FrameRun
from tests.meeting.material import STARTED


def impatient() -> Settings:
    return load_settings(overrides={"store": {"busy_ms": 50, "compress": False}})


def texts(data_dir) -> list[str]:
    store = Archive(data_dir).open_store(impatient())
    try:
        assert list(store.database.rows("PRAGMA integrity_check")) == [("ok",)]
        return [line.text for line in store.lines(STARTED.meeting_id)]
    finally:
        store.close()


class LostSound:
    """A recording that the disk refused to its end."""

    def append(self, sound: Frame | FrameRun) -> None:
        pass

    def sync(self) -> None:
        pass

    def read(self, start_sample: int, end_sample: int) -> bytes:
        return b""

    def drop_before(self, sample: int) -> None:
        pass

    def close(self) -> None:
        raise RecordingError("2.0 s of sound were not recorded")
