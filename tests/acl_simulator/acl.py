"""A strict stand-in for Huawei's pyACL: importable as ``acl`` once this folder is on ``sys.path``.

Like the extension module it stands for, it has functions and submodules (``rt``, ``mdl``, ``util``), no constants, and
is no package: ``import acl.rt`` fails. What the interface documents is answered with documented codes; what it leaves
undefined (use after free, a host pointer in a dataset, two threads in one model, calls after fork …) raises
:class:`ascend_simulation.misuse.Misuse`. ``acl.simulator`` is the world behind it, for tests.
"""

from __future__ import annotations

import types

from ascend_simulation import dataset_calls, memory_calls, model_calls, runtime_calls, util_calls
from ascend_simulation.call import REGISTRY
from ascend_simulation.world import WORLD

_PARTS = (runtime_calls, memory_calls, model_calls, dataset_calls, util_calls)
simulator = WORLD
rt = types.ModuleType("acl.rt")
mdl = types.ModuleType("acl.mdl")
util = types.ModuleType("acl.util")

for _name, _function in REGISTRY.items():
    _owner, _, _short = _name.rpartition(".")
    setattr({"rt": rt, "mdl": mdl, "util": util}[_owner], _short, _function) if _owner else globals().update(
        {_short: _function}
    )
