"""Why there is no summary, in Chinese: the endpoint that is asked for one, and what it answers."""

from __future__ import annotations

from typing import Final

from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.sayings import Sayings

_ADVICE = Sayings(
    (
        ("try again later", "请稍后再试"),
        (r"set the key in the environment variable (?P<name>\S+)", "请把密钥放进环境变量 {name}"),
        (r"the key in (?P<name>\S+) may not use it", "{name} 中的密钥没有权限"),
        (r"check \[summary\] base_url and model", "请检查 [summary] 的 base_url 和 model"),
        (r"check \[summary\] in the configuration", "请检查设置中的 [summary]"),
        (
            r"it points to (?P<url>\S+): set \[summary\] base_url so, without /chat/completions",
            "它指向 {url}：请照此设置 [summary] base_url，不带 /chat/completions",
        ),
    )
)

SUMMARIES: Final = Sayings(
    (
        (
            r"\[summary\] base_url is (?P<found>.*); expected something like (?P<example>\S+)",
            "[summary] base_url 是 {found}；应如 {example}",
        ),
        (
            r"\[summary\] model is empty; name the model that the endpoint serves",
            "[summary] model 是空的；请写服务提供的模型名",
        ),
        (
            (
                r"cannot reach (?P<url>\S+) within (?P<seconds>\S+) s; is the server running, and with TLS only for "
                r"https\? "
                r"\(\[summary\] base_url\)"
            ),
            "{seconds} 秒内连不上 {url}；服务在运行吗？只有 https 才用 TLS（[summary] base_url）",
        ),
        (
            r"cannot reach (?P<url>\S+): (?P<error>.*); is the server running\? \(\[summary\] base_url\)",
            "连不上 {url}：{error}；服务在运行吗？（[summary] base_url）",
        ),
        (
            (
                r"(?P<url>\S+) did not answer within (?P<seconds>\S+) s; raise \[summary\] timeout_s, lower "
                r"part_characters, or take a smaller model"
            ),
            "{url} 在 {seconds} 秒内没有应答；请调高 [summary] timeout_s，调低 part_characters，或换小一些的模型",
        ),
        (
            (
                r"the certificate of (?P<url>\S+) is not trusted \((?P<error>.*)\); where it was made at home, name "
                r"its file "
                r"in the environment variable SSL_CERT_FILE"
            ),
            "{url} 的证书不可信（{error}）；如果是自己签发的，请在环境变量 SSL_CERT_FILE 中写明它的文件",
        ),
        (
            r"(?P<url>\S+) speaks no TLS; write http:// in \[summary\] base_url",
            "{url} 不用 TLS；[summary] base_url 请写 http://",
        ),
        (
            r"(?P<url>\S+) answered in no known form \((?P<found>.*)\); is it OpenAI-compatible\?",
            "{url} 的应答格式不对（{found}）；它与 OpenAI 兼容吗？",
        ),
        (
            r"(?P<url>\S+) answered without text; is it a chat model, and may its answers be long enough\?",
            "{url} 的应答中没有文字；它是对话模型吗？允许的应答够长吗？",
        ),
        (r"(?P<url>\S+) answered in no known form: (?P<error>.*)", "{url} 的应答格式不对：{error}"),
        (r"(?P<url>\S+) answered with more than (?P<size>\d+) bytes", "{url} 的应答超过 {size} 字节"),
        (
            r"(?P<url>\S+) answered (?P<status>\d+): (?P<found>.*); (?P<advice>.*?)",
            "{url} 应答 {status}：{found}；{advice}",
        ),
        (
            r"the key in (?P<name>\S+) holds what no key may: letters that are not ASCII, or line breaks; set it anew",
            "{name} 中的密钥有不该有的内容：非 ASCII 字符或换行；请重新设置",
        ),
        (
            (
                r"the proxy or the certificates that the environment names cannot be used \((?P<error>.*)\); unset "
                r"or correct "
                r"(?P<names>.*): a proxy has to be one as (?P<example>\S+)"
            ),
            (
                "环境变量中的代理或证书不能用（{error}）；请取消或更正 all_proxy、http_proxy、https_proxy 和 "
                "SSL_CERT_FILE："
                "代理应如 {example}"
            ),
        ),
        (
            r"(?P<model>.*) answered nothing, twice; lower \[summary\] part_characters, or take another model",
            "{model} 两次都没有应答；请调低 [summary] part_characters，或换一个模型",
        ),
        (
            (
                r"(?P<model>.*) answered in another form than it was asked for, or broke off: (?P<found>.*) …; lower "
                r"\[summary\] part_characters, let it answer at greater length, or take another model"
            ),
            (
                "{model} 没有按要求的格式应答，或中途断了：{found} …；请调低 [summary] part_characters，"
                "允许更长的应答，"
                "或换一个模型"
            ),
        ),
        (
            r"what it has answered is kept \((?P<count>\d+)\): the same command goes on from there",
            "它已答的部分保留着（{count}）：再次运行同一命令会继续",
        ),
        (
            r"a summary without an endpoint needs sumy: (?P<how>.*), or name an endpoint in \[summary\] base_url",
            "不用服务的摘要需要 sumy：{how}，或在 [summary] base_url 中写明服务",
        ),
    ),
    {"error": SYSTEM.chinese, "advice": _ADVICE.chinese},
)
"""Errors of summaries."""
