"""Data buffers and datasets of the stand-in."""

from __future__ import annotations

from dataclasses import dataclass, field

from ascend_simulation.call import HANDLE, PAIR, api
from ascend_simulation.world import WORLD


@dataclass
class DataBuffer:
    address: int
    size: int


@dataclass
class Dataset:
    buffers: list[int] = field(default_factory=list)


@api("create_data_buffer", "kk", HANDLE)
def create_data_buffer(address: int, size: int) -> int:
    return WORLD.buffers.add(DataBuffer(address, size))


@api("destroy_data_buffer", "k")
def destroy_data_buffer(handle: int) -> int:
    if not handle:
        return 100000
    WORLD.buffers.remove(handle, "destroy_data_buffer")
    return 0


@api("get_data_buffer_addr", "k", HANDLE)
def get_data_buffer_addr(handle: int) -> int:
    return WORLD.buffers.get(handle, "get_data_buffer_addr").address if handle else 0


@api("get_data_buffer_size", "k", HANDLE)
def get_data_buffer_size(handle: int) -> int:
    return WORLD.buffers.get(handle, "get_data_buffer_size").size & 0xFFFFFFFF if handle else 0


@api("get_data_buffer_size_v2", "k", HANDLE)
def get_data_buffer_size_v2(handle: int) -> int:
    return WORLD.buffers.get(handle, "get_data_buffer_size_v2").size if handle else 0


@api("update_data_buffer", "kkk")
def update_data_buffer(handle: int, address: int, size: int) -> int:
    if not handle:
        return 100000
    buffer = WORLD.buffers.get(handle, "update_data_buffer")
    buffer.address, buffer.size = address, size
    return 0


@api("mdl.create_dataset", "", HANDLE)
def create_dataset() -> int:
    return WORLD.datasets.add(Dataset())


@api("mdl.add_dataset_buffer", "kk", PAIR)
def add_dataset_buffer(dataset: int, buffer: int) -> tuple[int, int]:
    if not dataset or not buffer:
        return 0, 100000
    WORLD.buffers.get(buffer, "mdl.add_dataset_buffer")
    WORLD.datasets.get(dataset, "mdl.add_dataset_buffer").buffers.append(buffer)
    return dataset, 0


@api("mdl.get_dataset_num_buffers", "k", HANDLE)
def get_dataset_num_buffers(dataset: int) -> int:
    return len(WORLD.datasets.get(dataset, "mdl.get_dataset_num_buffers").buffers) if dataset else 0


@api("mdl.get_dataset_buffer", "kk", HANDLE)
def get_dataset_buffer(dataset: int, index: int) -> int:
    buffers = WORLD.datasets.get(dataset, "mdl.get_dataset_buffer").buffers if dataset else []
    return buffers[index] if index < len(buffers) else 0


@api("mdl.destroy_dataset", "k")
def destroy_dataset(dataset: int) -> int:
    if not dataset:
        return 100000
    WORLD.datasets.remove(dataset, "mdl.destroy_dataset")
    return 0
