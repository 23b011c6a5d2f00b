"""What the command line says goes over the file, which goes over the defaults."""

from __future__ import annotations

from pathlib import Path

from streamer.settings import load_settings


def test_each_key_comes_from_the_command_line_else_the_file_else_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text('[audio]\nlatency_ms = 40\nchannel = 2\n[minutes]\nformats = ["txt"]\n', encoding="utf-8")
    overrides = {"audio": {"channel": 3}, "mqtt": {"protocol": "3.1.1"}}
    defaults = {"audio": {"latency_ms": 20, "channel": 1, "watchdog_ms": 500}, "minutes": {"formats": ["srt", "vtt"]}}
    settings = load_settings(path, overrides, defaults)

    audio = settings.audio
    assert (audio.channel, audio.latency_ms, audio.watchdog_ms, audio.pcm_rate) == (3, 40, 500, 16_000)
    assert settings.minutes.formats == ("txt",)
    assert settings.mqtt.protocol == "3.1.1"
    assert overrides == {"audio": {"channel": 3}, "mqtt": {"protocol": "3.1.1"}}
    assert defaults["audio"] == {"latency_ms": 20, "channel": 1, "watchdog_ms": 500}


def test_defaults_hold_without_a_file() -> None:
    assert load_settings(defaults={"audio": {"channel": 2}}).audio.channel == 2
