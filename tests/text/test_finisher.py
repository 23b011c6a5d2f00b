from __future__ import annotations

from collections.abc import Sequence

from streamer.settings.text import TextSettings
from streamer.text.finisher import CaptionFinisher, pauses_after
from streamer.text.names import names_pattern
from streamer.text.punctuation import Ending, Punctuator
from streamer.types import Token


class ScriptedPunctuator(Punctuator):
    """A full stop at the end of what may end, a comma after 好."""

    def __init__(self) -> None:
        self.context: list[str] = []
        self.pauses: list[float] = []

    def marks(
        self,
        characters: Sequence[str],
        ending: Ending,
        *,
        context: Sequence[str] = (),
        pauses: Sequence[float] | None = None,
    ) -> list[str]:
        self.context = list(context)
        self.pauses = list(pauses or ())
        marks = ["，" if character == "好" else "" for character in characters]
        if ending == "silence":
            marks[-1] = "。"
        return marks


def tokens(text: str) -> tuple[Token, ...]:
    return tuple(Token(character, "hao3", 0, 0) for character in text)


def test_final_gets_marks_and_numbers() -> None:
    finisher = CaptionFinisher(ScriptedPunctuator())

    assert finisher.final(tokens("好一共二十五个"), "", sentence_may_end=True) == "好，一共25个。"


def test_forced_cut_gets_no_mark_at_its_end() -> None:
    assert CaptionFinisher(ScriptedPunctuator()).final(tokens("好大家"), "", sentence_may_end=False) == "好，大家"


def test_a_number_that_a_forced_cut_parts_stays_as_it_was_said() -> None:
    finisher = CaptionFinisher(ScriptedPunctuator())

    assert finisher.final(tokens("好六十人一百二十"), "", sentence_may_end=False) == "好，60人一百二十"
    assert finisher.final(tokens("五万个好六十人"), "好，60人一百二十", sentence_may_end=True) == "五万个好，60人。"


def test_a_number_at_the_end_is_written_where_silence_ends_it() -> None:
    finisher = CaptionFinisher(None)

    assert finisher.final(tokens("一百二十"), "", sentence_may_end=True) == "120"
    assert finisher.final(tokens("一百二十"), "", sentence_may_end=False) == "一百二十"


def test_nothing_said_is_nothing_written() -> None:
    assert CaptionFinisher(None, names_at=lambda _: None).final((), "大家好", sentence_may_end=True) == ""
    assert pauses_after(()) == []


def test_names_that_are_listed_for_the_utterance_keep_their_numerals() -> None:
    names = names_pattern(["十八里店"])
    finisher = CaptionFinisher(ScriptedPunctuator(), names_at=lambda start: names if start == 0 else None)

    assert finisher.final(tokens("好十八里店十八个"), "", sentence_may_end=False) == "好，十八里店18个"
    assert finisher.final((Token("好", "hao3", 1, 1), *tokens("十八里店")), "", sentence_may_end=False) == "好，18里店"


def test_provisional_text_keeps_spoken_numbers() -> None:
    assert CaptionFinisher(ScriptedPunctuator()).provisional(tokens("好二十五"), "") == "好，二十五"


def test_text_before_is_context_without_its_marks() -> None:
    punctuator = ScriptedPunctuator()
    CaptionFinisher(punctuator).final(tokens("好"), "大家好，OK。", sentence_may_end=True)

    assert punctuator.context == list("大家好OK")


def test_pack_without_punctuation_still_writes_numbers() -> None:
    assert CaptionFinisher(None).final(tokens("二十五个"), "", sentence_may_end=True) == "25个"


def test_numbers_can_stay_as_spoken() -> None:
    assert (
        CaptionFinisher(None, TextSettings(numbers=False)).final(tokens("二十五"), "", sentence_may_end=True)
        == "二十五"
    )


def test_tokens_without_a_character_are_left_out() -> None:
    assert CaptionFinisher(None).final((Token("", "hao3", 0, 0), *tokens("好")), "", sentence_may_end=True) == "好"


def test_marks_can_be_left_out() -> None:
    finisher = CaptionFinisher(ScriptedPunctuator(), TextSettings(punctuation=False))

    assert finisher.final(tokens("好一共二十五个"), "", sentence_may_end=True) == "好一共25个"


def at(*spans_ms: tuple[int, int]) -> list[Token]:
    return [Token("好", "hao3", start * 16, end * 16) for start, end in spans_ms]


def test_a_pause_is_what_is_longer_than_usual() -> None:
    assert pauses_after(at((0, 40), (200, 240), (400, 440), (1000, 1040), (1200, 1240))) == [0, 0, 0.4, 0, 0]


def test_a_little_longer_than_usual_is_no_pause() -> None:
    assert pauses_after(at((0, 40), (200, 240), (500, 540), (700, 740))) == [0.0] * 4


def test_times_spread_evenly_show_no_pause() -> None:
    assert pauses_after(at((0, 500), (500, 1000), (1000, 1500))) == [0.0] * 3


def test_one_token_has_no_pause() -> None:
    assert pauses_after(at((0, 40))) == [0.0]


def test_the_model_is_told_of_pauses() -> None:
    punctuator = ScriptedPunctuator()
    CaptionFinisher(punctuator).final(
        tuple(at((0, 40), (200, 240), (1400, 1440), (1600, 1640))), "", sentence_may_end=True
    )

    assert punctuator.pauses == [0, 1.0, 0, 0]
