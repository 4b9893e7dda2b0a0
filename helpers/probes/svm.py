"""The probe of support vector machines."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch

from helpers.probes.common import replaced


def with_machines(stand_ins: Mapping[str, Callable], function: Callable, *args: Any) -> Any:
    """Call `function(*args)` while functions of its notebook are replaced by these, by their names.

    What `fit` among them gives is what an SVC holds: the function gets the machine.
    """
    from sklearn.svm import SVC

    def fit(*args: Any, **kwargs: Any) -> Any:
        model = SVC()
        vars(model).update(stand_ins["fit"](*args, **kwargs))
        return model

    with replaced(function, {**stand_ins, "fit": fit} if "fit" in stand_ins else stand_ins):
        return function(*args)


def machine(model: Any, X: torch.Tensor) -> dict[str, Any]:
    """Say what `model` is: a trained SVC of scikit-learn, or not, and what it gives.

    Returns a dict: "kind", the name of its type; "trained"; "settings", its hyper-parameters by name, those that are
    plain values; "classes", the labels that it knows; "support", its support vectors; "scores", its decision function
    at the rows of X. The last three only where it is trained.
    """
    trained = hasattr(model, "support_vectors_")
    about: dict[str, Any] = {"kind": type(model).__name__, "trained": trained, "settings": {}}
    if hasattr(model, "get_params") and not inspect.isclass(model):
        settings = model.get_params(deep=False)
        plain = (bool, int, float, str)
        about["settings"] = {name: value for name, value in settings.items() if isinstance(value, plain)}
    if trained:
        about["classes"] = [float(label) for label in model.classes_]
        about["support"] = torch.tensor(model.support_vectors_)
        about["scores"] = torch.tensor(model.decision_function(X.numpy()))
    return about
