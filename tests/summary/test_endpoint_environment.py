from __future__ import annotations

import subprocess

import pytest

from streamer.errors import SettingsError, SummaryError
from streamer.settings.summary import SummarySettings
from streamer.summary.endpoint import ChatEndpoint
from tests.summary.asking import ask, says
from tests.summary.server import chat_server


def test_without_a_key_none_is_sent(monkeypatch):
    monkeypatch.delenv("STREAMER_SUMMARY_KEY", raising=False)
    with chat_server(says("好")) as server:
        ask(server)
    assert "Authorization" not in server.headers[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base_url": "localhost:11434"}, "expected something like http://localhost:11434/v1"),
        ({"base_url": "file:///etc/passwd"}, "expected something like"),
        ({"base_url": "http://[::1/v1"}, "expected something like"),
        ({"base_url": "http://localhost:ollama/v1"}, "expected something like"),
        ({"base_url": "http://模型..中国/v1"}, "expected something like"),
        ({"base_url": "http://local\x01host/v1"}, "expected something like"),
        ({"model": ""}, "model is empty"),
    ],
)
def test_wrong_settings_are_refused(changes, message):
    with pytest.raises(SettingsError, match=message):
        ChatEndpoint(SummarySettings(**{"base_url": "http://localhost/v1", "model": "m", **changes}))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("all_proxy", "socks5://127.0.0.1:1080"),
        ("https_proxy", "tcp://127.0.0.1:1"),
        ("https_proxy", "http://127.0.0.1:proxy"),
        ("SSL_CERT_FILE", "/nowhere/certificates.pem"),
    ],
)
def test_a_proxy_or_certificates_of_the_environment_that_cannot_be_used_are_named(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=r"that the environment names cannot be used \(.+\); unset or correct"):
        ChatEndpoint(SummarySettings(base_url="https://models.example/v1", model="m"))


def test_an_endpoint_on_this_machine_is_asked_without_a_proxy(monkeypatch):
    for variable in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(variable, "socks5://127.0.0.1:1")
    with chat_server(says("好")) as server:
        assert ask(server)[0] == "好"


def test_a_key_read_from_a_file_may_end_in_a_line_break(monkeypatch):
    monkeypatch.setenv("STREAMER_SUMMARY_KEY", "secret\r\n")
    with chat_server(says("好")) as server:
        ask(server)
    assert server.headers[0]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("key", ["密钥", "sk-\udcff", "one\ntwo"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(monkeypatch, key):
    monkeypatch.setenv("STREAMER_SUMMARY_KEY", key)
    with pytest.raises(SettingsError, match="the key in STREAMER_SUMMARY_KEY holds what no key may") as refused:
        ChatEndpoint(SummarySettings(base_url="http://localhost/v1", model="m"))
    assert key not in str(refused.value)


@pytest.fixture
def certificate(tmp_path):
    """One made at home, and its key, in one file."""
    pem = tmp_path / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += [
        "-keyout",
        pem,
        "-out",
        tmp_path / "cert.pem",
        "-subj",
        "/CN=x",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]
    subprocess.run(command, check=True, capture_output=True)
    with pem.open("ab") as both:
        both.write((tmp_path / "cert.pem").read_bytes())
    return pem


def test_a_certificate_made_at_home_is_trusted_where_the_environment_names_it(certificate, monkeypatch):
    with chat_server(says("好"), certificate=certificate) as server:
        with pytest.raises(SummaryError) as refused:
            ask(server, retries=5)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert ask(server) == ("好", [])
    message = str(refused.value)
    assert message.startswith(
        f"the certificate of {server.url}/chat/completions is not trusted ([SSL: CERTIFICATE_VERIFY"
    )
    assert message.endswith("where it was made at home, name its file in the environment variable SSL_CERT_FILE")


def test_a_server_without_tls_is_told_as_such():
    with chat_server(says("好")) as server, pytest.raises(SummaryError, match=r"speaks no TLS; write http:// in"):
        ask(server, base_url=server.url.replace("http://", "https://"), retries=5)
