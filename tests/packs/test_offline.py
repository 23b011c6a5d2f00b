from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streamer.asr.modelpack import load_pack, pack_folders
from streamer.errors import PackError
from streamer.packs.tables import language_table
from tests.disks import locked, small_disk
from tests.packs.command_line import app


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """What a user has downloaded."""
    for name in ("am.om", "lm.om"):
        (tmp_path / name).write_bytes(b"IMOD" + name.encode() * 100)
    (tmp_path / "am_tokens.txt").write_text("S\n/S\nshì\nde\n", encoding="utf-8")
    (tmp_path / "lm_tokens.txt").write_text("S\n/S\n是\n的\n", encoding="utf-8")
    return {name.split(".")[0]: tmp_path / name for name in ("am.om", "lm.om", "am_tokens.txt", "lm_tokens.txt")}


def import_om(files: dict[str, Path], *more: str, out: str | None = "pack") -> Result:
    named = ["--conformer", files["am"], "--transformer", files["lm"]]
    named += ["--am-tokens", files["am_tokens"], "--lm-tokens", files["lm_tokens"]]
    named += [] if out is None else ["--out", files["am"].parent / out]
    arguments = ["import-om", *map(str, named), "--name", "published", *more]
    return CliRunner().invoke(app, arguments)


def test_two_offline_models_become_a_pack(files: dict[str, Path], tmp_path: Path) -> None:
    outcome = import_om(files)
    pack = load_pack(tmp_path / "pack")

    assert outcome.exit_code == 0
    assert "✓ published 1" in outcome.stdout
    assert pack.path(pack.manifest.acoustic.file).read_bytes() == files["am"].read_bytes()
    assert pack.path(pack.manifest.language.file).read_bytes() == files["lm"].read_bytes()


def test_the_defaults_are_those_of_the_published_weights(files: dict[str, Path], tmp_path: Path) -> None:
    import_om(files)
    manifest = load_pack(tmp_path / "pack").manifest

    assert (manifest.runner, manifest.acoustic.length, manifest.features.padding) == ("ascend", "padded", "reflect")
    assert (manifest.acoustic.first_id, manifest.acoustic.blank_id) == (0, 4)
    assert (manifest.language.first_id, manifest.language.start_id, manifest.language.end_id) == (1, 1, 2)


def test_a_model_file_whose_name_is_no_utf_8_is_imported(files: dict[str, Path], tmp_path: Path) -> None:
    files["am"] = files["am"].rename(tmp_path / os.fsdecode(b"\xff.om"))
    outcome = import_om(files, "--licence", "free\x7f")

    assert outcome.exit_code == 0, outcome.exception
    manifest = load_pack(tmp_path / "pack").manifest
    assert manifest.provenance == "imported from \ufffd.om and lm.om"
    assert manifest.licence == "free\x7f"


def test_ids_that_begin_at_one_are_said_so(files: dict[str, Path], tmp_path: Path) -> None:
    import_om(files, "--am-first-id", "1", "--blank-id", "0", "--length", "real", "--padding", "constant")
    manifest = load_pack(tmp_path / "pack").manifest

    assert (manifest.acoustic.first_id, manifest.acoustic.blank_id) == (1, 0)
    assert (manifest.acoustic.length, manifest.features.padding) == ("real", "constant")


@pytest.mark.parametrize("blank", ["99999", "2", "-1"])
def test_a_blank_that_is_not_beside_the_table_is_refused(files: dict[str, Path], tmp_path: Path, blank: str) -> None:
    error = import_om(files, "--blank-id", blank).exception

    assert isinstance(error, PackError)
    assert str(error) == (
        f"--blank-id {blank} is not beside the ids 0 to 3 of {files['am_tokens']}, expected 4 "
        "(--am-first-id says where the table begins)"
    )
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize("name", ["我的包", "two words", "-x", "", "a/b", "a\n"])
def test_what_a_pack_may_be_called_is_said_in_words(files: dict[str, Path], name: str) -> None:
    error = import_om(files, f"--name={name}").exception

    assert isinstance(error, PackError)
    assert str(error).startswith(f"{name!r} is no name of a pack: expected letters from A to Z, digits, '.', '_' and")


def test_newer_tables_with_other_marks_are_understood(tmp_path: Path) -> None:
    table = tmp_path / "lm.txt"
    table.write_text("# made later\n<S>\n</S>\n是\n", encoding="utf-8")

    assert language_table(table)[1:] == (1, 2)


def test_a_table_without_marks_is_refused(files: dict[str, Path]) -> None:
    files["lm_tokens"].write_text("是\n的\n", encoding="utf-8")

    error = import_om(files).exception
    assert isinstance(error, PackError)
    assert "found no start token, expected one of S, <S>" in str(error)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"version https://git-lfs", "begins with b'vers', expected b'IMOD'"), (b"", "begins with b''")],
)
def test_a_file_that_is_no_offline_model_is_refused(files: dict[str, Path], content: bytes, words: str) -> None:
    files["lm"].write_bytes(content)

    error = import_om(files).exception
    assert isinstance(error, PackError)
    assert words in str(error)


def test_a_missing_file_is_named(files: dict[str, Path]) -> None:
    files["am"].unlink()

    assert "cannot read offline model" in str(import_om(files).exception)


def test_a_folder_that_is_taken_is_left_alone(files: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "mine.txt").touch()

    assert "exists and is not empty" in str(import_om(files).exception)
    assert [path.name for path in (tmp_path / "pack").iterdir()] == ["mine.txt"]


def test_a_failure_leaves_nothing_behind(files: dict[str, Path], tmp_path: Path) -> None:
    files["am_tokens"].unlink()
    before = sorted(path.name for path in tmp_path.iterdir())

    assert import_om(files).exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_name_that_no_pack_can_have_is_refused(files: dict[str, Path]) -> None:
    error = import_om(files, "--name", "../up").exception
    assert isinstance(error, PackError)
    assert "'../up'" in str(error)


def test_a_folder_that_cannot_be_written_is_named(files: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()

    with locked(tmp_path / "packs"):
        error = import_om(files, "--out", str(tmp_path / "packs" / "mine")).exception

    assert str(error) == f"cannot write the pack {tmp_path}/packs/mine: Permission denied"


def test_a_full_disk_is_named(files: dict[str, Path], tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m,nr_inodes=5") as folder:
        error = import_om(files, "--out", str(folder / "mine")).exception

    assert "No space left on device" in str(error)
    assert isinstance(error, PackError)


def test_a_name_of_300_characters_is_too_long(files: dict[str, Path], tmp_path: Path) -> None:
    error = import_om(files, "--out", str(tmp_path / ("a" * 300))).exception

    assert str(error) == f"cannot write the pack {tmp_path / ('a' * 300)}: File name too long"


def test_that_a_pack_takes_the_place_of_the_embedded_one_is_said(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    outcome = import_om(files, "--name", "zh", out=None)

    assert outcome.stdout.splitlines()[-1] == (
        f"  from now on the name zh means this pack, no longer {pack_folders()[-1] / 'zh'}"
    )
