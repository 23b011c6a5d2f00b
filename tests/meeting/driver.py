"""A process that runs a meeting, to be killed: ``python -m tests.meeting.driver DATA_DIR MEETING_ID SECONDS``.

Prints ``POSITION n`` after each appended frame and ``FINAL n`` once the n-th final is durable: what a sink could show.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from streamer.archive.journals import open_meeting
from streamer.settings import load_settings
from streamer.types import MeetingEnded
from tests.meeting.material import START, STARTED, final, frame

FINAL_SECONDS = 0.4
"""Distance of two finals in the meeting, which runs as fast as the disk allows."""


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(data_dir: str, meeting_id: str, seconds: str) -> None:
    """Run the meeting to its end."""
    settings = load_settings(overrides={"store": {"piece_s": 5}})
    journal = open_meeting(settings, Path(data_dir), replace(STARTED, meeting_id=meeting_id))
    frames = int(float(seconds) * 50)
    every = int(FINAL_SECONDS * 50)
    for number in range(frames):
        journal.append(frame(number))
        say(f"POSITION {(number + 1) * 320}")
        if (number + 1) % every == 0:
            count = (number + 1) // every
            journal.record(final(count, f"第{count}句。", (count - 1) * FINAL_SECONDS, count * FINAL_SECONDS))
            say(f"FINAL {count}")
    journal.record(MeetingEnded(frames * 320, START + timedelta(seconds=float(seconds))))
    journal.close()
    say("CLOSED")


if __name__ == "__main__":
    main(*sys.argv[1:])
