"""Arrays in one file, in numpy's format ``npz``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt


def save_arrays(file: Path | BinaryIO, arrays: Mapping[str, npt.NDArray[Any]], *, compressed: bool = False) -> None:
    """Write arrays by their names, for ``numpy.load``; a path that does not end so gets the ending ``.npz``.

    Raises:
        OSError: the disk refuses.
    """
    write: Any = np.savez_compressed if compressed else np.savez
    # Nothing but arrays: to numpy before 2.2 ``allow_pickle`` is one more of them, and is written into the file.
    write(file, **arrays)
