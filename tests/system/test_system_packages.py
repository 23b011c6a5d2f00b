from __future__ import annotations

import platform
from pathlib import Path

import pytest

from streamer.system.system_packages import Wanted, how_to_install, needed

OPEN_EULER = 'NAME="openEuler"\nVERSION="22.03 (LTS-SP4)"\nID="openEuler"\nVERSION_ID="22.03"\n'


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a distribution says of itself; the file is not there yet."""
    monkeypatch.setattr(platform, "_os_release_candidates", (str(tmp_path / "none"), str(tmp_path / "os-release")))
    monkeypatch.setattr(platform, "_os_release_cache", None)
    return tmp_path / "os-release"


@pytest.mark.parametrize(
    ("said", "portaudio", "plug_in", "ffmpeg"),
    [
        (
            "ID=debian\n",
            "apt-get install libportaudio2",
            "apt-get install libasound2-plugins",
            "apt-get install ffmpeg",
        ),
        (OPEN_EULER, "dnf install portaudio", "dnf install alsa-plugins-pulseaudio", "dnf install ffmpeg"),
        ("ID=fedora\n", "dnf install portaudio", "dnf install alsa-plugins-pulseaudio", "dnf install ffmpeg"),
        ("ID=alpine\n", "apk add portaudio", "apk add alsa-plugins-pulse", "apk add ffmpeg"),
        ("ID=arch\n", "pacman -S portaudio", "pacman -S alsa-plugins", "pacman -S ffmpeg"),
    ],
)
def test_each_distribution_has_its_own_command_and_names(
    system: Path, said: str, portaudio: str, plug_in: str, ffmpeg: str
) -> None:
    system.write_text(said)

    assert how_to_install("PortAudio") == portaudio
    assert how_to_install("ALSA's PulseAudio plug-in") == plug_in
    assert how_to_install("ffmpeg") == ffmpeg


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ('ID="kylin"\nID_LIKE="debian"\n', "apt-get install espeak-ng"),
        ("ID_LIKE='rhel fedora centos'\nID='euleros'\n", "dnf install espeak-ng"),
        ("ID=linuxmint\nID_LIKE=ubuntu debian\n", "apt-get install espeak-ng"),
    ],
)
def test_a_distribution_like_another_has_that_ones_command(system: Path, said: str, command: str) -> None:
    system.write_text(said)

    assert how_to_install("espeak-ng") == command


@pytest.mark.parametrize("said", [None, b"", b"ID=nixos\n", b"no key at all\n", b"ID=\xff\n"])
def test_where_the_system_is_not_known_the_library_alone_is_named(system: Path, said: bytes | None) -> None:
    if said is not None:
        system.write_bytes(said)

    assert how_to_install("PortAudio") == "PortAudio"
    assert needed("PortAudio") == "PortAudio"


def test_what_is_needed_has_its_command_behind_it(system: Path) -> None:
    system.write_text(OPEN_EULER)
    wanted: Wanted = "PortAudio"

    assert needed(wanted) == "PortAudio (dnf install portaudio)"
