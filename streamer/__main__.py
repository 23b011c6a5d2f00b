"""The ``streamer`` program, and ``python -m streamer``."""

from __future__ import annotations

from streamer.descriptors import fill_standard_descriptors, write_errors_without_a_lock
from streamer.one_thread import compute_in_one_thread
from streamer.signals import end_at_signals


def main() -> None:
    """Load and run the command line."""
    end_at_signals()
    fill_standard_descriptors()
    write_errors_without_a_lock()
    compute_in_one_thread()
    from streamer.cli import main as run  # noqa: PLC0415 - loading is what may be interrupted

    run()


if __name__ == "__main__":
    main()
