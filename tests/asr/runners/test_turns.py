"""One thread at a time, except where a turn is given up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from streamer.asr.runners.turns import given_up, taken


def test_a_turn_is_one_thread_s_until_it_ends() -> None:
    turn = threading.Lock()

    with taken(turn):
        assert turn.locked()

    assert not turn.locked()


def test_another_thread_has_the_turn_while_it_is_given_up() -> None:
    turn = threading.Lock()

    def other() -> str:
        with taken(turn):
            return "had it"

    with ThreadPoolExecutor(1) as threads, taken(turn):
        with given_up():
            assert threads.submit(other).result() == "had it"
        assert turn.locked()


def test_a_turn_is_taken_again_where_a_model_fails() -> None:
    turn = threading.Lock()

    with taken(turn):
        with pytest.raises(ValueError, match="broken"), given_up():
            raise ValueError("broken")
        assert turn.locked()


def test_a_thread_without_a_turn_gives_none_up() -> None:
    turn = threading.Lock()

    with turn, given_up():
        assert turn.locked()


def test_what_was_taken_is_not_given_up_after_its_end() -> None:
    turn = threading.Lock()

    with taken(turn):
        pass

    with turn, given_up():
        assert turn.locked()
