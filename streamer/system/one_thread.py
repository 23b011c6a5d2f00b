"""Products of matrices in the thread that asks for them, as all else that is computed."""

from __future__ import annotations

import os


def compute_in_one_thread() -> None:
    """Keep numpy's OpenBLAS from threads of its own, unless the environment says how many; before numpy is imported.

    Ours are small: a pool's threads spin between them, and take three to ten times the processor time from other
    rooms.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
