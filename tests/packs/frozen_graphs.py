"""Small frozen TensorFlow graphs with the names, inputs and operators of the published ones.

python -m tests.packs.frozen_graphs FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

TOKENS = 12
"""Tokens of the acoustic table; the blank comes after them."""
CHARACTERS = 15
STEPS = 251


def write_graphs(folder: Path, *, decoder: str = "greedy", shifted: bool = False) -> tuple[Path, Path]:
    """Write ``frozen_graph_conform.pb`` and ``frozen_graph_transform.pb``.

    Args:
        folder: where.
        decoder: ``greedy`` as published, or ``none`` for a graph that ends in probabilities.
        shifted: whether the acoustic graph adds 1 to its ids.
    """
    conformer, transformer = folder / "frozen_graph_conform.pb", folder / "frozen_graph_transform.pb"
    conformer.write_bytes(_acoustic(decoder, shifted=shifted))
    transformer.write_bytes(_language())
    return conformer, transformer


def _acoustic(decoder: str, *, shifted: bool) -> bytes:
    import tensorflow as tf  # noqa: PLC0415 (the slow suite's own environment)

    random = np.random.default_rng(3)
    with tf.Graph().as_default() as graph:
        features = tf.compat.v1.placeholder(tf.float32, [None, None, 80, 1], name="features")
        length = tf.compat.v1.placeholder(tf.int32, [None, 1], name="length")
        hidden = features
        for depth in (1, 8):
            kernel = random.standard_normal((3, 3, depth, 8)).astype(np.float32) * 0.4
            hidden = tf.nn.relu(tf.nn.conv2d(hidden, kernel, [1, 2, 2, 1], "SAME"))
        rows = tf.reshape(hidden, [tf.shape(hidden)[0], -1, 20 * 8])
        weights = random.standard_normal((160, TOKENS + 1)).astype(np.float32) * 0.3
        weights[:, TOKENS] *= 1.5
        probabilities = tf.nn.softmax(tf.tensordot(rows, weights, 1))
        if decoder == "none":
            tf.identity(tf.reduce_max(probabilities, axis=-1) + tf.cast(length, tf.float32), name="Identity")
        else:
            # What tf.keras.backend.ctc_decode(greedy=True) builds.
            scores = tf.math.log(tf.transpose(probabilities, [1, 0, 2]) + 1e-7)
            decoded, _ = tf.nn.ctc_greedy_decoder(scores, tf.squeeze(length, -1))
            shape = tf.cast(tf.stack([tf.shape(probabilities)[0], tf.shape(probabilities)[1]]), tf.int64)
            dense = tf.compat.v1.sparse_to_dense(decoded[0].indices, shape, decoded[0].values, -1)
            ids = tf.cast(dense, tf.int32)
            tf.identity(ids + 1 if shifted else ids, name="Identity")
        return _bytes(graph)


def _language() -> bytes:
    import tensorflow as tf  # noqa: PLC0415 (as above)

    random = np.random.default_rng(4)
    with tf.Graph().as_default() as graph:
        inputs = tf.compat.v1.placeholder(tf.int32, [None, None], name="inputs")
        # The graph itself makes −1 the padding and the ids 1-based, and puts the start token first.
        syllables = tf.concat([tf.ones_like(inputs[:, :1]), inputs + 1], axis=1)
        embedded = tf.gather(random.standard_normal((TOKENS + 1, 16)).astype(np.float32), syllables)
        past = tf.pad(embedded, [[0, 0], [1, 0], [0, 0]])[:, :-1]
        logits = tf.tensordot(embedded + 0.3 * past, random.standard_normal((16, CHARACTERS + 1)).astype(np.float32), 1)
        tf.identity(tf.argmax(logits, axis=-1, output_type=tf.int32), name="Identity")
        return _bytes(graph)


def _bytes(graph: Any) -> bytes:
    return bytes(graph.as_graph_def().SerializeToString())


if __name__ == "__main__":
    write_graphs(Path(sys.argv[1]))
