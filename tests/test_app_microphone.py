"""`streamer run --source mic` on a microphone made of PulseAudio."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import soundfile

from streamer.audio.demo import DEMO_SOUND
from tests.heard import events, finals, likeness, until_quiet
from tests.microphone import VirtualMicrophone, virtual_microphone  # noqa: F401 - a fixture
from tests.running import TEXTS, Program, rest_of, wait_for_line

pytestmark = pytest.mark.microphone


def test_what_is_played_in_front_of_the_microphone_becomes_captions(
    tmp_path: Path,
    virtual_microphone: VirtualMicrophone,  # noqa: F811 - the fixture
) -> None:
    program = Program(tmp_path, sentences=2)
    with program.start("--json", source="mic") as process:
        lines = wait_for_line(process, "status_updated")
        virtual_microphone.play(program.sound).wait(120)
        lines += until_quiet(process)
        process.send_signal(signal.SIGINT)
        lines += rest_of(process)

    assert process.returncode == 0
    assert likeness(finals(lines), TEXTS[:2]) >= 0.75
    assert program.stored() == finals(lines)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_real_speech_gives_the_captions_of_its_recording(
    program: Program,
    virtual_microphone: VirtualMicrophone,  # noqa: F811 - the fixture
) -> None:
    samples, rate = soundfile.read(DEMO_SOUND, dtype="int16")
    speech = program.folder / "speech.wav"
    soundfile.write(speech, samples[: 12 * rate], rate)
    (program.folder / "config.toml").write_text("", encoding="utf-8")  # the embedded pack
    from_file = finals(program.run("--fast", "--json", source=str(speech)).stdout.splitlines())
    known = set(program.data.rglob("*.flac"))
    with program.start("--json", source="mic") as process:
        lines = wait_for_line(process, "status_updated")
        virtual_microphone.play(speech).wait(120)
        lines += until_quiet(process)
        process.send_signal(signal.SIGINT)
        lines += rest_of(process)
    (recording,) = set(program.data.rglob("*.flac")) - known
    from_recording = finals(program.run("--fast", "--json", source=str(recording)).stdout.splitlines())

    assert len("".join(from_file)) > 20
    # What PulseAudio made of the speech is in the recording: a stutter of a busy computer changes both alike.
    assert likeness(finals(lines), from_recording) >= 0.9
    assert likeness(finals(lines), from_file) >= 0.5


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("trouble", ["killed", "hung"])
def test_captions_go_on_when_the_sound_server_comes_back(
    program: Program,
    virtual_microphone: VirtualMicrophone,  # noqa: F811 - the fixture
    trouble: str,
) -> None:
    with program.start("--json", source="mic") as process:
        lines = wait_for_line(process, "status_updated")
        virtual_microphone.kill() if trouble == "killed" else virtual_microphone.hang()
        lines += wait_for_line(process, '"notice","key":"microphone.lost"')
        virtual_microphone.start() if trouble == "killed" else virtual_microphone.go_on()
        lines += wait_for_line(process, "gap_found")
        virtual_microphone.play(program.sound).wait(120)
        lines += until_quiet(process)
        process.send_signal(signal.SIGINT)
        lines += rest_of(process)

    notices = [event["text"] for event in events(lines) if event.get("key") == "microphone.lost"]
    gaps = [event["missing_s"] for event in events(lines) if event["event"] == "gap_found"]
    assert process.returncode == 0
    assert [bool(text) for text in notices][:2] == [True, False]
    assert gaps[0] > 0
    assert likeness(finals(lines), TEXTS) >= 0.75


def test_without_a_microphone_the_message_says_so(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asound.conf").write_text("</usr/share/alsa/alsa.conf>\n", encoding="utf-8")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    done = program.run(source="mic")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "麦克风" in done.stderr
    assert len(done.stderr.splitlines()) == 1
