import ctypes
import gc
import subprocess
import sys

import pytest

from streamer.system.memory import Thrift, give_memory_back, loading


def test_pythons_garbage_is_collected_after_every_64th_time(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda: told.append("collected"))
    thrift = Thrift(lambda: told.append("given back"))
    for _ in range(128):
        thrift()

    assert told == [*(["given back"] * 63), "collected", "given back"] * 2


def test_giving_back_is_harmless_at_any_time() -> None:
    give_memory_back()
    give_memory_back()


def test_giving_back_leaves_nothing_behind() -> None:
    """A library that is opened anew has a class for its functions, in a cycle that a full collection alone finds."""
    give_memory_back()
    gc.collect()
    for _ in range(3):
        give_memory_back()

    assert gc.collect() == 0


class _Mallinfo2(ctypes.Structure):
    """As in glibc's <malloc.h>."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"
        )
    )  # fmt: skip


def c_library() -> ctypes.CDLL:
    library = ctypes.CDLL(None)
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.argtypes, library.mallinfo2.restype = [ctypes.c_void_p], _Mallinfo2
    return library


@pytest.fixture
def library() -> ctypes.CDLL:
    if not hasattr(ctypes.CDLL(None), "mallinfo2"):
        pytest.skip("needs glibc 2.33 or newer")
    return c_library()


GROWING = """
import threading

from streamer.system.memory import give_memory_back, loading
from tests.system.test_memory import c_library

library = c_library()

def work():
    blocks = [None] * 96  # grown one by one, the list itself would come to lie behind some
    give_memory_back()
    before = library.mallinfo2().arena
    for number in range(96):
        blocks[number] = library.malloc(8 << 10)
    for block in blocks:
        library.free(block)
    kept = library.mallinfo2().arena - before
    give_memory_back()
    print(kept, library.mallinfo2().arena - before)

with loading():
    pass
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.usefixtures("library")
def test_the_end_of_a_threads_heap_is_given_back() -> None:
    """Less than the threshold from which glibc would do so itself, and nothing that it finds between blocks.

    In a process of its own: a thread inherits the heap of one that has ended, and the blocks would lie in its holes.
    """
    done = subprocess.run([sys.executable, "-c", GROWING], stdout=subprocess.PIPE, timeout=60, check=True)

    kept, left = map(int, done.stdout.split())
    assert kept > 512 << 10
    assert left <= 128 << 10  # what glibc keeps in hand


def own_blocks(size: int) -> int:
    """How many of 64 blocks are the system's, once as many as 64 have filled the holes that others left on the heap."""
    library = c_library()
    before = library.mallinfo2().hblks
    fillers = [library.malloc(size) for _ in range(64)]
    filled = library.mallinfo2().hblks
    blocks = [library.malloc(size) for _ in range(64)]
    found = library.mallinfo2().hblks - filled
    for block in (*fillers, *blocks):
        library.free(block)
    assert library.mallinfo2().hblks == before
    return int(found)


def printed(code: str) -> list[int]:
    """What a process of its own prints: the heap of one that has run other tests may have room for all blocks."""
    program = f"""
from streamer.errors import PackError
from streamer.system.memory import keep_what_is_free, loading
from tests.system.test_memory import c_library, own_blocks

{code}
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, timeout=60, check=True)
    return [int(word) for word in done.stdout.split()]


LARGER_ONES = """
with loading():
    c_library().free(c_library().malloc(16 << 20))  # from such a block on glibc would keep all smaller ones
print(own_blocks(2 << 20), own_blocks(768 << 10))
"""


@pytest.mark.usefixtures("library")
def test_large_blocks_are_the_systems_own_even_after_larger_ones_came_and_went() -> None:
    assert printed(LARGER_ONES) == [64, 0]


WHILE_LOADING = """
with loading():
    print(own_blocks(768 << 10), own_blocks(64 << 10))
"""


@pytest.mark.usefixtures("library")
def test_matrices_of_weights_are_the_systems_own_while_models_load() -> None:
    assert printed(WHILE_LOADING) == [64, 0]


NOT_LOADED = """
try:
    with loading():
        raise PackError("no model")
except PackError:
    print(own_blocks(768 << 10))
"""


@pytest.mark.usefixtures("library")
def test_matrices_come_from_the_heap_again_after_a_model_that_does_not_load() -> None:
    assert printed(NOT_LOADED) == [0]


KEPT = """
with loading():
    pass
keep_what_is_free()
print(own_blocks(2 << 20))
"""


@pytest.mark.usefixtures("library")
def test_large_blocks_come_from_the_heap_for_what_decodes_one_utterance_after_another() -> None:
    assert printed(KEPT) == [0]


def test_what_was_loaded_is_not_collected_again() -> None:
    try:
        with loading():
            pass

        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
