import ctypes
import gc

import pytest

from streamer.asr.memory import ThriftyRecognizer, give_memory_back, loading
from streamer.errors import PackError
from streamer.types import EndReason, Utterance
from tests.fakes import SPEECH, ScriptedRecognizer


def test_memory_is_given_back_after_every_final() -> None:
    given: list[int] = []
    inner = ScriptedRecognizer()
    recognizer = ThriftyRecognizer(inner, lambda: given.append(len(inner.heard)))
    for number in (1, 2):
        recognizer.recognize(Utterance(number, 0, 0, 16_000, SPEECH * 50))
        recognizer.recognize(Utterance(number, 1, 0, 32_000, SPEECH * 100, EndReason.SILENCE))

    assert given == [2, 4]


def test_what_is_heard_is_what_the_recogniser_gives() -> None:
    utterance = Utterance(1, 0, 0, 32_000, SPEECH * 100, EndReason.SILENCE)

    assert ThriftyRecognizer(ScriptedRecognizer()).recognize(utterance) == ScriptedRecognizer().recognize(utterance)


def test_pythons_garbage_is_collected_after_every_thirty_second_final(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda: told.append("collected"))
    recognizer = ThriftyRecognizer(ScriptedRecognizer(), lambda: told.append("given back"))
    for number in range(1, 65):
        recognizer.recognize(Utterance(number, 0, 0, 16_000, SPEECH * 50))
        recognizer.recognize(Utterance(number, 1, 0, 32_000, SPEECH * 100, EndReason.SILENCE))

    assert told == [*(["given back"] * 31), "collected", "given back"] * 2


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


@pytest.fixture
def library() -> ctypes.CDLL:
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        pytest.skip("needs glibc 2.33 or newer")
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.argtypes, library.mallinfo2.restype = [ctypes.c_void_p], _Mallinfo2
    return library


def own_blocks(library: ctypes.CDLL, size: int) -> int:
    """How many of 64 blocks are the system's, once as many as 64 have filled the holes that others left on the heap."""
    before = library.mallinfo2().hblks
    fillers = [library.malloc(size) for _ in range(64)]
    filled = library.mallinfo2().hblks
    blocks = [library.malloc(size) for _ in range(64)]
    found = library.mallinfo2().hblks - filled
    for block in (*fillers, *blocks):
        library.free(block)
    assert library.mallinfo2().hblks == before
    return int(found)


def test_large_blocks_are_the_systems_own_even_after_larger_ones_came_and_went(library: ctypes.CDLL) -> None:
    with loading():
        library.free(library.malloc(16 << 20))  # from such a block on glibc would keep all smaller ones

    assert own_blocks(library, 2 << 20) == 64
    assert own_blocks(library, 768 << 10) == 0


def test_matrices_of_weights_are_the_systems_own_while_models_load(library: ctypes.CDLL) -> None:
    with loading():
        assert own_blocks(library, 768 << 10) > 0
        assert own_blocks(library, 64 << 10) == 0


def test_what_was_loaded_is_not_collected_again() -> None:
    try:
        with loading():
            pass

        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_matrices_come_from_the_heap_again_after_a_model_that_does_not_load(library: ctypes.CDLL) -> None:
    with pytest.raises(PackError), loading():
        raise PackError("no model")

    assert own_blocks(library, 768 << 10) == 0
