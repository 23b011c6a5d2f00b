from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from streamer.settings.summary import SummarySettings
from streamer.summary.endpoint import MAX_ANSWER_BYTES, ChatEndpoint
from streamer.summary.extract import _import_sumy
from streamer.system.installation import install_command
from tests.brokers import free_port
from tests.meeting.kept import hold
from tests.meeting.material import STARTED, final
from tests.sinks.failures.failing import chinese, command
from tests.summary.asking import ASKED, ask, failing, says
from tests.summary.server import Act, chat_server
from tests.summary.test_endpoint import cut_off, hang


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (failing(401), " 应答 401：busy；请把密钥放进环境变量 STREAMER_SUMMARY_KEY"),
        (failing(403), " 应答 403：busy；STREAMER_SUMMARY_KEY 中的密钥没有权限"),
        (failing(404), " 应答 404：busy；请检查 [summary] 的 base_url 和 model"),
        (failing(418), " 应答 418：busy；请检查设置中的 [summary]"),
        (failing(503), " 应答 503：busy；请稍后再试"),
        (
            lambda visit: visit.answer(302, b"", Location="http://a/v2/chat/completions"),
            (
                " 应答 302：nothing；它指向 http://a/v2/chat/completions：请照此设置 [summary] base_url，"
                "不带 /chat/completions"
            ),
        ),
        (lambda visit: visit.answer(200, b"<html>"), " 的应答格式不对（<html>）；它与 OpenAI 兼容吗？"),
        (says(None), " 的应答中没有文字；它是对话模型吗？允许的应答够长吗？"),
        (lambda visit: visit.answer(200, b" " * (MAX_ANSWER_BYTES + 1)), " 的应答超过 1000000 字节"),
        (
            hang,
            " 在 1 秒内没有应答；请调高 [summary] timeout_s，调低 part_characters，或换小一些的模型",
        ),
    ],
)
def test_what_an_endpoint_answers(act: Act, told: str) -> None:
    with chat_server(act) as server:
        said = chinese(lambda: ask(server, retries=0, timeout_s=1))

    assert said == f"{server.url}/chat/completions{told}"


def test_an_answer_that_breaks_off() -> None:
    with chat_server(cut_off) as server:
        said = chinese(lambda: ask(server, retries=0))

    assert said.startswith(f"连不上 {server.url}/chat/completions：peer closed connection")
    assert said.endswith("；服务在运行吗？（[summary] base_url）")


def test_an_answer_that_is_damaged() -> None:
    with chat_server(lambda visit: visit.answer(200, b"no gzip", **{"Content-Encoding": "gzip"})) as server:
        said = chinese(lambda: ask(server, retries=0))

    assert said.startswith(f"{server.url}/chat/completions 的应答格式不对：")


def endpoint(url: str, **settings: object) -> ChatEndpoint:
    return ChatEndpoint(SummarySettings(**{"base_url": url, "model": "m", "retries": 0, "timeout_s": 1, **settings}))


def test_an_endpoint_that_is_down() -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    asked = endpoint(url)
    said = chinese(lambda: asked.ask(ASKED))
    asked.close()

    assert said == f"连不上 {url}/chat/completions：连接被拒绝；服务在运行吗？（[summary] base_url）"


def test_an_endpoint_without_tls() -> None:
    with chat_server(says("好")) as server:
        asked = endpoint(server.url.replace("http:", "https:"))
        said = chinese(lambda: asked.ask(ASKED))
        asked.close()

    assert said == (
        f"{server.url.replace('http:', 'https:')}/chat/completions 不用 TLS；[summary] base_url 请写 http://"
    )


def test_what_is_configured_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chinese(lambda: endpoint("localhost")) == "[summary] base_url 是 'localhost'；应如 http://localhost:11434/v1"
    assert chinese(lambda: endpoint("http://a/v1", model="")) == "[summary] model 是空的；请写服务提供的模型名"
    monkeypatch.setenv("STREAMER_SUMMARY_KEY", "密钥")
    assert chinese(lambda: endpoint("http://a/v1")) == (
        "STREAMER_SUMMARY_KEY 中的密钥有不该有的内容：非 ASCII 字符或换行；请重新设置"
    )


def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "tcp://127.0.0.1:1")
    said = chinese(lambda: endpoint("https://models.example/v1"))

    assert said.startswith("环境变量中的代理或证书不能用（")
    assert said.endswith(
        "）；请取消或更正 all_proxy、http_proxy、https_proxy 和 SSL_CERT_FILE：代理应如 http://host:3128"
    )


def summing_up(tmp_path: Path, *acts: Act, **settings: int) -> str:
    """What a command fails with whose model acts so."""
    if not (tmp_path / "data").exists():
        hold(tmp_path / "data")
    config = tmp_path / "config.toml"
    with chat_server(*acts) as server:
        keys = {"base_url": f'"{server.url}"', "model": '"qwen"', "retries": 0, **settings}
        config.write_text(
            "[summary]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items()), encoding="utf-8"
        )
        return command("summarize", STARTED.meeting_id, "--data-dir", tmp_path / "data", "--config", config)


def test_a_model_that_says_nothing(tmp_path: Path) -> None:
    assert summing_up(tmp_path, says("")) == ("qwen 两次都没有应答；请调低 [summary] part_characters，或换一个模型")


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sumy.summarizers.lex_rank", None)

    assert chinese(_import_sumy) == (
        f"不用服务的摘要需要 sumy：{install_command('summary')}，或在 [summary] base_url 中写明服务"
    )


def test_a_model_that_answers_in_another_form(tmp_path: Path) -> None:
    assert summing_up(tmp_path, says('{"overview": "x", "decisions": [')) == (
        'qwen 没有按要求的格式应答，或中途断了：{"overview": "x", "decisions": [ …；请调低 [summary] part_characters，'
        "允许更长的应答，或换一个模型"
    )


def test_an_endpoint_that_fails_halfway(tmp_path: Path) -> None:
    acts = [says(json.dumps({"overview": "预算批准了。"})), failing(503)]
    long = [final(number, "今年预算是二十万。" * 40, number, number + 0.9) for number in range(1, 6)]
    hold(tmp_path / "data", *long)

    assert summing_up(tmp_path, *acts, part_characters=500).splitlines()[1:] == [
        "它已答的部分保留着（1）：再次运行同一命令会继续"
    ]


def test_a_certificate_that_is_not_trusted(certificate: Path) -> None:
    with chat_server(says("好"), certificate=certificate) as server:
        said = chinese(lambda: ask(server, retries=0))

    assert said.startswith(f"{server.url}/chat/completions 的证书不可信（[SSL: CERTIFICATE_VERIFY")
    assert said.endswith("）；如果是自己签发的，请在环境变量 SSL_CERT_FILE 中写明它的文件")


def test_an_endpoint_that_takes_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/v1"
        asked = endpoint(url)
        said = chinese(lambda: asked.ask(ASKED))
        asked.close()

    assert said == f"1 秒内连不上 {url}/chat/completions；服务在运行吗？只有 https 才用 TLS（[summary] base_url）"
