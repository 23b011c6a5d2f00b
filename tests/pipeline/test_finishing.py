from streamer.errors import RecognizerError
from streamer.pipeline.finishing import UnfailingFinisher
from streamer.types import Token

TOKENS = (Token("你", "ni3", 0, 1), Token("好", "hao3", 1, 2))


class Marking:
    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:
        return f"{before}|provisional"

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
        return f"{before}|final|{sentence_may_end}"


class Failing:
    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:
        raise RecognizerError("scripted")

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
        raise RecognizerError("scripted")


def test_what_works_is_passed_through() -> None:
    finisher = UnfailingFinisher(Marking())

    assert finisher.provisional(TOKENS, "a") == "a|provisional"
    assert finisher.final(TOKENS, "a", sentence_may_end=False) == "a|final|False"


def test_what_fails_gives_the_characters_in_a_row() -> None:
    finisher = UnfailingFinisher(Failing())

    assert finisher.provisional(TOKENS, "") == "你好"
    assert finisher.final(TOKENS, "", sentence_may_end=True) == "你好"
