from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamer.arrays import save_arrays


@pytest.mark.parametrize(("compressed", "writer"), [(False, "savez"), (True, "savez_compressed")])
def test_numpy_before_2_2_writes_the_arrays_and_no_more(
    compressed: bool, writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def older(file: Path, *args: Any, **kwds: Any) -> None:
        written[file] = kwds

    written: dict[Path, dict[str, Any]] = {}
    monkeypatch.setattr(np, writer, older)
    ids = np.arange(3)

    save_arrays(tmp_path / "ids.npz", {"ids": ids}, compressed=compressed)

    assert written == {tmp_path / "ids.npz": {"ids": ids}}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    save_arrays(tmp_path / "ids.npz", {"ids": np.arange(3)}, compressed=True)

    with np.load(tmp_path / "ids.npz", allow_pickle=False) as read:
        assert {name: read[name].tolist() for name in read.files} == {"ids": [0, 1, 2]}
