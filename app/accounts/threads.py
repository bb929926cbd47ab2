"""Work for the processor that takes long enough for others to notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from gevent import get_hub, monkey

P = ParamSpec("P")
T = TypeVar("T")


def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of `work`, on a thread of its own where requests share one by taking turns (gevent)."""
    if not monkey.is_module_patched("threading"):
        return work(*args, **kwargs)
    hub: Any = get_hub()
    result: T = hub.threadpool.apply(work, args, kwargs)
    return result
