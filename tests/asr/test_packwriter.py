from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamer.asr.manifest import ConfidenceManifest
from streamer.asr.modelpack import file_digest, load_pack
from streamer.asr.packwriter import seal_pack, write_tables
from streamer.errors import PackError
from streamer.settings.search import SearchSettings
from tests.tonepack import write_tone_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tone_pack(tmp_path / "tones")


def test_a_changed_file_is_sealed_again(folder: Path) -> None:
    (folder / "syllables.txt").write_text("a1\na2\na3\na4\nA\n", encoding="utf-8")
    with pytest.raises(PackError):
        load_pack(folder)

    seal_pack(folder)

    assert load_pack(folder).syllables().tokens == ("a1", "a2", "a3", "a4", "A")


def test_sealing_what_is_sealed_changes_nothing(folder: Path) -> None:
    seal_pack(folder)
    before = (folder / "pack.toml").read_bytes()

    seal_pack(folder)

    assert (folder / "pack.toml").read_bytes() == before


@pytest.mark.parametrize("table", ["[files]", "  [ files ]\n", "[files]\r\n\n\n"])
def test_an_empty_table_of_files_is_filled_however_it_is_written(folder: Path, table: str) -> None:
    manifest = folder / "pack.toml"
    whole = manifest.read_text(encoding="utf-8")
    manifest.write_text(whole.partition("[files]")[0] + table, encoding="utf-8", newline="")

    seal_pack(folder)

    assert manifest.read_text(encoding="utf-8") == whole


def test_a_manifest_that_cannot_be_written_is_an_error(folder: Path) -> None:
    (folder / f".pack.toml.{os.getpid()}").mkdir()

    with pytest.raises(PackError) as refused:
        seal_pack(folder)

    assert str(refused.value) == f"cannot write {folder}/pack.toml: Is a directory"


@pytest.mark.parametrize(("name", "shown"), [(b"\xff.txt", r"'\udcff.txt'"), (b"a\nb", r"'a\nb'")])
def test_a_file_with_a_name_that_no_manifest_holds_is_named(folder: Path, name: bytes, shown: str) -> None:
    (folder / os.fsdecode(name)).touch()
    before = (folder / "pack.toml").read_bytes()

    with pytest.raises(PackError) as refused:
        seal_pack(folder)

    assert str(refused.value) == (
        f"{folder}: the file {shown} cannot stand in pack.toml: rename it, its name has to be UTF-8 without control "
        "characters"
    )
    assert (folder / "pack.toml").read_bytes() == before


def test_other_lines_stay_as_they_are(folder: Path) -> None:
    manifest = folder / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    head = text[: text.index("[files]")] + "# by hand\n"
    manifest.write_text(text + "\n[accuracy]\n# of our own\ncer = 12.5\n", encoding="utf-8")
    manifest.write_text("# by hand\n" + manifest.read_text(encoding="utf-8"), encoding="utf-8")

    seal_pack(folder)

    sealed = manifest.read_text(encoding="utf-8")
    assert sealed.startswith("# by hand\n" + head.removesuffix("# by hand\n").rstrip())
    assert "\n[accuracy]\n# of our own\ncer = 12.5\n" in sealed
    assert sealed.count("[files]") == 1


def test_every_visible_file_is_sealed(folder: Path) -> None:
    (folder / "LICENSE").write_text("CC-BY-SA", encoding="utf-8")
    (folder / "licences").mkdir()
    (folder / "licences" / "voices.txt").write_text("CC0", encoding="utf-8")
    (folder / ".scratch").write_text("no", encoding="utf-8")

    sealed = seal_pack(folder)

    assert list(sealed.manifest.files) == [
        "LICENSE", "acoustic.onnx", "characters.txt", "language.onnx", "licences/voices.txt", "syllables.txt",
    ]  # fmt: skip
    assert sealed.manifest.files["LICENSE"] == file_digest(folder / "LICENSE")


def test_a_manifest_without_a_table_gets_one(folder: Path) -> None:
    manifest = folder / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text[: text.index("[files]")], encoding="utf-8")

    assert len(seal_pack(folder).manifest.files) == 4


def test_a_named_file_that_is_missing(folder: Path) -> None:
    (folder / "language.onnx").unlink()

    with pytest.raises(PackError, match=r"language.file names 'language.onnx', which is not in the folder"):
        seal_pack(folder)


def test_tables_are_written_before_the_files_and_instead_of_old_ones(folder: Path) -> None:
    write_tables(folder, {"accuracy": {"cer": 50.0, "on": 'a "list"'}, "search": {"beam": 4}})

    pack = write_tables(folder, {"accuracy": {"cer": 12.5}})

    assert pack.manifest.accuracy == {"cer": 12.5}
    assert pack.manifest.search == SearchSettings(beam=4)
    assert load_pack(folder).manifest == pack.manifest


def test_tables_may_hold_tables(folder: Path) -> None:
    fitted = {"bias": 1.5, "weights": {"margin": 0.25}}
    write_tables(folder, {"confidence": fitted})

    pack = write_tables(folder, {"confidence": fitted})

    assert pack.manifest.confidence == ConfidenceManifest(bias=1.5, weights={"margin": 0.25})


def test_a_table_that_does_not_fit_changes_nothing(folder: Path) -> None:
    before = (folder / "pack.toml").read_bytes()

    with pytest.raises(PackError, match=r"does not fit: unknown key `search.beem`; did you mean `beam`\?"):
        write_tables(folder, {"search": {"beem": 4}})

    assert (folder / "pack.toml").read_bytes() == before
