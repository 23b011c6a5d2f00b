"""Constants are moved to where a session can look them up in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from streamer.asr.runners.onnx import OnnxRunner
from streamer.asr.runners.tables import LEAST_BYTES, tables_in
from streamer.settings.recognizer import RecognizerSettings
from streamer.training.aligned import align

GRAPH = """
<ir_version: 8, opset_import: ["" : 17]>
g (int64[n] rows) => (float[n] one, int64[n] two)
{ first = Gather (table, rows) one = Cast <to = 1> (first) two = Gather (other, rows) }
"""
ROWS = LEAST_BYTES // 2


def model(producer: int, kind: type[np.generic]) -> onnx.ModelProto:
    """A model of two tables behind a small constant, all moved by the length of the producer's name."""
    made = onnx.parser.parse_model(GRAPH)
    made.producer_name = "p" * producer
    tables: dict[str, npt.NDArray[np.generic]] = {
        "small": np.zeros(3, np.int64),
        "table": (np.arange(ROWS) % 1000).astype(kind),
        "other": np.arange(ROWS, dtype=np.int64) * 3,
    }
    made.graph.initializer.extend(numpy_helper.from_array(table, name) for name, table in tables.items())
    return made


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.int64])
@pytest.mark.parametrize("producer", range(1, 9))
def test_large_tables_are_moved_wherever_they_were(tmp_path: Path, producer: int, kind: type[np.generic]) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(model(producer, kind), path)
    align(path)

    assert tables_in(path).keys() == {"table", "other"}


def test_the_model_computes_what_it_computed(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(model(1, np.float32), path)
    align(path)

    outputs = OnnxRunner(path, RecognizerSettings()).run({"rows": np.array([5, 1700])})

    assert outputs["one"].tolist() == [5, 700]
    assert outputs["two"].tolist() == [15, 5100]


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(model(3, np.float16), path)
    align(path)
    first = path.read_bytes()

    align(path)

    assert path.read_bytes() == first
