from __future__ import annotations

from pathlib import Path

import pytest

from streamer.commands.error_rates import error_rates
from streamer.commands.sound_files import SoundPath
from streamer.errors import SettingsError
from tests.commands.transcribing import run, speak


def test_references_of_other_sounds_are_refused_before_anything_is_heard(tmp_path: Path) -> None:
    speak(tmp_path / "in" / "a.wav", 1)
    (tmp_path / "said.tsv").write_text("BAC0001\t一丁丂七丄\n", encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        run(tmp_path / "in", "--reference", tmp_path / "said.tsv")

    assert str(refused.value) == (
        f"--reference {tmp_path}/said.tsv names none of the sounds, but for example 'BAC0001'; expected the path or "
        "the name of each in the first column, for example a.wav"
    )


@pytest.mark.usefixtures("opened")
def test_references_give_the_character_error_rate(tmp_path: Path) -> None:
    speak(tmp_path / "in" / "a.wav", 1)
    speak(tmp_path / "in" / "b.wav", 1)
    speak(tmp_path / "in" / "c.wav", 1)
    (tmp_path / "said.tsv").write_text(
        "file\tseconds\ttext\na.wav\t1\t一丁丂七丄\nb.wav\t1\t一了丂七\n", encoding="utf-8"
    )

    outcome = run(tmp_path / "in", "--reference", tmp_path / "said.tsv", "--worst", "1")

    assert outcome.exit_code == 0
    assert outcome.stderr.splitlines()[:5] == [
        f"streamer: {tmp_path / 'in' / 'c.wav'}: has no reference",
        "50.00 % (1 substituted, 0 deleted, 1 inserted; 4 characters)  b.wav",
        "    said   一了丂七",
        "    heard  一丁丂七丄",
        "character error rate (files: 2): 22.22 % (1 substituted, 0 deleted, 1 inserted; 9 characters)",
    ]


def test_of_a_long_text_the_beginning_is_shown() -> None:
    sound = SoundPath(Path("in/a.wav"), Path("a.wav"))

    lines = list(error_rates([(sound, "一" * 301)], {"a.wav": "一" * 300}, 1))
    assert lines[1:3] == [f"    said   {'一' * 300}", f"    heard  {'一' * 300}…"]


@pytest.mark.usefixtures("opened")
def test_of_many_sounds_without_a_reference_three_are_named(tmp_path: Path) -> None:
    """A folder holds what was measured and what was tuned; the rate was behind a hundred lines of the other."""
    for name in "abcdef":
        speak(tmp_path / "in" / f"{name}.wav", 1)
    (tmp_path / "said.tsv").write_text("a.wav\t1\t一丁丂七丄\n", encoding="utf-8")

    outcome = run(tmp_path / "in", "--reference", tmp_path / "said.tsv")

    assert outcome.stderr.splitlines()[:5] == [
        f"streamer: {tmp_path / 'in' / 'b.wav'}: has no reference",
        f"streamer: {tmp_path / 'in' / 'c.wav'}: has no reference",
        f"streamer: {tmp_path / 'in' / 'd.wav'}: has no reference",
        "streamer: others without a reference: 2",
        "character error rate (files: 1): 0.00 % (0 substituted, 0 deleted, 0 inserted; 5 characters)",
    ]
