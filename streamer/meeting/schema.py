"""The tables of the meeting store."""

from __future__ import annotations

APPLICATION_ID = 0x5354524D
"""``STRM``: marks the file as ours."""

VERSION_1 = """
CREATE TABLE meetings (
    id            TEXT PRIMARY KEY,          -- 20261120T143000Z-3f9a, sorts by time
    title         TEXT NOT NULL,
    room          TEXT NOT NULL,
    device        TEXT NOT NULL,             -- what was listened to
    pack          TEXT NOT NULL,             -- name and version of the model pack
    settings      TEXT NOT NULL,             -- JSON: what recovery decodes with
    program       TEXT NOT NULL,             -- version of streamer
    started_at    TEXT NOT NULL,             -- ISO 8601, UTC
    utc_offset_s  INTEGER NOT NULL,          -- local time where it was held, seconds east of UTC
    folder        TEXT NOT NULL UNIQUE,      -- name inside meetings/
    audio         TEXT NOT NULL CHECK (audio IN ('kept', 'passing', 'deleted')),  -- passing: only until it is captioned
    ended_at      TEXT,                      -- NULL: running or interrupted
    end_sample    INTEGER
) WITHOUT ROWID;

CREATE TABLE segments (
    number        INTEGER PRIMARY KEY,       -- key of the search index
    meeting_id    TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    id            INTEGER NOT NULL,          -- counts within the meeting; never used twice
    revision      INTEGER NOT NULL,
    start_sample  INTEGER NOT NULL,
    end_sample    INTEGER NOT NULL,
    started_at    TEXT NOT NULL,
    text          TEXT NOT NULL,             -- written form
    spoken        TEXT NOT NULL,
    confidence    REAL,                      -- mean over its tokens
    end_reason    TEXT,
    pack          TEXT NOT NULL,
    tokens        TEXT NOT NULL,             -- JSON: [text, syllable, start_sample, end_sample, score, confidence] each
    UNIQUE (meeting_id, id)
);
CREATE INDEX segments_by_position ON segments (meeting_id, start_sample);
CREATE INDEX segments_with_text ON segments (meeting_id) WHERE text <> '';  -- counts lines without reading them

CREATE TABLE edits (                         -- what a person wrote; no machine result replaces it
    meeting_id    TEXT NOT NULL,
    segment_id    INTEGER NOT NULL,
    start_sample  INTEGER NOT NULL,          -- the range it owns
    end_sample    INTEGER NOT NULL,
    text          TEXT NOT NULL,
    edited_at     TEXT NOT NULL,
    PRIMARY KEY (meeting_id, segment_id),
    FOREIGN KEY (meeting_id, segment_id) REFERENCES segments (meeting_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE moments (                       -- marks, gaps, pauses
    number        INTEGER PRIMARY KEY,
    meeting_id    TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    kind          TEXT NOT NULL CHECK (kind IN ('mark', 'gap', 'pause', 'resume')),
    at_sample     INTEGER NOT NULL,
    at            TEXT NOT NULL,             -- ISO 8601, UTC
    seconds       REAL NOT NULL DEFAULT 0,   -- how long a gap was
    text          TEXT NOT NULL DEFAULT ''   -- a mark's note, a gap's reason
);
CREATE INDEX moments_by_position ON moments (meeting_id, at_sample);

CREATE TABLE summaries (
    meeting_id    TEXT PRIMARY KEY REFERENCES meetings (id) ON DELETE CASCADE,
    made_at       TEXT NOT NULL,
    source        TEXT NOT NULL,             -- the model, or the library that picked sentences
    text          TEXT NOT NULL,             -- as it stands in the minutes
    body          TEXT NOT NULL              -- JSON, for programs
) WITHOUT ROWID;

CREATE TABLE outbox (                        -- finals that the MQTT broker has not confirmed
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting_id    TEXT NOT NULL,
    topic         TEXT NOT NULL,
    payload       BLOB NOT NULL,
    created_at    TEXT NOT NULL,
    state         TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'parked')),
    reason        TEXT NOT NULL DEFAULT ''   -- why it was parked
);
CREATE INDEX outbox_waiting ON outbox (state, id);

-- Characters separated by spaces, so that queries of one and two characters are found (see traps.md).
CREATE VIRTUAL TABLE spoken_and_written USING fts5 (written, spoken, content = '', tokenize = 'unicode61');
"""
"""The first tables."""

VERSION_2 = """
ALTER TABLE outbox ADD COLUMN broker TEXT NOT NULL DEFAULT '';  -- host:port; empty: any, in stores older than this
"""
"""Messages wait for one broker."""

VERSION_3 = """
CREATE TABLE hotword_changes (               -- what was favoured from a position on; before the first: see settings
    number        INTEGER PRIMARY KEY,
    meeting_id    TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    at_sample     INTEGER NOT NULL,
    words         TEXT NOT NULL              -- JSON: all of them, each with its weight
);
CREATE INDEX hotword_changes_by_meeting ON hotword_changes (meeting_id, number);
"""
"""Recovery favours what the live meeting did."""

VERSION_4 = """
ALTER TABLE meetings ADD COLUMN announced INTEGER NOT NULL DEFAULT 0;  -- messages put into the outbox so far
UPDATE meetings SET announced = (SELECT count(*) FROM segments WHERE meeting_id = meetings.id) WHERE ended_at IS NULL;
CREATE INDEX meetings_unended ON meetings (room) WHERE ended_at IS NULL;
"""
"""Finals are counted as they are announced; a meeting that an older streamer left open goes on after those it has."""
