from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from streamer.code_pages import give_code_back
from tests.resident import resident_code

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
BESIDE_LOADING = """
import _ctypes, sys, threading
from streamer.code_pages import give_code_back
def load_again_and_again():
    for _ in range(2000):
        _ctypes.dlclose(_ctypes.dlopen(sys.argv[1], 2))
loading = threading.Thread(target=load_again_and_again)
loading.start()
while loading.is_alive():
    give_code_back()
"""


def test_code_that_does_not_run_takes_no_memory_any_more() -> None:
    expected = np.fft.rfft(np.arange(8.0))
    assert resident_code("_pocketfft_umath") > 0

    give_code_back()

    assert resident_code("_pocketfft_umath") == 0
    assert np.array_equal(np.fft.rfft(np.arange(8.0)), expected)


def test_libraries_that_another_thread_loads_meanwhile_are_no_danger() -> None:
    import _decimal  # noqa: PLC0415 - where it lies; the other process has not loaded it

    command = [sys.executable, "-c", BESIDE_LOADING, _decimal.__file__]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
