"""Support vector machines: the probes of them, examples for checks, and the drawing of margins."""

import matplotlib.pyplot as plt
import pytest
import torch
from sklearn.svm import SVC

from helpers import figures, machines, probes

X = torch.tensor([[-2.0, 0.0], [-1.0, 1.0], [1.0, 0.0], [2.0, -1.0]])
Y = torch.tensor([-1.0, -1.0, 1.0, 1.0])


def test_machine_tells_settings_labels_and_scores():
    model = SVC(kernel="linear", C=3.0).fit(X, Y)
    about = probes.machine(model, X)
    assert (about["kind"], about["trained"], about["classes"]) == ("SVC", True, [-1.0, 1.0])
    assert (about["settings"]["kernel"], about["settings"]["C"]) == ("linear", 3.0)
    assert torch.equal(about["scores"] > 0, Y > 0)
    assert len(about["support"]) == len(model.support_)


@pytest.mark.parametrize(("model", "kind"), [(None, "NoneType"), (SVC(), "SVC"), (SVC, "ABCMeta"), ("SVC", "str")])
def test_machine_of_what_is_not_trained(model, kind):
    about = probes.machine(model, X)
    assert (about["kind"], about["trained"]) == (kind, False)


def double(x):
    return 2 * x


def test_with_functions_replaces_for_the_time_of_the_call():
    def twice(x):
        return double(double(x))

    definitions = "def double(x): return x + 1\ndef unheard_of(): pass"
    assert probes.with_functions(definitions, twice, 5) == 7
    assert twice(5) == 20
    assert "unheard_of" not in globals()
    with pytest.raises(TypeError):
        probes.with_functions(definitions, twice, None)
    assert twice(5) == 20


def test_stand_ins_keep_their_builtins():
    """C code that imports, in torch and numpy, needs them."""
    definitions = "def told(x):\n    return '__builtins__' in globals()"
    assert probes.with_functions(definitions, lambda x: told(x), 5)  # noqa: F821
    assert probes.train_with(definitions, lambda data: told(data), {})  # noqa: F821


def test_contested_recommends_different_settings():
    Cs, gammas = [0.2, 3.0, 50.0], [0.05, 0.5]
    parts, tables = machines.contested(3, (19, 53, 61), Cs, gammas, seed=17)
    assert [len(part[0]) for part in parts] == [19, 53, 61]
    C, gamma = machines.best(tables[1], Cs, gammas)
    place = Cs.index(C), gammas.index(gamma)
    assert tables[1][place] == tables[1].max()
    assert tables[0][place] < tables[0].max()
    assert tables[2][place] < tables[2].max()
    assert int((tables[2] == tables[2][place]).sum()) == 1
    settings = [[C, gamma], *machines.mistaken_settings(tables, Cs, gammas)]
    assert len(set(map(tuple, settings))) == 7
    rates = [float(tables[2][place]), float(tables[2].max()), *machines.mistaken_rates(parts, C, gamma)]
    assert min(abs(a - b) for i, a in enumerate(rates) for b in rates[:i]) > 1e-3


def test_margins_draws_three_lines_and_the_rings():
    model = SVC(kernel="linear", C=100.0).fit(X, Y)
    figure, ax = plt.subplots()
    figures.margins(X, Y, model.decision_function, model.support_vectors_, "title", ax)
    assert ax.get_title() == "title"
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["class −1", "class 1", "support vector"]
    lines = [one for one in ax.collections if one.get_paths() and one.__class__.__name__.endswith("ContourSet")]
    assert len(lines) == 3
    plt.close(figure)


def test_margins_of_a_flat_score_draws_no_line():
    figure, ax = plt.subplots()
    figures.margins(X, Y, lambda points: 0.2 * torch.ones(len(points)), ax=ax)
    assert not [one for one in ax.collections if one.__class__.__name__.endswith("ContourSet")]
    plt.close(figure)
