"""Remainders of weighted sums of ids, without a product or a division when they are looked up.

The keys of hash tables are products that need 64 bits. Ascend's operators are documented for integers of 32 bits, and a
division of integers may be made of rounded ones. So each id's share of the remainder is tabled, and the shares added.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def remainder(ids: list[Tensor], factors: list[int], size: int, modulus: int) -> Tensor:
    """(Σ id × factor) mod modulus.

    Args:
        ids: int32 or int64 of any shapes that broadcast, each from 0 to ``size`` − 1.
        factors: one for each of the ids.
        size: highest id + 1.
        modulus: so small that the shares' sum has 32 bits.

    Returns:
        int32, from 0 to ``modulus`` − 1.
    """
    shares = [_share(each, factor, size, modulus) for each, factor in zip(ids, factors, strict=True)]
    total = shares[0]
    for share in shares[1:]:
        total = total + share
        total = torch.where(total < torch.full_like(total, modulus), total, total - modulus)
    return total


def _share(ids: Tensor, factor: int, size: int, modulus: int) -> Tensor:
    if factor == 1 and size <= modulus:
        return ids.to(torch.int32)
    return torch.from_numpy((np.arange(size) * factor % modulus).astype(np.int32)).to(ids.device)[ids]
