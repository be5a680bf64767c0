"""The peers, imported when a contestant asks for them and set to one thread, float64 allowed."""

from __future__ import annotations

from typing import Any


def torch() -> Any:
    """PyTorch on one thread."""
    import torch

    torch.set_num_threads(1)
    return torch


def jax() -> Any:
    """JAX with float64, which computes within the call so that its time is counted there."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    return jax
