"""Tables that stay in a model's file: which ones, and that a session looks them up there."""

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

_ROWS = LEAST_BYTES // 4
TABLE = np.arange(_ROWS * 4, dtype=np.uint8).reshape(_ROWS, 4)
_GRAPH = """
<ir_version: 8, opset_import: ["" : 17]>
g (int64[n] rows) => ({kind}[n, 4] found, {kind}[n, 4] again) {{ {body} }}
"""


def written(path: Path, table: npt.NDArray[np.generic], body: str = "", names: tuple[str, ...] = ("table",)) -> Path:
    """A model with some constants, by default one that looks rows of one table up twice."""
    kind = onnx.helper.tensor_dtype_to_string(onnx.helper.np_dtype_to_tensor_dtype(table.dtype)).rpartition(".")[2]
    twice = "found = Gather (table, rows) again = Gather (table, rows)"
    model = onnx.parser.parse_model(_GRAPH.format(kind=kind.lower(), body=body or twice))
    model.graph.initializer.extend(numpy_helper.from_array(table, name) for name in names)
    onnx.save(model, path)
    return path


def test_a_table_that_is_only_looked_up_is_a_view_of_the_file(tmp_path: Path) -> None:
    found = tables_in(written(tmp_path / "model.onnx", TABLE))

    assert list(found) == ["table"]
    assert found["table"].tolist() == TABLE.tolist()
    assert found["table"].dtype == np.uint8
    assert not found["table"].flags.writeable
    assert not found["table"].flags.owndata


def test_a_small_table_stays_in_the_session(tmp_path: Path) -> None:
    assert tables_in(written(tmp_path / "model.onnx", TABLE[:-1])) == {}


@pytest.mark.parametrize(
    "body",
    [
        "found = Gather (table, rows) again = Add (found, table)",
        "at = Cast <to = 7> (table) found = Gather (table, rows) again = Gather (found, at)",
    ],
)
def test_what_anything_else_reads_stays_in_the_session(tmp_path: Path, body: str) -> None:
    assert tables_in(written(tmp_path / "model.onnx", TABLE, body)) == {}


def test_numbers_at_odd_places_stay_in_the_session(tmp_path: Path) -> None:
    path = written(tmp_path / "model.onnx", np.arange(_ROWS * 4, dtype=np.float32).reshape(_ROWS, 4))
    found = []
    for shift in range(8):
        model = onnx.load(path)
        model.producer_name = "p" * (shift + 1)
        onnx.save(model, path)
        found.append("table" in tables_in(path))

    assert found.count(True) == 2


def test_a_constant_that_nothing_reads_stays_in_the_session(tmp_path: Path) -> None:
    assert tables_in(written(tmp_path / "model.onnx", TABLE, names=("table", "other"))).keys() == {"table"}


@pytest.mark.parametrize("content", [b"", b"\x00\x01noise", b"\x3a\x7f", b"\x3a\x03\x2a\x05\x08"])
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "noise.onnx").write_bytes(content)

    try:
        found = tables_in(tmp_path / "noise.onnx")
    except ValueError:
        found = {}

    assert found == {}


def test_a_session_looks_them_up_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "model.onnx", TABLE)
    runner = OnnxRunner(path, RecognizerSettings())
    # Written through, not replaced: the session sees it, because it has no copy.
    data = path.read_bytes()
    place = data.index(TABLE.tobytes())
    with path.open("r+b") as file:
        file.seek(place + 4 * 300)
        file.write(b"\x07\x08\x09\x0a")

    found = runner.run({"rows": np.array([300, 1])})["found"]

    assert found.tolist() == [[7, 8, 9, 10], [4, 5, 6, 7]]


def test_a_file_that_is_replaced_is_not_looked_at(tmp_path: Path) -> None:
    path = written(tmp_path / "model.onnx", TABLE)
    runner = OnnxRunner(path, RecognizerSettings())
    (tmp_path / "other.onnx").write_bytes(b"another")
    (tmp_path / "other.onnx").replace(path)

    assert runner.run({"rows": np.array([1])})["found"].tolist() == [[4, 5, 6, 7]]
    runner.close()
