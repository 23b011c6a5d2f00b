"""An exported language stage's network under another trigram: for when new texts come and the checkpoint is gone.

The trigram is counted in minutes, the network is learned in hours. In an exported graph everything before the choice of
candidates belongs to the network, and both exports have been made small in the same way, so that its constants stand at
the same places.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from streamer.errors import MissingDependencyError, SettingsError
from streamer.installation import install_command

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto

_CANDIDATES = "TopK"
"""The operator that chooses candidates: :class:`streamer.training.language_lattice.Lattice`."""


def take_network(fresh: Path, source: Path) -> None:
    """Replace the network of one exported language stage by that of another; its trigram stays.

    Args:
        fresh: the file to change, of dynamic length and int8.
        source: the file whose network is taken, in the same form.

    Raises:
        MissingDependencyError: onnx (extra ``train``) is not installed.
        SettingsError: their networks are of different shapes, or one has no trigram.
    """
    try:
        import onnx  # noqa: PLC0415 - needed by training only
    except ImportError as error:
        raise MissingDependencyError(f"{error.name} is not installed: {install_command('train')}") from error
    changed, taken = onnx.load(str(fresh)), onnx.load(str(source))
    nodes, others = list(_network(changed.graph, fresh)), list(_network(taken.graph, source))
    if [node.op_type for node in nodes] != [node.op_type for node in others]:
        raise SettingsError(f"the networks of {fresh} and {source} differ: [model] must be that of the second file")
    new, old = _constants(changed.graph), _constants(taken.graph)
    for one, other in zip(nodes, others, strict=True):
        for name, its in zip(one.input, other.input, strict=True):
            if name in new and its in old:
                if new[name].dims != old[its].dims or new[name].data_type != old[its].data_type:
                    shapes = f"{list(new[name].dims)} in {fresh}, {list(old[its].dims)} in {source}"
                    raise SettingsError(f"their networks differ: a constant is {shapes}")
                new[name].CopyFrom(old[its])
                new[name].name = name
    onnx.save(changed, str(fresh))


def _network(graph: GraphProto, path: Path) -> Iterator[NodeProto]:
    """The nodes up to the choice of candidates."""
    for node in graph.node:
        yield node
        if node.op_type == _CANDIDATES:
            return
    raise SettingsError(f"{path} has no trigram: there is nothing to take a network from, or to put one under")


def _constants(graph: GraphProto) -> dict[str, TensorProto]:
    return {constant.name: constant for constant in graph.initializer}
