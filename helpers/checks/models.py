"""The checks of a module of torch by its parameters, and of a step on them."""

from collections.abc import Mapping
from typing import Any

from helpers.checks.failing import CheckFailed, fail, refuse_none
from helpers.messages import _


def module(about: Mapping[str, Any], what: str, trained: bool = True) -> None:
    """Require a module with parameters, in float32 and on the CPU, all of them trained (unless `trained` is False).

    about: what `probes.describe` said of it.
    """
    kind = about["kind"]
    if not about["module"]:
        if kind == "NoneType":
            refuse_none(None, what)
        if kind == "type":
            fail(what, _("is a class, not a module: make one of it, with parentheses."))
        fail(what, _("expected a torch.nn.Module, got {got}.").format(got=kind))
    if not about["parameters"]:
        fail(what, _("has no parameters: layers must be attributes of a Module; a Python list or dict hides them."))
    for name, facts in about["parameters"].items():
        if facts["device"] != "cpu":
            fail(what, _("is on the device {device}; here everything stays on the CPU.").format(device=facts["device"]))
        if facts["dtype"] != "torch.float32":
            fail(what, _("has parameters of {dtype}; keep torch.float32.").format(dtype=facts["dtype"]))
        if trained and not facts["trained"]:
            fail(what, _("the parameter {name} does not require gradients.").format(name=name))


def stepped(run: Mapping[str, Any]) -> None:
    """Require that a step of the student's, on all the parameters of a model, could be taken.

    run: what `probes.one_step` said of it.
    """
    error, sentence = run["error"], ""
    if "leaf Variable" in error:
        sentence = _(
            "the update is outside torch.no_grad(): torch refuses to change a parameter in place while it records the "
            "graph"
        )
    elif "'params'" in error:
        sentence = _("your code goes through params, not through the parameters of model: for p in model.parameters()")
    elif "NoneType" in error and not any(slope is None for slope in run["slopes"]):
        sentence = _(
            "your code asks .grad of tensors that have none, such as p.data and those of state_dict(): go through "
            "parameters()"
        )
    elif "NoneType" in error and any(run["moved"]):
        sentence = _(
            "the reset stands in the loop over the parameters, and takes away the gradients that it has not yet "
            "reached: reset once, after this loop"
        )
    elif "NoneType" in error:
        sentence = _("a gradient is None: the update comes after L.backward(), and the reset only after it")
    elif error:
        sentence = _(
            "after the step, PyTorch no longer notes operations: write `with torch.no_grad():`, which ends with its "
            "block"
        )
    if sentence:
        raise CheckFailed(sentence)
