from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from streamer.asr.modelpack import load_pack
from streamer.asr.models import load_models
from streamer.asr.recognizer import PackRecognizer
from streamer.errors import PackError
from streamer.packs.atc import Precision
from streamer.packs.golden import GOLDEN_NAME, read_golden
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import EndReason, Utterance
from tests.acl_simulator.fixtures import ProcessReports
from tests.packs.command_line import app
from tests.packs.converting import atc
from tests.tonepack import hiss, rewrite_manifest, tone


def test_the_command_lines_of_an_onnx_pack(static_pack: Path, tmp_path: Path) -> None:
    outcome = atc(static_pack, "--soc-version", "Ascend310P3", "--out", tmp_path / "om", "--dry-run")

    assert outcome.stdout.splitlines() == [
        (
            f"atc --model={static_pack}/acoustic.onnx --framework=5 --input_format=ND "
            f"'--input_shape=features:1,1001,80,1;length:1,1' --output={tmp_path}/om/conformer "
            "--soc_version=Ascend310P3"
        ),
        (
            f"atc --model={static_pack}/language.onnx --framework=5 --input_format=ND "
            f"--input_shape=inputs:1,251 --output={tmp_path}/om/transformer --soc_version=Ascend310P3"
        ),
    ]


def test_the_command_lines_of_the_published_graphs(tmp_path: Path) -> None:
    graphs = [tmp_path / "frozen_graph_conform.pb", tmp_path / "frozen_graph_transform.pb"]
    for path in graphs:
        path.touch()
    outcome = atc("--conformer", graphs[0], "--transformer", graphs[1], "--soc-version", "Ascend310", "--dry-run")

    assert outcome.stdout.splitlines() == [
        (
            f"atc --model={graphs[0]} --framework=3 --input_format=NHWC "
            "'--input_shape=features:1,1001,80,1;length:1,1' --output=om/conformer --soc_version=Ascend310"
        ),
        (
            f"atc --model={graphs[1]} --framework=3 --input_format=ND "
            "--input_shape=inputs:1,251 --output=om/transformer --soc_version=Ascend310"
        ),
    ]


def test_half_precision_is_warned_of(static_pack: Path) -> None:
    assert "atc computes in fp16 unless it is told otherwise" in atc(static_pack, "--dry-run").stderr


@pytest.mark.parametrize(
    ("precision", "option"),
    [
        (Precision.MIXED, "--precision_mode_v2=mixed_float16"),
        (Precision.ORIGIN, "--precision_mode_v2=origin"),
        (Precision.FP32_WHERE_POSSIBLE, "--precision_mode=allow_fp32_to_fp16"),
    ],
)
def test_another_precision_is_an_option_without_warning(static_pack: Path, precision: Precision, option: str) -> None:
    outcome = atc(static_pack, "--precision", precision.value, "--dry-run")

    assert [line.split()[-1] for line in outcome.stdout.splitlines()] == [option, option]
    assert outcome.stderr == ""


def test_a_pack_is_converted_and_gives_the_same_text(
    static_pack: Path, tmp_path: Path, fake_atc: Path, processes: ProcessReports
) -> None:
    outcome = atc(static_pack, "--out", tmp_path / "tones-npu")
    assert outcome.exit_code == 0, outcome.output
    assert fake_atc.read_text().count("--soc_version=Ascend310P3") == 2

    texts = []
    pcm = np.concatenate([hiss(0.3), *(np.concatenate([tone(each, 0.4), hiss(0.2)]) for each in (0, 3, 1, 4))])
    utterance = Utterance(1, 0, 0, len(pcm), pcm.tobytes(), EndReason.SILENCE)
    for folder in (static_pack, tmp_path / "tones-npu"):
        with load_models(load_pack(folder), RecognizerSettings()) as models:
            hypothesis = PackRecognizer(models, RecognizerSettings()).recognize(utterance)
        texts.append([(token.text, token.syllable, token.start_sample, token.score) for token in hypothesis.tokens])
    assert [each[0] for each in texts[0]] == ["播", "佛", "婆", "A"]
    assert texts[0] == texts[1]


def test_an_atc_for_another_processor_is_named(
    static_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "atc"
    program.parent.mkdir()
    program.write_bytes(b"\x7fELF of another processor")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))

    assert str(atc(static_pack, "--out", tmp_path / "npu").exception) == (
        f"{program} cannot be started: Exec format error; install CANN's toolkit for this processor"
    )


def test_whatever_was_measured_of_a_pack_is_converted_too(static_pack: Path, tmp_path: Path, fake_atc: Path) -> None:
    measured = '[accuracy]\n"字错误率 (自测)" = 12.5\n"a.\\"b\\"" = inf\n\n[files]'
    rewrite_manifest(static_pack, "[files]", measured)
    outcome = atc(static_pack, "--out", tmp_path / "npu")

    assert outcome.exit_code == 0, outcome.exception
    assert load_pack(tmp_path / "npu").manifest.accuracy == {"字错误率 (自测)": 12.5, 'a."b"': float("inf")}


def test_a_product_that_is_named_after_the_host_is_taken(static_pack: Path, tmp_path: Path, fake_atc: Path) -> None:
    program = tmp_path / "bin" / "atc"
    program.write_text(program.read_text().replace('"$output.om"', '"${output}_linux_aarch64.om"'))
    outcome = atc(static_pack, "--out", tmp_path / "npu")

    assert outcome.exit_code == 0, outcome.exception
    assert "conformer.om has parts for the host's processor: it runs on linux_aarch64 only" in outcome.stdout
    assert {"conformer.om", "transformer.om"} <= set(load_pack(tmp_path / "npu").manifest.files)


def test_a_folder_for_converted_graphs_that_cannot_be_made_is_named(tmp_path: Path, fake_atc: Path) -> None:
    graphs = [tmp_path / "a.pb", tmp_path / "b.pb"]
    for path in graphs:
        path.touch()
    outcome = atc("--conformer", graphs[0], "--transformer", graphs[1], "--out", graphs[0])

    assert str(outcome.exception) == f"cannot make the folder {graphs[0]}: File exists; --out names another"
    assert not fake_atc.exists()


def test_a_folder_that_no_pack_can_be_called_like_is_refused_before_anything_is_converted(
    static_pack: Path, tmp_path: Path, fake_atc: Path
) -> None:
    outcome = atc(static_pack, "--out", tmp_path / "昇腾")

    assert isinstance(outcome.exception, PackError)
    assert str(outcome.exception) == (
        f"{tmp_path}/昇腾: a pack is called like its folder, but '昇腾' is no name of a pack: expected letters "
        "from A to Z, digits, '.', '_' and '-', the first of them a letter or a digit, as in my-pack"
    )
    assert not fake_atc.exists()


def test_what_atc_prints_need_not_be_utf_8(static_pack: Path, tmp_path: Path, fake_atc: Path) -> None:
    program = fake_atc.parent / "bin" / "atc"
    program.write_text("#!/bin/sh\nprintf '\\326\\320 ATC\\n'\nexit 1\n")

    outcome = atc(static_pack, "--out", tmp_path / "om")

    assert str(outcome.exception) == "atc failed on acoustic.onnx (exit code 1), its last words: \ufffd\ufffd ATC"


def test_everything_else_of_the_pack_stays(static_pack: Path, tmp_path: Path, fake_atc: Path) -> None:
    old = load_pack(static_pack).manifest
    assert atc(static_pack, "--out", tmp_path / "npu", "--precision", "mixed_float16").exit_code == 0
    new = load_pack(tmp_path / "npu").manifest

    assert (new.name, new.runner) == ("npu", "ascend")
    assert (new.acoustic.blank_id, new.features, new.language.end_id) == (
        old.acoustic.blank_id,
        old.features,
        old.language.end_id,
    )
    assert new.provenance == "converted by atc for Ascend310P3, mixed_float16"
    assert sorted(new.files) == ["characters.txt", "conformer.om", "syllables.txt", "transformer.om"]


@pytest.mark.usefixtures("no_atc")
def test_without_atc_the_commands_are_printed_and_the_way_is_told(static_pack: Path) -> None:
    outcome = atc(static_pack)

    assert outcome.stdout.count("atc --model=") == 2
    assert isinstance(outcome.exception, PackError)
    assert "atc is not installed here: run the commands above" in str(outcome.exception)


def test_golden_inputs_are_written_sealed_and_converted_too(static_pack: Path, tmp_path: Path, fake_atc: Path) -> None:
    import soundfile  # noqa: PLC0415

    clip = tmp_path / "clip\x1b[2J.wav"
    soundfile.write(clip, np.concatenate([hiss(0.2), tone(2, 0.5), hiss(0.2)]), 16_000)
    outcome = CliRunner().invoke(app, ["golden", str(static_pack), str(clip)])

    assert outcome.exit_code == 0, outcome.output
    [golden] = read_golden(static_pack / GOLDEN_NAME)
    assert (golden.name, golden.syllables, golden.characters) == ("clip\x1b[2J", ("mo3",), "抹")
    assert outcome.stdout.splitlines()[0] == "clip[2J: 抹"
    assert GOLDEN_NAME in load_pack(static_pack).manifest.files
    assert atc(static_pack, "--out", tmp_path / "npu").exit_code == 0
    assert GOLDEN_NAME in load_pack(tmp_path / "npu").manifest.files
