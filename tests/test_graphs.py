"""The probe of the graph between a model's output and its parameters."""

import torch

from helpers import probes


class Cut(torch.nn.Module):
    """Two layers, the first of which gets no gradient."""

    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Linear(2, 3), torch.nn.Linear(3, 4)

    def forward(self, X):
        """Compute the scores."""
        return self.second(torch.tanh(self.first(X)).detach())


def test_a_whole_graph_reaches_every_parameter():
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 4))
    assert probes.unreached(model, torch.randn(5, 2)) == []


def test_a_graph_cut_in_two_is_told_by_the_parameters_above_the_cut():
    assert probes.unreached(Cut(), torch.randn(5, 2)) == ["first.weight", "first.bias"]


def test_without_any_graph_no_parameter_is_reached():
    model = torch.nn.Linear(2, 3)
    with torch.no_grad():
        assert probes.unreached(model, torch.randn(5, 2)) == ["weight", "bias"]
