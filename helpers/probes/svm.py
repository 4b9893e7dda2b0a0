"""Probes of support vector machines, and of functions that use others of their notebook."""

import inspect
from collections.abc import Callable
from typing import Any

import torch


def machine(model: Any, X: torch.Tensor) -> dict[str, Any]:
    """Say what `model` is: a trained SVC of scikit-learn, or not, and what it gives.

    Returns a dict: "kind", the name of its type; "trained"; "settings", its hyper-parameters by name, those that are
    plain values; "classes", the labels that it knows; "support", its support vectors; "scores", its decision function
    at the rows of X. The last three only where it is trained, "settings" only where it has some.
    """
    about: dict[str, Any] = {
        "kind": type(model).__name__,
        "trained": hasattr(model, "support_vectors_"),
        "settings": {},
    }
    if hasattr(model, "get_params") and not inspect.isclass(model):
        settings = model.get_params(deep=False)
        plain = (bool, int, float, str)
        about["settings"] = {name: value for name, value in settings.items() if isinstance(value, plain)}
    if about["trained"]:
        about["classes"] = [float(label) for label in model.classes_]
        about["support"] = torch.tensor(model.support_vectors_)
        about["scores"] = torch.tensor(model.decision_function(X.numpy()))
    return about


def with_functions(definitions: str, function: Callable, *args: Any) -> Any:
    """Call `function(*args)` while functions of its notebook are replaced by those that `definitions` define.

    definitions: Python source.
    """
    scope: dict[str, Any] = {}
    exec(definitions, scope)
    stand_ins = {name: value for name, value in scope.items() if inspect.isfunction(value)}
    names = inspect.unwrap(function).__globals__
    before = {name: names[name] for name in stand_ins if name in names}
    try:
        names.update(stand_ins)
        return function(*args)
    finally:
        for name in stand_ins:
            names.pop(name, None)
        names.update(before)
