"""Probes: functions that run beside the student's objects and return plain data about them.

The judge sends the source of a probe's module to the student's process, and before it that of the modules of probes
from which it imports: they become one scope, in which no name is defined twice. They import each other at their top,
with `from helpers.probes.… import …`, and rename nothing.
"""

from helpers.probes.checkpoints import loaded, runs_of, saved
from helpers.probes.events import events_written, scalars_written, writers_left_open
from helpers.probes.experiments import draws_of, epoch_of, halves_of, items_of, rate_of, trainings_of
from helpers.probes.functions import differentiate, gradcheck, gradients, leaves_found, repeated_keys, walked_back
from helpers.probes.loops import devices_used, watch_evaluation, watch_fit, watch_loop
from helpers.probes.models import describe, measured, on_model, one_step, parameters, seeded, unreached, wrapped
from helpers.probes.modules import drive, in_graph, in_series, use_module
from helpers.probes.operations import beyond_arithmetic, beyond_arithmetic_with, calls_autograd
from helpers.probes.optimisers import optimiser, take_steps, walk
from helpers.probes.svm import machine, with_machines
from helpers.probes.training import (
    descend,
    leaf_gradients,
    left_by,
    refusal,
    train_on,
    train_with,
    watch_training,
    with_functions,
)
from helpers.probes.training_aids import run_layer, slopes_of, watch_measure, with_slopes

__all__ = [
    "beyond_arithmetic",
    "beyond_arithmetic_with",
    "calls_autograd",
    "descend",
    "describe",
    "devices_used",
    "differentiate",
    "draws_of",
    "drive",
    "epoch_of",
    "events_written",
    "gradcheck",
    "gradients",
    "halves_of",
    "in_graph",
    "in_series",
    "items_of",
    "leaf_gradients",
    "leaves_found",
    "left_by",
    "loaded",
    "machine",
    "measured",
    "on_model",
    "one_step",
    "optimiser",
    "parameters",
    "rate_of",
    "refusal",
    "repeated_keys",
    "run_layer",
    "runs_of",
    "saved",
    "scalars_written",
    "seeded",
    "slopes_of",
    "take_steps",
    "train_on",
    "train_with",
    "trainings_of",
    "unreached",
    "use_module",
    "walk",
    "walked_back",
    "watch_evaluation",
    "watch_fit",
    "watch_loop",
    "watch_measure",
    "watch_training",
    "with_functions",
    "with_machines",
    "with_slopes",
    "wrapped",
    "writers_left_open",
]
