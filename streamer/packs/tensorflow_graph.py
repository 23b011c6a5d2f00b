"""What a frozen TensorFlow graph holds: where it begins, where it ends, and where CTC decoding starts inside it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamer.errors import MissingDependencyError, PackError
from streamer.system.installation import install_command

_DECODER = "CTCGreedyDecoder"
_TRANSPARENT = {"Identity", "Cast", "Squeeze", "Reshape", "ExpandDims"}
_AFTER_DECODER = {*_TRANSPARENT, "SparseToDense"}
_NO_OUTPUT = {"NoOp", "Const", "Placeholder", "Assert"}


@dataclass(frozen=True, slots=True)
class AcousticCut:
    """Where the acoustic graph is cut: before its CTC decoder, which ONNX does not have."""

    scores: str
    """Tensor with log-probabilities or logits, [steps, batch, tokens] as TensorFlow's decoder wants them."""
    blank_index: int
    """The decoder's blank; negative counts from the end."""
    ids: str
    """Tensor with the graph's own ids, for comparing."""


@dataclass(frozen=True, slots=True)
class LanguageCut:
    """Where the language graph ends."""

    ids: str
    """Tensor with the ids."""
    logits: str | None
    """What their ArgMax is taken of; None where it is not found."""


class FrozenGraph:
    """A GraphDef as a network of nodes."""

    def __init__(self, graph: Any, name: str) -> None:
        """Index a graph.

        Args:
            graph: TensorFlow's GraphDef.
            name: the file's name, for messages.
        """
        self.graph = graph
        self.name = name
        self._nodes = {node.name: node for node in graph.node}
        used = {_node_of(each) for node in graph.node for each in node.input if not each.startswith("^")}
        self._ends = [node.name for node in graph.node if node.name not in used and node.op not in _NO_OUTPUT]

    def acoustic_cut(self) -> AcousticCut:
        """Find the CTC decoder.

        Raises:
            PackError: there is none, or what follows it is not understood.
        """
        self._need_inputs({"features", "length"})
        decoders = [node for node in self.graph.node if node.op == _DECODER]
        if len(decoders) != 1:
            others = sorted({node.op for node in self.graph.node if "CTC" in node.op}) or ["none"]
            raise PackError(
                f"{self.name}: expected one {_DECODER} (greedy CTC inside the graph), found {len(decoders)} "
                f"(CTC operators: {', '.join(others)})"
            )
        [decoder] = decoders
        if not decoder.attr["merge_repeated"].b:
            raise PackError(f"{self.name}: its {_DECODER} keeps repeated tokens, expected merge_repeated = true")
        blank = decoder.attr["blank_index"].i if "blank_index" in decoder.attr else -1
        return AcousticCut(_tensor(decoder.input[0]), blank, f"{self._dense_ids(decoder.name)}:0")

    def language_cut(self) -> LanguageCut:
        """Find the output, and the ArgMax before it.

        Raises:
            PackError: the graph has no single output.
        """
        self._need_inputs({"inputs"})
        ends = [end for end in self._ends if self._reaches(end, "inputs")]
        if len(ends) != 1:
            raise PackError(f"{self.name}: expected one output, found {', '.join(ends) or 'none'}")
        node = self._nodes[ends[0]]
        while node.op in _TRANSPARENT:
            node = self._nodes[_node_of(node.input[0])]
        return LanguageCut(f"{ends[0]}:0", _tensor(node.input[0]) if node.op == "ArgMax" else None)

    def needs(self, tensor: str, node: str) -> bool:
        """Whether a tensor depends on a node."""
        return self._reaches(_node_of(tensor), node)

    def _dense_ids(self, decoder: str) -> str:
        """The last node after the decoder; nothing may change the ids on the way."""
        current = decoder
        while True:
            following = [
                node for node in self.graph.node
                if any(_node_of(each) == current and not each.startswith("^") for each in node.input)
            ]  # fmt: skip
            following = [node for node in following if node.op not in _NO_OUTPUT]
            if not following:
                return current
            strange = [f"{node.name} ({node.op})" for node in following if node.op not in _AFTER_DECODER]
            if strange or len({node.name for node in following}) > 1:
                raise PackError(
                    f"{self.name}: after {decoder} come {', '.join(strange) or 'several outputs'}, expected only "
                    f"{', '.join(sorted(_AFTER_DECODER))}: what else it does to the ids is not known"
                )
            current = following[0].name

    def _need_inputs(self, expected: set[str]) -> None:
        found = {node.name for node in self.graph.node if node.op == "Placeholder"}
        if found != expected:
            raise PackError(f"{self.name}: found inputs {sorted(found)}, expected {sorted(expected)}")

    def _reaches(self, start: str, goal: str) -> bool:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            current = waiting.pop()
            if current == goal:
                return True
            if current not in seen and current in self._nodes:
                seen.add(current)
                waiting.extend(_node_of(each) for each in self._nodes[current].input)
        return False


def read_graph(path: Path) -> FrozenGraph:
    """Read a frozen graph.

    Raises:
        PackError: the file is missing or no GraphDef.
        MissingDependencyError: TensorFlow is not installed.
    """
    tensorflow = import_tensorflow()
    malformed: type[Exception] = importlib.import_module("google.protobuf.message").DecodeError
    graph = tensorflow.compat.v1.GraphDef()
    try:
        graph.ParseFromString(path.read_bytes())
    except OSError as error:
        raise PackError(f"cannot read frozen graph {path}: {error.strerror}") from error
    except malformed as error:
        raise PackError(f"{path} is no frozen TensorFlow graph: {error}") from error
    if not graph.node:
        raise PackError(f"{path} is no frozen TensorFlow graph: it has no nodes")
    return FrozenGraph(graph, path.name)


def import_tensorflow() -> Any:
    """TensorFlow.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        return importlib.import_module("tensorflow")
    except ImportError as error:
        raise MissingDependencyError(
            f"converting a frozen graph needs TensorFlow and tf2onnx ({error}): {install_command('convert')}, best "
            "in a virtual environment of its own"
        ) from error


def _node_of(tensor: str) -> str:
    return tensor.lstrip("^").partition(":")[0]


def _tensor(name: str) -> str:
    return name if ":" in name else f"{name}:0"
