"""Probes: functions that run beside the student's objects and return plain data about them.

The judge sends the source of a probe's module to the student's process: it imports no other module of probes.
"""

from helpers.probes.events import scalars_written
from helpers.probes.functions import calls_autograd, differentiate, gradcheck, gradients, leaves_found
from helpers.probes.models import describe, measured, on_model, one_step, parameters, seeded, wrapped
from helpers.probes.training import (
    descend,
    leaf_gradients,
    record_descent,
    refusal,
    train_on,
    train_with,
    watch_training,
)
from helpers.probes.training_aids import (
    run_layer,
    slopes_of,
    torch_calls,
    watch_measure,
    with_functions,
    with_slopes,
)

__all__ = [
    "calls_autograd",
    "descend",
    "describe",
    "differentiate",
    "gradcheck",
    "gradients",
    "leaf_gradients",
    "leaves_found",
    "measured",
    "on_model",
    "one_step",
    "parameters",
    "record_descent",
    "refusal",
    "run_layer",
    "scalars_written",
    "seeded",
    "slopes_of",
    "torch_calls",
    "train_on",
    "train_with",
    "watch_measure",
    "watch_training",
    "with_functions",
    "with_slopes",
    "wrapped",
]
