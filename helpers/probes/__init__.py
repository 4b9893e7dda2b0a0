"""Probes: functions that run beside the student's objects and return plain data about them.

The judge sends the source of a probe's module to the student's process: it imports no other module of probes.
"""

from helpers.probes.events import scalars_written
from helpers.probes.functions import calls_autograd, differentiate, gradcheck, gradients, leaves_found
from helpers.probes.models import describe, measured, on_model, one_step, parameters, seeded, wrapped
from helpers.probes.modules import drive, in_series, use_module
from helpers.probes.training import (
    descend,
    leaf_gradients,
    record_descent,
    refusal,
    train_on,
    train_with,
    watch_training,
)

__all__ = [
    "calls_autograd",
    "descend",
    "describe",
    "differentiate",
    "drive",
    "gradcheck",
    "gradients",
    "in_series",
    "leaf_gradients",
    "leaves_found",
    "measured",
    "on_model",
    "one_step",
    "parameters",
    "record_descent",
    "refusal",
    "scalars_written",
    "seeded",
    "train_on",
    "train_with",
    "use_module",
    "watch_training",
    "wrapped",
]
