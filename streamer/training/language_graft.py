"""An exported language stage's network under another trigram: for when new texts come and the checkpoint is gone.

The trigram is counted in minutes, the network is learned in hours. In an exported graph everything before the choice of
candidates belongs to the network, and both exports have been made small in the same way, so that its constants stand at
the same places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streamer.errors import MissingDependencyError, SettingsError
from streamer.system.installation import install_command
from streamer.training.aligned import align

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto

_CANDIDATES = "TopK"
"""The operator that chooses candidates: :class:`streamer.training.language_lattice.Lattice`."""
_ADDED = "n"
"""Begins the names of what was taken; an exported graph's own begin with another letter."""


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
    _give_constants(changed.graph, nodes, _constants(taken.graph), others)
    onnx.save(changed, str(fresh))
    align(fresh)


def _give_constants(
    graph: GraphProto, nodes: Sequence[NodeProto], given: Mapping[str, TensorProto], others: Sequence[NodeProto]
) -> None:
    """Let nodes use the constants of others.

    Each is added for itself: constants of random weights may be one where those of learned weights differ.
    """
    own, added = _constants(graph), set[str]()
    for node, other in zip(nodes, others, strict=True):
        for place, (name, its) in enumerate(zip(node.input, other.input, strict=True)):
            if (name in own) != (its in given) or (name in own and not _are_alike(own[name], given[its])):
                raise SettingsError("their networks differ in the shape of a constant: both must be as [model] says")
            if name in own:
                node.input[place] = _ADDED + its
                if its not in added:
                    added.add(its)
                    graph.initializer.add().CopyFrom(given[its])
                    graph.initializer[-1].name = _ADDED + its
    used = {name for node in graph.node for name in node.input}
    kept = [constant for constant in graph.initializer if constant.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _are_alike(one: TensorProto, other: TensorProto) -> bool:
    return one.dims == other.dims and one.data_type == other.data_type


def _network(graph: GraphProto, path: Path) -> Iterator[NodeProto]:
    """The nodes up to the choice of candidates."""
    for node in graph.node:
        yield node
        if node.op_type == _CANDIDATES:
            return
    raise SettingsError(f"{path} has no trigram: there is nothing to take a network from, or to put one under")


def _constants(graph: GraphProto) -> dict[str, TensorProto]:
    return {constant.name: constant for constant in graph.initializer}
