"""The drawings of the notebooks: networks, graphs of computations, surfaces of a loss; each shows itself."""

from helpers.figures.classes import margins, points
from helpers.figures.computations import computation
from helpers.figures.functions import activations, parabola, surface, walks
from helpers.figures.graphs import graph
from helpers.figures.listings import side_by_side
from helpers.figures.moving import moving_boundary, moving_images, moving_walks
from helpers.figures.networks import network, neuron
from helpers.figures.results import curves, digits, show

__all__ = [
    "activations",
    "computation",
    "curves",
    "digits",
    "graph",
    "margins",
    "moving_boundary",
    "moving_images",
    "moving_walks",
    "network",
    "neuron",
    "parabola",
    "points",
    "show",
    "side_by_side",
    "surface",
    "walks",
]
