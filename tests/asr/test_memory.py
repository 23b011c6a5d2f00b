import ctypes

import pytest

from streamer.asr.memory import ThriftyRecognizer, give_memory_back, keep_memory_small
from streamer.types import EndReason, Utterance
from tests.fakes import SPEECH, ScriptedRecognizer


def test_memory_is_given_back_after_every_fourth_final() -> None:
    given: list[int] = []
    inner = ScriptedRecognizer()
    recognizer = ThriftyRecognizer(inner, lambda: given.append(len(inner.heard)))
    for number in range(1, 10):
        recognizer.recognize(Utterance(number, 0, 0, 16_000, SPEECH * 50))
        recognizer.recognize(Utterance(number, 1, 0, 32_000, SPEECH * 100, EndReason.SILENCE))

    assert given == [8, 16]


def test_what_is_heard_is_what_the_recogniser_gives() -> None:
    utterance = Utterance(1, 0, 0, 32_000, SPEECH * 100, EndReason.SILENCE)

    assert ThriftyRecognizer(ScriptedRecognizer()).recognize(utterance) == ScriptedRecognizer().recognize(utterance)


def test_giving_back_is_harmless_at_any_time() -> None:
    give_memory_back()
    give_memory_back()


class _Mallinfo2(ctypes.Structure):
    """As in glibc's <malloc.h>."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"
        )
    )  # fmt: skip


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="needs glibc 2.33 or newer")
def test_a_large_block_is_the_systems_own_even_after_larger_ones_came_and_went() -> None:
    library = ctypes.CDLL(None)
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.argtypes, library.mallinfo2.restype = [ctypes.c_void_p], _Mallinfo2
    keep_memory_small()
    library.free(library.malloc(16 << 20))  # from such a block on glibc would keep all smaller ones
    before = library.mallinfo2().hblks

    block = library.malloc(2 << 20)

    assert library.mallinfo2().hblks == before + 1
    library.free(block)
    assert library.mallinfo2().hblks == before
