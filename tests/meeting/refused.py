"""What tests of a store or a disk that refuses need."""

from __future__ import annotations

from streamer.archive.archive import Archive
from streamer.settings import Settings, load_settings
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
