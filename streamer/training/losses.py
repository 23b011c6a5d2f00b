"""What the acoustic model learns from: CTC over the utterance, and the token of single frames where it is known."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from streamer.training.batches import Batch
from streamer.training.model import Scores


@dataclass(frozen=True, slots=True)
class Losses:
    """Losses of one batch, per token and per labelled frame."""

    total: Tensor
    """What is minimised."""
    ctc: Tensor
    """For the log, as the others: on the model's device, so that a step does not wait for its figures."""
    frame: Tensor
    consistency: Tensor
    """0 where a batch has one view of each utterance."""


def losses(
    scores: Scores,
    batch: Batch,
    *,
    flat_start: bool,
    frame_weight: float,
    middle_weight: float,
    consistency_weight: float,
) -> Losses:
    """Losses of scores; before CTC begins (``flat_start``) from single frames alone."""
    frame = frame_loss(scores.final, batch.labels)
    if flat_start:
        if scores.middle is not None:
            frame = frame + middle_weight * frame_loss(scores.middle, batch.labels)
        none = torch.full_like(frame, float("nan")).detach()
        return Losses(frame, none, frame.detach(), none)
    log_probs = _log_probs(scores.final)
    ctc = ctc_loss(log_probs, batch)
    total = ctc + frame_weight * frame
    if scores.middle is not None:
        total = total + middle_weight * ctc_loss(_log_probs(scores.middle), batch)
    consistency = torch.zeros_like(ctc)
    if batch.views == 2:
        consistency = consistency_loss(log_probs, batch)
        total = total + consistency_weight * consistency
    return Losses(total, ctc.detach(), frame.detach(), consistency.detach())


def ctc_loss(log_probs: Tensor, batch: Batch) -> Tensor:
    """CTC's negative log-likelihood per token; utterances without tokens learn blanks.

    Args:
        log_probs: ``(batch, outputs, tokens + 1)``, blank last.
        batch: what was said.
    """
    each = functional.ctc_loss(
        log_probs.transpose(0, 1),
        batch.tokens,
        batch.length,
        batch.counts,
        blank=log_probs.shape[-1] - 1,
        reduction="none",
        zero_infinity=True,
    )
    return each.sum() / batch.counts.sum().clamp(min=1)


def consistency_loss(log_probs: Tensor, batch: Batch) -> Tensor:
    """How far from each other two views of the utterances are, per token of both views.

    Yao et al. 2024, "CR-CTC: Consistency regularization on CTC for improved speech recognition" (arXiv 2410.05101): at
    every output the Kullback-Leibler divergences between the two distributions, each of them a fixed target once.

    Args:
        log_probs: ``(batch, outputs, tokens + 1)``; the second half of the rows is the second view.
        batch: of two views.
    """
    first, second = log_probs.chunk(2)
    length = batch.length[: len(first)].to(log_probs.device, non_blocking=True)
    inside = torch.arange(first.shape[1], device=log_probs.device)[None, :] < length[:, None]
    apart = _divergence(first.detach(), second) + _divergence(second.detach(), first)
    return (apart * inside).sum() / batch.counts.sum().clamp(min=1)


def _divergence(target: Tensor, found: Tensor) -> Tensor:
    """Kullback-Leibler divergence of each output; both log probabilities ``(…, tokens + 1)``."""
    return functional.kl_div(found, target, reduction="none", log_target=True).sum(dim=-1)


def _log_probs(scores: Tensor) -> Tensor:
    return functional.log_softmax(scores.float(), dim=-1)


def frame_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the labelled outputs over all tokens but the blank, whose place CTC decides."""
    if scores.device.type != "cpu":
        return unwaiting_frame_loss(scores, labels)
    known = labels >= 0
    if not known.any():
        return scores.sum() * 0
    return functional.cross_entropy(scores[known][:, :-1].float(), labels[known])


def unwaiting_frame_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """The same over all outputs with the unlabelled ones left out of the sum: their number need not be known."""
    every = scores[:, :, :-1].flatten(0, 1).float()
    summed = functional.cross_entropy(every, labels.flatten(), ignore_index=-1, reduction="sum")
    return summed / (labels >= 0).sum().clamp(min=1)


def greedy(scores: Tensor, length: Tensor) -> list[list[int]]:
    """Best token of every output, repeats and blanks left out."""
    blank = scores.shape[-1] - 1
    best = scores.argmax(dim=-1)
    best = torch.where(torch.arange(best.shape[1])[None, :] < length[:, None].cpu(), best.cpu(), blank)
    changed = torch.cat([torch.ones_like(best[:, :1], dtype=torch.bool), best[:, 1:] != best[:, :-1]], dim=1)
    return [row[keep].tolist() for row, keep in zip(best, changed & (best != blank), strict=True)]
