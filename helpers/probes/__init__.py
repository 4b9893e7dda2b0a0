"""Probes: functions that run beside the student's objects and return plain data about them.

The judge sends the source of a probe's module to the student's process: it imports no other module of probes.
"""

from helpers.probes.events import scalars_written
from helpers.probes.functions import calls_autograd, differentiate, gradcheck, gradients, leaves_found
from helpers.probes.graphs import unreached
from helpers.probes.models import describe, measured, on_model, one_step, parameters, seeded, wrapped
from helpers.probes.svm import machine, with_functions
from helpers.probes.optimisers import (
    devices_used,
    optimiser,
    take_steps,
    walk,
    watch_evaluation,
    watch_fit,
    watch_loop,
)
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
    "devices_used",
    "differentiate",
    "gradcheck",
    "gradients",
    "leaf_gradients",
    "leaves_found",
    "machine",
    "measured",
    "on_model",
    "one_step",
    "optimiser",
    "parameters",
    "record_descent",
    "refusal",
    "scalars_written",
    "seeded",
    "take_steps",
    "train_on",
    "train_with",
    "unreached",
    "walk",
    "watch_evaluation",
    "watch_fit",
    "watch_loop",
    "watch_training",
    "with_functions",
    "wrapped",
]
