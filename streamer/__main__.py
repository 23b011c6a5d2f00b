"""The ``streamer`` program, and ``python -m streamer``."""

from __future__ import annotations

import sys

from streamer.system.descriptors import fill_standard_descriptors, write_errors_without_a_lock
from streamer.system.one_thread import compute_in_one_thread


def main() -> None:
    """Load and run the command line."""
    if sys.platform == "win32":  # lacks signals, terminals and locks that are asked for as soon as modules load
        sys.stderr.write("streamer: runs on Linux; on Windows install it in WSL 2\n")
        sys.exit(2)
    from streamer.system.signals import end_at_signals  # noqa: PLC0415 - as above

    end_at_signals()
    fill_standard_descriptors()
    write_errors_without_a_lock()
    compute_in_one_thread()
    from streamer.cli import main as run  # noqa: PLC0415 - loading is what may be interrupted

    run()


if __name__ == "__main__":
    main()
