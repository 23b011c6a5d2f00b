from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.cli import app
from streamer.errors import PackError
from tests.tonepack import rewrite_manifest, write_tone_pack


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack installed in the user's folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    return write_tone_pack(tmp_path / "streamer" / "packs" / "tones")


def printed(*arguments: str) -> str:
    """Standard output of a successful command."""
    outcome = CliRunner().invoke(app, ["models", *arguments], catch_exceptions=False)
    assert outcome.exit_code == 0
    return outcome.stdout


def test_list_shows_your_own_packs(folder: Path) -> None:
    table = printed("list")

    assert "tones" in table
    assert "Hears tones" in table
    assert str(folder) in table


@pytest.mark.parametrize("command", [["list"], ["show", "tones"]])
def test_the_folder_is_shown_whole_in_a_narrow_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    assert f"tones: {folder}" in printed(*command).splitlines()


def test_a_sentence_of_the_provenance_goes_on_where_its_file_breaks_the_line(folder: Path) -> None:
    manifest = folder / "pack.toml"
    text = re.sub(r"(?m)^provenance = .*\n", "", manifest.read_text(encoding="utf-8"))
    manifest.write_text(f'provenance = """Tones,\nmade up.\nNo speech."""\n{text}', encoding="utf-8")

    shown = printed("show", "tones")
    assert "Tones, made up. " in shown
    assert "made up. No" not in shown


def test_a_name_without_spaces_is_folded_and_not_clipped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    rewrite_manifest(folder, "Hears tones", f"Hears [b]{'tones' * 20}")

    for command in (["list"], ["show", "tones"]):
        shown = printed(*command)
        assert "…" not in shown
        assert "[b]" in shown


@pytest.mark.parametrize("command", [["list"], ["show", "tones"], ["verify", "tones"]])
def test_a_terminal_obeys_nothing_that_a_manifest_says(folder: Path, command: list[str]) -> None:
    rewrite_manifest(folder, 'version = "1"', 'version = "[b]1\\u001b[2J"')
    rewrite_manifest(folder, "Hears tones", "Hears\\u001b[2J tones")

    shown = printed(*command)
    assert "[b]1[2J" in shown
    assert "\x1b" not in shown


def test_a_folder_whose_name_is_no_utf_8_is_listed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / os.fsdecode("会议".encode("gbk"))
    (home / "streamer" / "packs").mkdir(parents=True)
    folder.rename(home / "streamer" / "packs" / "tones")
    monkeypatch.setenv("XDG_DATA_HOME", str(home))

    rows = {row["name"]: row["folder"] for row in json.loads(printed("list", "--json"))}
    assert rows["tones"] == f"{tmp_path}/\ufffd\ufffd\ufffd\ufffd/streamer/packs/tones"


def test_list_as_json(folder: Path) -> None:
    rows = {row["name"]: row for row in json.loads(printed("list", "--json"))}

    assert rows["tones"] == {
        "name": "tones",
        "version": "1",
        "runner": "onnx",
        "licence": "Apache-2.0",
        "description": "Hears tones",
        "folder": str(folder),
    }


def test_a_copied_pack_is_listed_by_the_name_that_means_it(folder: Path) -> None:
    shutil.copytree(folder, folder.with_name("mine"))

    assert [row["name"] for row in json.loads(printed("list", "--json"))][:2] == ["mine", "tones"]
    assert json.loads(printed("show", "mine", "--json"))["folder"] == str(folder.with_name("mine"))


def test_list_names_a_broken_pack_and_goes_on(folder: Path) -> None:
    (folder.parent / "broken").mkdir()
    (folder.parent / "broken" / "pack.toml").write_text("name = ", encoding="utf-8")

    rows = {row["name"]: row for row in json.loads(printed("list", "--json"))}

    assert "is not valid UTF-8 TOML" in rows["broken"]["problem"]
    assert "tones" in rows


def test_show_tells_the_manifest(folder: Path) -> None:
    table = printed("show", "tones")

    assert "Apache-2.0" in table
    assert "file: acoustic.onnx" in table


def test_show_as_json(folder: Path) -> None:
    manifest = json.loads(printed("show", "tones", "--json"))

    assert manifest["acoustic"]["blank_id"] == 5
    assert manifest["folder"] == str(folder)


def test_verify_names_what_the_pack_offers(folder: Path) -> None:
    assert json.loads(printed("verify", "tones", "--json")) == {
        "name": "tones",
        "version": "1",
        "token_times": True,
        "beam_and_hotwords": True,
        "scores_of_the_language_stage": True,
        "confidence": False,
        "dereverberation": False,
        "punctuation": False,
    }


def test_verify_of_bare_ids_says_what_is_missing(tmp_path: Path) -> None:
    bare = write_tone_pack(tmp_path / "bare", static=True, log_probs=False)

    told = printed("verify", str(bare))

    assert "tones 1: 4 files match, both models follow the contract" in told
    assert "token times: no" in told


def test_verify_refuses_a_changed_file(folder: Path) -> None:
    (folder / "syllables.txt").write_text("ma1\n", encoding="utf-8")

    with pytest.raises(PackError, match="expected sha256"):
        printed("verify", "tones")


def test_a_folder_whose_name_looks_like_markup_is_sealed_and_named(tmp_path: Path) -> None:
    pack = write_tone_pack(tmp_path / "a[/b]")

    assert printed("seal", str(pack)).endswith(f"files sealed in {pack}/pack.toml\n")


def test_seal_makes_a_changed_pack_whole(folder: Path) -> None:
    (folder / "syllables.txt").write_text("a1\na2\na3\na4\nA\n", encoding="utf-8")

    assert "4 files sealed" in printed("seal", str(folder))

    assert "✓" in printed("verify", "tones")


def test_a_pack_that_is_not_there_ends_with_exit_code_3() -> None:
    command = [sys.executable, "-m", "streamer", "models", "verify", "nobody"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 3
    assert done.stderr.startswith("streamer: no model pack 'nobody'")
    assert "Traceback" not in done.stderr


def test_in_a_chinese_locale_packs_are_listed_shown_and_verified_in_chinese(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    verified = printed("verify", "tones").splitlines()
    shown = printed("show", "tones")
    (folder / "language.onnx").unlink()
    holed = printed("show", "tones")
    rewrite_manifest(folder, "contract = 1", "contract = 9")
    listed = printed("list")

    assert verified == [
        "✓ tones 1：4 个文件与清单相符，两个模型都符合约定",
        "  逐字时间：有",
        "  束搜索与热词：有",
        "  文本模型的分数：有",
        "  置信度：没有",
        "  去混响：没有",
        "  标点：没有",
    ]
    assert [word for word in ("说明", "运行器", "约定", "许可", "来源", "特征", "文件：") if word not in shown] == []
    assert re.search(r"文件：language.onnx *│ *缺少", holed)
    assert re.search(r"名称 *┃ *版本 *┃ *运行器 *┃ *许可 *┃ *说明", listed)
    assert "模型包遵循第 9 版约定，这里需要第 1 版" in listed
