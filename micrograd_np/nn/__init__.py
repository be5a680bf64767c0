"""Functions for neural networks: activations and losses that keep their digits, images. Floor 6."""

from ..errors import unknown_name as _unknown_name
from ..rules.activations import gelu as gelu
from ..rules.activations import log_sigmoid as log_sigmoid
from ..rules.activations import log_softmax as log_softmax
from ..rules.activations import logsumexp as logsumexp
from ..rules.activations import relu as relu
from ..rules.activations import sigmoid as sigmoid
from ..rules.activations import silu as silu
from ..rules.activations import softmax as softmax
from ..rules.activations import softplus as softplus
from ..rules.activations import tanh as tanh
from ..rules.images import avg_pool2d as avg_pool2d
from ..rules.images import conv2d as conv2d
from ..rules.images import max_pool2d as max_pool2d
from ..rules.losses import bce_with_logits as bce_with_logits
from ..rules.losses import mse as mse
from ..rules.losses import softmax_cross_entropy as softmax_cross_entropy

__all__ = [
    "sigmoid", "log_sigmoid", "tanh", "relu", "softplus", "silu", "gelu",
    "softmax", "log_softmax", "logsumexp",
    "conv2d", "max_pool2d", "avg_pool2d",
    "mse", "bce_with_logits", "softmax_cross_entropy",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Suggest the name that may be meant."""
    raise _unknown_name("mg.nn", name, __all__)
