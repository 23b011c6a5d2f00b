from __future__ import annotations

import numpy as np

from streamer.asr.search.lattice import Arcs, Lattice, PrefixHypothesis, Trace, alike


def ids(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def noted(trace: Trace) -> Arcs:
    """Its arcs in lists, which can be compared."""
    arcs = trace.arcs()
    return Arcs(list(arcs.starts), list(arcs.sources), list(arcs.tokens), list(arcs.behind))


def test_nodes_are_numbered_in_order_after_the_empty_prefixes() -> None:
    trace = Trace(2)

    first = trace.note(ids(1, 1), ids(0, 1), ids(7, 8), np.zeros(2))
    second = trace.note(ids(2), ids(2, 3), ids(-1, 9), np.array([0.0, -1.5]))

    assert (first.tolist(), second.tolist()) == ([2, 3], [4])
    assert noted(trace) == Arcs([0, 0, 0, 1, 2, 4], [0, 1, 2, 3], [7, 8, -1, 9], [0.0, 0.0, 0.0, -1.5])


def test_where_nothing_was_said_there_are_no_arcs() -> None:
    assert noted(Trace(1)) == Arcs([0, 0], [], [], [])


def test_the_best_way_to_each_end_is_spelled() -> None:
    # 5 6 and 7, of which the second node's best way adds nothing.
    arcs = Arcs([0, 0, 1, 3, 4, 5], [0, 1, 0, 2, 0], [5, -1, 4, 6, 7], [0.0, 0.0, -1.0, 0.0, 0.0])
    lattice = Lattice(arcs, ((3, -1.0), (4, -2.0)))

    assert lattice.best(1) == [PrefixHypothesis((5, 6), -1.0)]
    assert lattice.best(5) == [PrefixHypothesis((5, 6), -1.0), PrefixHypothesis((7,), -2.0)]


def test_columns_are_alike_where_all_rows_are() -> None:
    assert alike((ids(1, 2, 1, 1, 2), ids(4, 4, 4, 5, 4))).tolist() == [0, 1, 0, 3, 1]
