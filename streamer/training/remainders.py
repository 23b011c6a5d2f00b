"""Remainders of weighted sums of ids, without a product or a division when they are looked up.

The keys of hash tables are products that need 64 bits. Ascend's operators are documented for integers of 32 bits, and a
division of integers may be made of rounded ones. So each id's share of the remainder is tabled, and the shares added.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def remainders(ids: Sequence[Tensor], factors: Sequence[Sequence[int]], size: int, moduli: Sequence[int]) -> Tensor:
    """(Σ id × factor) mod modulus for several sums of the same ids at once, which takes no more operators than one.

    Args:
        ids: int32 or int64 of shapes of as many axes that broadcast, each from 0 to ``size`` − 1.
        factors: of each sum, one for each of the ids.
        size: highest id + 1.
        moduli: of each sum, so small that the shares' sum has 32 bits.

    Returns:
        int32 (sums, …), from 0 to modulus − 1.
    """
    total = _shares(ids[0], [own[0] for own in factors], size, moduli)
    for place, each in enumerate(ids[1:], 1):
        total = total + _shares(each, [own[place] for own in factors], size, moduli)
        limits = torch.tensor(moduli, dtype=torch.int32, device=total.device).reshape(-1, *[1] * (total.dim() - 1))
        total = torch.where(total < limits, total, total - limits)
    return total


def _shares(ids: Tensor, factors: Sequence[int], size: int, moduli: Sequence[int]) -> Tensor:
    """int32 (sums, …), (1, …) where all are the id itself."""
    if set(factors) == {1} and size <= min(moduli):
        return ids.to(torch.int32).unsqueeze(0)
    numbers = np.arange(size)
    table = np.stack([numbers * factor % modulus for factor, modulus in zip(factors, moduli, strict=True)])
    return torch.from_numpy(table.astype(np.int32)).to(ids.device)[:, ids]
