"""Packages whose modules are imported when a name of theirs is asked for, not with the package."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def on_demand(package: str, names: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """A package's `__getattr__`: `names` has the names that each of its modules gives."""
    module_of = {name: module for module, given in names.items() for name in given}

    def give(name: str) -> Any:  # noqa: ANN401 - any name of any module
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{module_of[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return give
