"""The drawings of the notebooks: networks, graphs of computations, surfaces of a loss; each shows itself."""

from helpers.figures.classes import margins, points
from helpers.figures.computations import computation
from helpers.figures.functions import activations, parabola, surface, walks
from helpers.figures.graphs import graph
from helpers.figures.listings import side_by_side
from helpers.figures.networks import network, neuron
from helpers.figures.results import curves, digits

__all__ = [
    "activations",
    "computation",
    "curves",
    "digits",
    "graph",
    "margins",
    "network",
    "neuron",
    "parabola",
    "points",
    "side_by_side",
    "surface",
    "walks",
]
