"""The ``streamer`` program, and ``python -m streamer``."""

from __future__ import annotations

import signal

from streamer.descriptors import fill_standard_descriptors
from streamer.one_thread import compute_in_one_thread


def main() -> None:
    """Load and run the command line; Ctrl-C while it loads ends the program without a word."""
    fill_standard_descriptors()
    compute_in_one_thread()
    is_heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not where a parent had it ignored
    if is_heeded:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from streamer.cli import main as run  # noqa: PLC0415 - loading is what may be interrupted

    if is_heeded:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
