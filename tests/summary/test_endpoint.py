from __future__ import annotations

import socket

import pytest

from streamer.errors import SummaryError
from streamer.settings.summary import SummarySettings
from streamer.summary.endpoint import MAX_ANSWER_BYTES, ChatEndpoint
from tests.summary.asking import ASKED, ask, failing, says
from tests.summary.server import Visit, chat_server


def test_the_request_follows_the_openai_format(monkeypatch):
    monkeypatch.setenv("STREAMER_SUMMARY_KEY", "secret")
    with chat_server(says("好")) as server:
        assert ask(server) == ("好", [])
    (body,), (headers,) = server.bodies, server.headers
    assert headers["path"] == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert (body["model"], body["messages"], body["stream"]) == ("qwen", ASKED, False)
    assert body["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_knows_no_response_format_is_asked_without(status):
    with chat_server(failing(status, b"unknown field"), says("好")) as server:
        assert ask(server)[0] == "好"
    assert "response_format" not in server.bodies[1]


def test_a_model_that_takes_no_temperature_is_asked_without():
    refusal = failing(400, b'{"error": {"message": "Unsupported value: \'temperature\' does not support 0.2"}}')
    with chat_server(refusal, says("好"), says("行")) as server:
        endpoint = ChatEndpoint(server.settings())
        assert [endpoint.ask(ASKED), endpoint.ask(ASKED)] == ["好", "行"]
        endpoint.close()
    assert ["temperature" in body for body in server.bodies] == [True, False, False]
    assert ["response_format" in body for body in server.bodies] == [True, True, True]


def test_a_request_that_is_refused_for_another_reason_is_not_repeated_for_ever():
    with chat_server(failing(400, b"too long")) as server:
        with pytest.raises(SummaryError, match="answered 400: too long"):
            ask(server)
        assert len(server.bodies) == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_may_pass_is_tried_again(status):
    with chat_server(failing(status), failing(status), says("好")) as server:
        assert ask(server, retries=2) == ("好", [1.0, 2.0])


@pytest.mark.parametrize(
    ("wanted", "waited"), [("3", 3.0), ("100000", 5.0), ("Sun, 29 Nov 2026 13:00:00 GMT", 1.0), ("-1", 1.0), ("٣", 1.0)]
)
def test_a_server_that_wants_to_be_left_alone_for_a_while_is(wanted, waited):
    busy = lambda visit: visit.answer(429, b"slow down", **{"Retry-After": wanted})  # noqa: E731
    with chat_server(busy, says("好")) as server:
        assert ask(server, timeout_s=5) == ("好", [waited])


def test_retries_end():
    with chat_server(failing(503)) as server:
        with pytest.raises(SummaryError, match=r"answered 503: busy; try again later"):
            ask(server, retries=3)
        assert len(server.bodies) == 4


@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "set the key in the environment variable STREAMER_SUMMARY_KEY"), (404, "check .summary. base_url")],
)
def test_what_will_not_pass_is_not_tried_again(status, advice):
    with chat_server(failing(status)) as server:
        with pytest.raises(SummaryError, match=advice):
            ask(server)
        assert len(server.bodies) == 1


def test_where_an_address_has_moved_to_is_said():
    moved = lambda visit: visit.answer(301, b"", Location="https://ann:secret@elsewhere/v1/chat/completions")  # noqa: E731
    with chat_server(moved) as server, pytest.raises(SummaryError) as refused:
        ask(server)
    assert str(refused.value) == (
        f"{server.url}/chat/completions answered 301: nothing; it points to https://elsewhere/v1/chat/completions: set "
        "[summary] base_url so, without /chat/completions"
    )


def test_a_password_in_the_address_is_sent_and_never_shown():
    with chat_server(failing(401, b"no")) as server, pytest.raises(SummaryError) as refused:
        ask(server, base_url=server.url.replace("http://", "http://ann:secret@"))
    assert server.headers[0]["Authorization"] == "Basic YW5uOnNlY3JldA=="
    assert str(refused.value) == (
        f"{server.url}/chat/completions answered 401: no; set the key in the environment variable STREAMER_SUMMARY_KEY"
    )


def test_a_server_that_is_down_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        endpoint = ChatEndpoint(SummarySettings(base_url=url, model="m", retries=1), sleep=lambda seconds: None)
        with pytest.raises(SummaryError, match=r"cannot reach http://127.*Connection refused; is the server running\?"):
            endpoint.ask(ASKED)
        endpoint.close()


def hang(visit: Visit) -> None:
    visit.released.wait(30)


def drip(visit: Visit) -> None:
    """One byte now and then: no single read is slow."""
    visit.handler.send_response(200)
    visit.handler.end_headers()
    while not visit.released.wait(0.05):
        visit.handler.wfile.write(b" ")
        visit.handler.wfile.flush()


def drip_headers(visit: Visit) -> None:
    visit.handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not visit.released.wait(0.05):
        visit.handler.wfile.write(b"a")


@pytest.mark.parametrize("act", [hang, drip, drip_headers])
def test_a_slow_server_is_given_up(act):
    with chat_server(act) as server, pytest.raises(SummaryError, match=r"did not answer within 1 s; raise"):
        ask(server, timeout_s=1, retries=0)


def test_a_server_that_takes_no_connection_in_time_is_named():
    with socket.create_server(("127.0.0.1", 0)) as silent:  # never answers the greeting of TLS
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/v1"
        endpoint = ChatEndpoint(SummarySettings(base_url=url, model="m", retries=0, timeout_s=1))
        with pytest.raises(SummaryError, match=rf"cannot reach {url}/chat/completions within 1 s; is the server"):
            endpoint.ask(ASKED)
        endpoint.close()


def cut_off(visit: Visit) -> None:
    visit.handler.send_response(200)
    visit.handler.send_header("Content-Length", "1000")
    visit.handler.end_headers()
    visit.handler.wfile.write(b'{"choices"')
    visit.handler.close_connection = True


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (cut_off, "cannot reach"),
        (lambda visit: visit.answer(200, b"<html>hello</html>"), r"no known form \(<html>hello</html>\)"),
        (lambda visit: visit.answer(200, b'{"choices": []}'), "no known form"),
        (lambda visit: visit.answer(200, b'{"choices": 5}'), "no known form"),
        (lambda visit: visit.answer(200, b"[" * 100_000), "no known form"),
        (lambda visit: visit.answer(200, b"\xff\xfe\x00"), "no known form"),
        (says(None), "without text"),
        (says(["a"]), "without text"),
        (says([{"type": "thinking", "thinking": []}]), "without text"),
        (lambda visit: visit.answer(200, b" " * (MAX_ANSWER_BYTES + 1)), "more than 1000000 bytes"),
        (lambda visit: visit.answer(200, b"not gzip", **{"Content-Encoding": "gzip"}), "no known form"),
        (lambda visit: visit.answer(302, b"", Location="http://127.0.0.1:1/steal"), "answered 302"),
    ],
)
def test_broken_and_hostile_answers_are_errors(act, message):
    with chat_server(act) as server, pytest.raises(SummaryError, match=message):
        ask(server, retries=0)


def test_the_text_of_an_answer_in_parts_is_taken():
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "想"}]}, {"type": "text", "text": "好"}]
    with chat_server(says(parts)) as server:
        assert ask(server) == ("好", [])


def test_half_a_surrogate_pair_in_an_answer_becomes_a_question_mark():
    with chat_server(says("\ud800好")) as server:
        assert ask(server) == ("?好", [])
