from __future__ import annotations

from pathlib import Path

import pytest

from streamer.asr.fbank import FeatureRecipe
from streamer.asr.modelpack import find_pack, installed_packs, load_pack, pack_folders
from streamer.asr.packwriter import seal_pack
from streamer.errors import PackError
from tests.disks import locked
from tests.tonepack import SYLLABLES, rewrite_manifest, write_tone_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tone_pack(tmp_path / "tones")


def test_loads_a_pack_that_matches_its_manifest(folder: Path) -> None:
    pack = load_pack(folder)

    assert pack.label == "tones 1"
    assert pack.manifest.features == FeatureRecipe()
    assert pack.syllables().tokens == SYLLABLES
    assert pack.characters().first_id == 1
    assert pack.resource("readings") is None


def test_a_resource_is_found_by_its_role(folder: Path) -> None:
    rewrite_manifest(folder, "[files]", '[resources]\nreadings = "syllables.txt"\n\n[files]')

    assert load_pack(folder).resource("readings") == folder / "syllables.txt"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("contract = 1", "contract = 2", "follows contract 2, expected 1"),
        ('name = "tones"', 'name = "a tone"', "pack.toml: 'a tone' is no name of a pack: expected letters"),
        ("contract = 1\n", "", r"pack.toml: `contract` is missing$"),
        ('runner = "onnx"', 'runner = "tflite"', r"`runner` is 'tflite'; expected one of 'ascend', 'onnx'$"),
        (
            'licence = "Apache-2.0"',
            'license = "Apache-2.0"',
            r"unknown key `license`; did you mean `licence`\? \(where another version of streamer wrote this key, ",
        ),
        (
            "blank_id = 5",
            'blank_id = "5"',
            r"`acoustic.blank_id` is '5'; expected a whole number of at least 0, without q",
        ),
        ('"acoustic.onnx" = ', '"other.onnx" = ', "acoustic.file = 'acoustic.onnx' is not in"),
        (
            '"acoustic.onnx" = "',
            '"acoustic.onnx" = "00',
            "acoustic.onnx does not match its manifest: expected sha256 00",
        ),
        ("[files]", '[files]\n"../secret" = "00"', "expected a path inside the pack"),
        ("[files]", '[files]\n"readings.tsv" = "00"', "readings.tsv is missing"),
        ("[files]", "[files", "is not valid UTF-8 TOML"),
        ("blank_id = 5", "blank_id = " + "9" * 5000, "is not valid UTF-8 TOML: Exceeds the limit"),
        ("[files]", "x = " + "[" * 2000 + "]" * 2000 + "\n[files]", "is not valid UTF-8 TOML: maximum recursion"),
        (
            "blank_id = 5",
            "blank_id = 5\nfirst_id = -1",
            r"`acoustic.first_id` is -1; expected a whole number of at least 0$",
        ),
        (
            "blank_id = 5",
            "blank_id = 5\nstep_ms = inf",
            r"`acoustic.step_ms` is inf; expected a number from 1 to 10000$",
        ),
        (
            "[files]",
            "[features]\ndither = nan\n[files]",
            r"`features.dither` is nan; expected a number from 0 to 1000$",
        ),
        (
            "[files]",
            "[confidence]\nbias = inf\nweights = {}\n[files]",
            r"`confidence.bias` is inf; expected a number from -1000000 to 1000000$",
        ),
        (
            "[files]",
            "[confidence]\nbias = 1\nweights = { margin = 'x' }\n[files]",
            r"`confidence.weights` has a value that does not fit; expected a number from -1000000 to 1000000$",
        ),
        (
            "[files]",
            "[accuracy]\ncer = true\n[files]",
            r"`accuracy` has a value that does not fit; expected a number, or text in quotes$",
        ),
        ("[files]", "[resources]\nreadings = 5\n[files]", r"`resources` has a value .*; expected text in quotes$"),
        (
            "contract = 1",
            "contract = 1\nresources = 5",
            r"`resources` is 5; it is a table: write \[resources\], and its keys",
        ),
        ("contract = 1", "contract = 1\nsearch = 5", r"`search` is 5; it is a table: write \[search\], and its keys"),
    ],
)
def test_refuses_a_pack_that_does_not_match(folder: Path, old: str, new: str, message: str) -> None:
    rewrite_manifest(folder, old, new)

    with pytest.raises(PackError, match=message):
        load_pack(folder)


def test_a_manifest_may_begin_with_the_mark_of_windows_notepad(folder: Path) -> None:
    rewrite_manifest(folder, 'name = "tones"', '\ufeffname = "tones"')

    assert load_pack(folder).label == "tones 1"
    assert seal_pack(folder).label == "tones 1"


def test_refuses_a_changed_file(folder: Path) -> None:
    (folder / "syllables.txt").write_text("ma1\n", encoding="utf-8")

    with pytest.raises(
        PackError, match=r"syllables.txt does not match its manifest: expected sha256 \w{64}, found \w{64}"
    ):
        load_pack(folder)


def test_a_path_comes_before_a_name(folder: Path, tmp_path: Path) -> None:
    assert find_pack(str(folder), (tmp_path / "elsewhere",)) == folder


def test_the_first_folder_with_the_name_wins(tmp_path: Path) -> None:
    mine, embedded = tmp_path / "mine", tmp_path / "embedded"
    for place in (mine, embedded):
        write_tone_pack(place / "tones")
    write_tone_pack(embedded / "other")

    assert find_pack("tones", (mine, embedded)) == mine / "tones"
    assert installed_packs((mine, embedded)) == {"tones": mine / "tones", "other": embedded / "other"}


def test_an_unknown_name_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=f"no model pack 'nobody'.*{tmp_path}.*streamer models list"):
        find_pack("nobody", (tmp_path,))


def test_a_folder_that_may_not_be_searched_is_named(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(PackError) as refused:
        find_pack("tones", (tmp_path,))

    assert str(refused.value) == (f"cannot look for the model pack at {tmp_path}/tones/pack.toml: Permission denied")


def test_the_home_of_nobody_is_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no model pack '~nobody-here/tones'"):
        find_pack("~nobody-here/tones", (tmp_path,))


def test_a_path_is_no_name(tmp_path: Path) -> None:
    write_tone_pack(tmp_path / "a" / "tones")

    with pytest.raises(PackError, match="no model pack 'a/tones'"):
        find_pack("a/tones", (tmp_path,))


def test_the_users_folder_comes_before_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert pack_folders()[0] == tmp_path / "streamer" / "packs"
    assert pack_folders()[1].parts[-2:] == ("streamer", "models")
