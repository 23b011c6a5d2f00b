from streamer.asr.memory import ThriftyRecognizer, give_memory_back
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
