from __future__ import annotations

import torch

from streamer.training.dropout import ChannelDropout


def test_dropout_takes_the_same_channels_from_every_position() -> None:
    torch.manual_seed(2)
    dropped = ChannelDropout(0.5).train()(torch.ones(4, 6, 32))

    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert (dropped == dropped[:, :1]).all()
