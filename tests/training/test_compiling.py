from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

torch = pytest.importorskip("torch")

from streamer.errors import SettingsError  # noqa: E402 - torch is optional
from streamer.training import compiling  # noqa: E402
from streamer.training.acoustic import AcousticTrainer  # noqa: E402
from streamer.training.compiling import compile_blocks  # noqa: E402
from streamer.training.model import Conformer  # noqa: E402
from streamer.training.settings import ModelSettings, PathSettings, Settings, TrainSettings  # noqa: E402

# PyTorch looks at .grad of every tensor that it compiles for.
pytestmark = pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")
TOKENS = ["ba1", "ma1", "ma3", "A"]
SMALL = ModelSettings(width=16, blocks=2, heads=2, feed_forward=16, kernel=5, stem=4, head=8)


@pytest.fixture(autouse=True)
def _fresh_compiler() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def test_all_blocks_are_compiled_once_for_every_length_and_compute_the_same() -> None:
    graphs: list[Any] = []

    def noted(graph: Any, _: object) -> Any:
        graphs.append(graph)
        return graph.forward

    undropped = msgspec.structs.replace(SMALL, dropout=0.0)
    plain, compiled = Conformer(undropped, TOKENS), Conformer(undropped, TOKENS)
    compiled.load_state_dict(plain.state_dict())
    compile_blocks(compiled, noted)
    once = len(graphs)
    for number, frames in ((3, 96), (2, 400), (5, 48)):
        features, length = torch.randn(number, frames, 80), torch.full((number,), frames // 4 - 2)
        with torch.autocast("cpu", torch.bfloat16):
            expected, found = plain(features, length).final, compiled(features, length).final
        assert torch.equal(expected, found)
        for model, scores in ((plain, expected), (compiled, found)):
            model.zero_grad()
            scores.float().sum().backward()
        for one, other in zip(plain.parameters(), compiled.parameters(), strict=True):
            assert (one.grad is None and other.grad is None) or torch.equal(one.grad, other.grad)
    assert len(graphs) == once


def test_the_convolution_over_time_is_in_no_graph() -> None:
    # The compiler would take the length for given on the way back through it, and compile anew for each.
    called: list[object] = []

    def noted(graph: Any, _: object) -> Any:
        called.extend(node.target for node in graph.graph.nodes if node.op == "call_function")
        return graph.forward

    compile_blocks(Conformer(SMALL, TOKENS), noted)

    assert torch.conv1d not in called
    assert torch.softmax in called


def test_compiling_leaves_weights_names_gradients_and_random_numbers_as_they_were() -> None:
    model = Conformer(SMALL, TOKENS)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.get_rng_state()
    compile_blocks(model, "eager")

    after = model.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(torch.get_rng_state(), state)


def test_where_nothing_can_be_compiled_the_setting_is_named() -> None:
    def broken(*_: object) -> Any:
        raise ValueError("no compiler")

    with pytest.raises(
        SettingsError, match=r"train\.compiled: PyTorch cannot compile the model here \(.*: no compiler\)"
    ):
        compile_blocks(Conformer(SMALL, TOKENS), broken)


@pytest.mark.parametrize("compiled", [True, False])
def test_the_trained_model_is_compiled_where_the_settings_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, compiled: bool
) -> None:
    asked: list[dict[str, object]] = []

    def as_it_is(function: Any, **options: object) -> Any:
        asked.append(options)
        return function

    monkeypatch.setattr(compiling.torch, "compile", as_it_is)
    train = TrainSettings(compiled=compiled, threads=1)
    trainer = AcousticTrainer(Settings(paths=PathSettings(run=tmp_path), model=SMALL, train=train), TOKENS)

    assert asked == [{"dynamic": True, "backend": "inductor"}] * (2 if compiled else 0)
    compiled_calls = [vars(block).get("_compiled_call_impl") is not None for block in trainer.model.blocks]
    assert compiled_calls == [compiled] * 2
