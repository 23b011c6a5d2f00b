from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from streamer.system.code_pages import give_code_back, unwritten
from tests.resident import resident_code

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
MAPPINGS = b"""\
10000-11000 r--p 00000000 fe:00 1 /lib/a.so
Anonymous: 0 kB
Swap: 0 kB
11000-12000 r-xp 00001000 fe:00 1 /lib/a.so
Anonymous: 0 kB
Swap: 0 kB
12000-13000 r--p 00002000 fe:00 1 /lib/a.so
Anonymous: 4 kB
Swap: 0 kB
13000-14000 r--p 00003000 fe:00 1 /lib/a.so
Anonymous: 0 kB
Swap: 4 kB
14000-15000 rw-p 00004000 fe:00 1 /lib/a.so
Anonymous: 0 kB
Swap: 0 kB
"""
BESIDE_LOADING = """
import _ctypes, sys, threading
from streamer.system.code_pages import give_code_back
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


def test_what_the_loader_wrote_stays_even_where_it_is_swapped_out() -> None:
    assert unwritten(MAPPINGS.splitlines()) == {b"/lib/a.so": [(0x10000, 0x11000), (0x11000, 0x12000)]}


def test_libraries_that_another_thread_loads_meanwhile_are_no_danger() -> None:
    import _decimal  # noqa: PLC0415 - where it lies; the other process has not loaded it

    command = [sys.executable, "-c", BESIDE_LOADING, _decimal.__file__]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
