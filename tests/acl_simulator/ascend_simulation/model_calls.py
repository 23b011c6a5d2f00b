"""Models of the stand-in: loading, description, execution."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ascend_simulation.call import DIMS, HANDLE, INDEX, PAIR, TEXT, TRIPLE, api
from ascend_simulation.execution import Execution, LoadedModel
from ascend_simulation.world import WORLD
from om import GEAR_INPUT, OfflineModel, OmError, read_om


@dataclass
class Description:
    model: OfflineModel | None = None

    def tensor(self, side: str, index: int) -> Any:
        """A tensor by its index, None where there is none."""
        tensors = getattr(self.model, side, ())
        return tensors[index] if 0 <= index < len(tensors) else None


@api("mdl.load_from_file", "s", PAIR)
def load_from_file(path: str) -> tuple[int, int]:  # noqa: PLR0911 (a documented code each)
    if not WORLD.users:
        return 0, 145001
    if not WORLD.context:
        return 0, 107002
    if not Path(path).is_file():
        return 0, 145002
    try:
        model = read_om(Path(path))
    except OmError:
        return 0, 145006
    if model.soc_version != WORLD.soc_name:
        return 0, 545005
    if not WORLD.memory.fits(model.device_bytes):
        return 0, 245000
    WORLD.memory.reserve(model.device_bytes)
    WORLD.models_loaded += 1
    WORLD.models[WORLD.models_loaded] = LoadedModel(model, WORLD.context)
    return WORLD.models_loaded, 0


@api("mdl.query_size", "s", TRIPLE)
def query_size(path: str) -> tuple[int, int, int]:
    if not Path(path).is_file():
        return 0, 0, 145002
    try:
        model = read_om(Path(path))
    except OmError:
        return 0, 0, 145006
    return model.device_bytes - len(model.graph), len(model.graph), 0


@api("mdl.unload", "i")
def unload(model_id: int) -> int:
    model = WORLD.models.get(model_id)
    if model is None:
        return 145003
    if model.context != WORLD.context:
        return 107004
    if model.pending:
        WORLD.misuse(f"acl.mdl.unload of model {model_id} while it runs: synchronize first")
    WORLD.memory.reserve(-model.offline.device_bytes)
    del WORLD.models[model_id]
    return 0


@api("mdl.create_desc", "", HANDLE)
def create_desc() -> int:
    return WORLD.descriptions.add(Description())


@api("mdl.destroy_desc", "k")
def destroy_desc(handle: int) -> int:
    if not handle:
        return 100000
    WORLD.descriptions.remove(handle, "mdl.destroy_desc")
    return 0


@api("mdl.get_desc", "ki")
def get_desc(handle: int, model_id: int) -> int:
    if not handle:
        return 100000
    if model_id not in WORLD.models:
        return 145003
    WORLD.descriptions.get(handle, "mdl.get_desc").model = WORLD.models[model_id].offline
    return 0


def _described(handle: int, side: str, index: int, api_name: str) -> Any:
    return WORLD.descriptions.get(handle, api_name).tensor(side, index)


@api("mdl.get_num_inputs", "k", HANDLE)
def get_num_inputs(handle: int) -> int:
    model = WORLD.descriptions.get(handle, "mdl.get_num_inputs").model
    return len(model.inputs) if model else 0


@api("mdl.get_num_outputs", "k", HANDLE)
def get_num_outputs(handle: int) -> int:
    model = WORLD.descriptions.get(handle, "mdl.get_num_outputs").model
    return len(model.outputs) if model else 0


@api("mdl.get_input_size_by_index", "ki", HANDLE)
def get_input_size_by_index(handle: int, index: int) -> int:
    tensor = _described(handle, "inputs", index, "mdl.get_input_size_by_index")
    return tensor.size if tensor else 0


@api("mdl.get_output_size_by_index", "ki", HANDLE)
def get_output_size_by_index(handle: int, index: int) -> int:
    tensor = _described(handle, "outputs", index, "mdl.get_output_size_by_index")
    return tensor.size if tensor else 0


def _dims(tensor: Any) -> tuple[dict[str, Any], int]:
    if tensor is None:
        return {}, 100000
    return {"name": tensor.name, "dimCount": len(tensor.dims), "dims": list(tensor.dims)}, 0


@api("mdl.get_input_dims", "ki", DIMS)
def get_input_dims(handle: int, index: int) -> tuple[dict[str, Any], int]:
    return _dims(_described(handle, "inputs", index, "mdl.get_input_dims"))


@api("mdl.get_output_dims", "ki", DIMS)
def get_output_dims(handle: int, index: int) -> tuple[dict[str, Any], int]:
    return _dims(_described(handle, "outputs", index, "mdl.get_output_dims"))


@api("mdl.get_cur_output_dims", "ki", DIMS)
def get_cur_output_dims(handle: int, index: int) -> tuple[dict[str, Any], int]:
    return _dims(_described(handle, "outputs", index, "mdl.get_cur_output_dims"))


@api("mdl.get_input_data_type", "ki", INDEX)
def get_input_data_type(handle: int, index: int) -> int:
    tensor = _described(handle, "inputs", index, "mdl.get_input_data_type")
    return tensor.type if tensor else -1


@api("mdl.get_output_data_type", "ki", INDEX)
def get_output_data_type(handle: int, index: int) -> int:
    tensor = _described(handle, "outputs", index, "mdl.get_output_data_type")
    return tensor.type if tensor else -1


@api("mdl.get_input_format", "ki", INDEX)
def get_input_format(handle: int, index: int) -> int:
    return 2 if _described(handle, "inputs", index, "mdl.get_input_format") else -1


@api("mdl.get_output_format", "ki", INDEX)
def get_output_format(handle: int, index: int) -> int:
    return 2 if _described(handle, "outputs", index, "mdl.get_output_format") else -1


@api("mdl.get_input_name_by_index", "ki", TEXT)
def get_input_name_by_index(handle: int, index: int) -> str:
    tensor = _described(handle, "inputs", index, "mdl.get_input_name_by_index")
    return tensor.name if tensor else ""


@api("mdl.get_output_name_by_index", "ki", TEXT)
def get_output_name_by_index(handle: int, index: int) -> str:
    tensor = _described(handle, "outputs", index, "mdl.get_output_name_by_index")
    return tensor.name if tensor else ""


@api("mdl.get_input_index_by_name", "ks", PAIR)
def get_input_index_by_name(handle: int, name: str) -> tuple[int, int]:
    model = WORLD.descriptions.get(handle, "mdl.get_input_index_by_name").model
    names = [tensor.name for tensor in model.inputs] if model else []
    return (names.index(name), 0) if name in names else (0, 100000)


@api("mdl.get_dynamic_batch", "k", DIMS)
def get_dynamic_batch(handle: int) -> tuple[dict[str, Any], int]:
    model = WORLD.descriptions.get(handle, "mdl.get_dynamic_batch").model
    gears = list(model.gears) if model else []
    return {"batchCount": len(gears), "batch": gears}, 0


@api("mdl.set_dynamic_batch_size", "ikki")
def set_dynamic_batch_size(model_id: int, dataset: int, index: int, batch: int) -> int:
    model = WORLD.models.get(model_id)
    if model is None:
        return 145003
    names = [tensor.name for tensor in model.offline.inputs]
    if batch == 0 or index >= len(names) or names[index] != GEAR_INPUT:
        return 100000
    if batch not in model.offline.gears:
        return 145013
    return 0


@api("mdl.execute", "ikk")
def execute(model_id: int, inputs: int, outputs: int) -> int:
    execution, code = _prepare("mdl.execute", model_id, inputs, outputs)
    if execution is None:
        return code
    # The real call keeps the interpreter's lock; adding up a range does too.
    sum(range(400_000))
    execution.perform()
    return 0


@api("mdl.execute_async", "ikkk")
def execute_async(model_id: int, inputs: int, outputs: int, stream: int) -> int:
    if not WORLD.context:
        return 107002
    queue = WORLD.streams.get(stream, "mdl.execute_async")
    if queue.context != WORLD.context:
        return 107003
    execution, code = _prepare("mdl.execute_async", model_id, inputs, outputs)
    if execution is None:
        return code
    queue.work.append(execution)
    return 0


def _prepare(name: str, model_id: int, inputs: int, outputs: int) -> tuple[Execution | None, int]:
    model = WORLD.models.get(model_id)
    if model is None:
        return None, 145003
    if not WORLD.context:
        return None, 107002
    if model.context != WORLD.context:
        return None, 107004
    if not inputs or not outputs:
        return None, 100000
    given = [WORLD.datasets.get(inputs, name).buffers, WORLD.datasets.get(outputs, name).buffers]
    if len(given[0]) != len(model.offline.inputs) or len(given[1]) != len(model.offline.outputs):
        return None, 145000
    return Execution(model, *given, name), 0
