"""Probes: functions that run beside the student's objects and return plain data about them."""

import inspect
import itertools
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from helpers.data import CirclesData


def calls_autograd(function: Callable, *args: Any) -> bool:
    """Call `function(*args)` and tell whether torch's automatic differentiation computed anything meanwhile."""
    used = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, operation: Callable, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
            used.append(torch._C._current_autograd_node() is not None)
            return operation(*args, **(kwargs or {}))

    with Watch():
        function(*args)
    return any(used)


def train_with(stand_ins: str | Mapping[str, Callable], train: Callable, parts: dict, *args: Any) -> Any:
    """Call `train(data, *args)` while functions of its notebook are replaced.

    stand_ins: the functions that stand in for the notebook's own, by their names, or Python source that defines them.
    parts: Xtrain, Ytrain, Xtest and Ytest of data, which otherwise is a CirclesData.
    """
    scope: dict[str, Any] = {}
    if isinstance(stand_ins, str):
        exec(stand_ins, scope)
        scope.pop("__builtins__")
    data = CirclesData()
    vars(data).update(parts)
    with _replaced(_names(train), scope or stand_ins):
        return train(data, *args)


def leaves_found(function: Callable, expression: str, tensors: Mapping[str, torch.Tensor]) -> list[str] | str:
    """Call `function` on the value of a Python expression, and tell which tensors it returns.

    tensors: those that the expression uses, by name; copies of them stand in, leaves where they require grad.
    Returns the name of each tensor in the list that came back, "?" for what is none of them; the name of its type
    where no list came back.
    """
    live = {name: _leaf(tensor) for name, tensor in tensors.items()}
    got = function(eval(expression, {"torch": torch}, live))
    if not isinstance(got, list | tuple | set):
        return type(got).__name__
    return [next((name for name, tensor in live.items() if tensor is one), "?") for one in got]


def gradients(function: Callable, *inputs: torch.Tensor) -> dict[str, Any]:
    """Call `function` on copies of `inputs`, leaves where they require grad, and backward on the number it returns.

    Returns a dict: "result", what it returned; "grads", the gradient of each input, None where it has none; "grads"
    is None where the result is not a single number with a graph.
    """
    live = [_leaf(tensor) for tensor in inputs]
    result = function(*live)
    if not isinstance(result, torch.Tensor):
        return {"result": result, "grads": None}
    if result.numel() != 1 or not result.requires_grad:
        return {"result": result.detach(), "grads": None}
    result.backward()
    return {"result": result.detach(), "grads": [tensor.grad for tensor in live]}


def differentiate(
    operation: type[torch.autograd.Function], inputs: list[torch.Tensor], slope: torch.Tensor
) -> dict[str, Any]:
    """Apply a Function to copies of `inputs`, leaves where they require grad, then go back from `slope`.

    Returns a dict: "output", of forward; "grads", the gradient of each input, None if the output has not the shape of
    `slope`; "refused", what torch said if it refused the gradients that backward returned, "" if it took them.
    """
    live = [_leaf(tensor) for tensor in inputs]
    output = operation.apply(*live)
    shape = tuple(output.shape) if isinstance(output, torch.Tensor) else None
    record = {"output": output.detach() if shape is not None else output, "grads": None, "refused": ""}
    if shape != tuple(slope.shape):
        return record
    try:
        (output * slope).sum().backward()
    except RuntimeError as error:
        if "incorrect number of gradients" not in str(error) and "invalid gradient" not in str(error):
            raise
        return record | {"refused": str(error)}
    return record | {"grads": [tensor.grad for tensor in live]}


def gradcheck(operation: type[torch.autograd.Function], inputs: list[torch.Tensor]) -> str:
    """Compare the backward of a Function with finite differences: return "" if they agree, else what torch says."""
    from torch.autograd.gradcheck import GradcheckError

    try:
        torch.autograd.gradcheck(operation.apply, [_leaf(tensor) for tensor in inputs])
    except GradcheckError as error:
        return str(error)
    return ""


def leaf_gradients(init_params: Callable, *sizes: int) -> dict[str, Any]:
    """Call `init_params(*sizes)`, then backward on the sum of the squares of all the parameters.

    Returns a dict: "params", what init_params returned; "grads", for each parameter its gradient, None if it has none.
    """
    params = init_params(*sizes)
    if not isinstance(params, Mapping):
        return {"params": params, "grads": {}}
    live = [tensor for tensor in params.values() if isinstance(tensor, torch.Tensor) and tensor.requires_grad]
    if live:
        torch.stack([(tensor**2).sum() for tensor in live]).sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, about the .grad of what is not a leaf
        grads = {name: getattr(tensor, "grad", None) for name, tensor in params.items()}
    plain = {
        name: tensor.detach().requires_grad_(tensor.requires_grad) if isinstance(tensor, torch.Tensor) else tensor
        for name, tensor in params.items()
    }
    return {"params": plain, "grads": grads}


def descend(
    sgd: Callable, start: Mapping[str, torch.Tensor], slopes: Mapping[str, torch.Tensor], eta: float, steps: int = 1
) -> dict[str, Any]:
    """Call `sgd(params, eta)` several times, each time after backward on the sum of slopes × params.

    start: the values of the parameters. slopes: the gradient that each backward adds, of the same shapes.
    Returns a dict: "refused", what torch said if it refused to change a leaf in place, else ""; "steps", for each step
    a dict from each name to [the tensor that params holds, the one that it held at first, the gradient left on it].
    Stops early where a tensor of params no longer takes a gradient.
    """
    params: Any = {name: tensor.detach().clone().requires_grad_() for name, tensor in start.items()}
    first, record = dict(params), []
    for _step in range(steps):
        if not all(tensor.requires_grad and tensor.is_leaf for tensor in params.values()):
            break
        torch.stack([(params[name] * slopes[name]).sum() for name in params]).sum().backward()
        try:
            returned = sgd(params, eta)
        except RuntimeError as error:
            if "leaf Variable" not in str(error):
                raise
            return {"refused": str(error), "steps": []}
        params = params if returned is None else returned
        if not isinstance(params, Mapping) or any(not isinstance(one, torch.Tensor) for one in params.values()):
            return {"refused": "", "steps": [params]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, about the .grad of what is not a leaf
            record.append(
                {
                    name: [
                        tensor.detach().clone().requires_grad_(tensor.requires_grad),
                        first[name].detach().clone() if name in first else None,
                        None if tensor.grad is None else tensor.grad.clone(),
                    ]
                    for name, tensor in params.items()
                }
            )
    return {"refused": "", "steps": record}


def train_on(train: Callable, parts: Mapping[str, torch.Tensor], *args: Any) -> Any:
    """Call `train(data, *args)`, with stand-ins of minibatches and sgd: a mistake there is told by their own checks.

    parts: the attributes of data, Xtrain and so on. That of minibatches gives the order of the data, moved on by one
    at each call; that of sgd leaves parameters without a gradient as they are.
    """
    calls = itertools.count(1)

    def minibatches(n: int, batch: int) -> list[torch.Tensor]:
        return list(torch.arange(n).roll(next(calls)).split(batch))

    def sgd(params: dict, eta: float) -> dict:
        return _step(params, eta)

    with _replaced(_names(train), {"minibatches": minibatches, "sgd": sgd}):
        return _plain(train(SimpleNamespace(**parts), *args))


def refusal(train: Callable, parts: Mapping[str, torch.Tensor], *args: Any) -> str:
    """Do as train_on does; return what Python said if a leaf was changed in place outside no_grad, or a gradient None.

    Returns "" if neither happened.
    """
    try:
        train_on(train, parts, *args)
    except (AttributeError, RuntimeError, TypeError) as error:
        if "leaf Variable" in str(error) or "NoneType" in str(error):
            return str(error)
        raise
    return ""


def record_descent(train: Callable, parts: dict[str, torch.Tensor], *args: Any) -> dict[str, Any]:
    """Call `train(data, *args)`, which uses autograd, with stand-ins that learn nothing, and record what it asked.

    parts: Xtrain, Ytrain, Xtest and Ytest of data. The stand-ins of minibatches, forward and loss_accuracy are those of
    helpers.standins; the loss has a gradient of 0.5 in the one parameter W, a leaf that starts at 0. That of sgd takes
    a step and resets the gradient. Returns a dict: "result", what train returned; "sizes", the arguments of
    init_params, None if it was not called; "batches", a list of [X, Y], one for each
    loss that backward went through; "steps", the gradient that each call of sgd found, None if there was none;
    "by_hand", whether the backward of 02_manual was called, or sgd as it was there.
    """
    data = CirclesData()
    vars(data).update(parts)
    record: dict[str, Any] = {"sizes": None, "batches": [], "steps": [], "by_hand": False}
    calls = itertools.count(1)

    def init_params(nx: int, nh: int, ny: int) -> dict[str, torch.Tensor]:
        record["sizes"] = [nx, nh, ny]
        return {"W": torch.zeros(1, requires_grad=True)}

    def minibatches(n: int, batch: int) -> list[torch.Tensor]:
        return list(torch.arange(n).roll(next(calls)).split(batch))

    def forward(params: dict, X: torch.Tensor) -> tuple[torch.Tensor, dict]:
        Yhat = (X.clone() if record["steps"] or record["batches"] else X + 1) + (params["W"] - params["W"].detach())
        Yhat.examples = X.clone()
        return Yhat, dict.fromkeys(("htilde", "h", "ytilde", "yhat"), Yhat) | {"X": X.clone()}

    def loss_accuracy(Yhat: torch.Tensor, Y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        L = (Yhat * Y).mean()
        if L.requires_grad:
            pair = [getattr(Yhat, "examples", Yhat.detach()), Y.clone()]
            L.register_hook(lambda _slope: record["batches"].append(pair))
        return L, (Yhat - Y).abs().mean()

    def backward(params: dict, outputs: dict, Y: torch.Tensor) -> dict[str, torch.Tensor]:
        record["by_hand"] = True
        return {"W": torch.full((1,), 0.5)}

    def sgd(params: dict, *args: Any) -> dict:
        record["by_hand"] |= len(args) > 1
        slope = params["W"].grad
        record["steps"].append(None if slope is None else slope.clone())
        return _step(params, args[-1])

    stand_ins = (init_params, minibatches, forward, loss_accuracy, backward, sgd)
    with _replaced(_names(train), {function.__name__: function for function in stand_ins}):
        record["result"] = _plain(train(data, *args))
    return record


def scalars_written(write: Callable, *args: Any) -> dict[str, list[list[float]]]:
    """Call `write(*args, folder)` with an empty folder, and read back the scalars of its event files.

    Returns for each tag its points [step, value], in the order in which they were written.
    """
    folder = Path(tempfile.mkdtemp())
    try:
        write(*args, str(folder))
        found = _scalars(folder)
        while (more := _scalars(folder)) and _sizes(more) != _sizes(found):  # a writer left open is still at work
            found = more
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sizes(found: Mapping[str, list]) -> dict[str, int]:
    return {tag: len(points) for tag, points in found.items()}


def _scalars(folder: Path) -> dict[str, list[list[float]]]:
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    time.sleep(0.02)
    found: dict[str, list[list[float]]] = {}
    for path in sorted(folder.rglob("*tfevents*")):
        for event in LegacyEventFileLoader(str(path)).Load():
            for value in event.summary.value:
                is_simple = value.HasField("simple_value")
                number = value.simple_value if is_simple else [*value.tensor.float_val, float("nan")][0]
                found.setdefault(value.tag, []).append([event.step, number])
    return found


def _step(params: dict, eta: float) -> dict:
    """Take a step down; torch.optim takes half a second to import."""
    for tensor in params.values():
        if tensor.grad is not None:
            tensor.data.add_(tensor.grad, alpha=-eta)
            tensor.grad = None
    return params


def _leaf(tensor: torch.Tensor) -> torch.Tensor:
    """Copy a tensor, its strides too."""
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)


def _plain(value: Any) -> Any:
    """Return a tensor, or the tensors in a tuple, list or dict, without their graphs."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_plain(one) for one in value)
    return value


def describe(model: Any) -> dict[str, Any]:
    """Describe a module, or say that it is none.

    Returns a dict: "kind", the name of its class; "module", whether it is a torch.nn.Module. And of a module:
    "training"; "modules", the class of each module inside by name; "parameters" and "buffers", by name a dict of
    "shape", "dtype", "device", "trained" (whether it requires gradients) and "saved" (whether state_dict has it).
    """
    about: dict[str, Any] = {"kind": type(model).__name__, "module": isinstance(model, torch.nn.Module)}
    if not about["module"]:
        return about
    saved = model.state_dict()

    def facts(name: str, value: torch.Tensor) -> dict[str, Any]:
        return {
            "shape": list(value.shape),
            "dtype": str(value.dtype),
            "device": str(value.device),
            "trained": value.requires_grad,
            "saved": name in saved,
        }

    about["training"] = model.training
    about["modules"] = {name: type(inner).__name__ for name, inner in model.named_modules() if name}
    about["parameters"] = {name: facts(name, value) for name, value in model.named_parameters()}
    about["buffers"] = {name: facts(name, value) for name, value in model.named_buffers()}
    return about


def parameters(model: Any) -> dict[str, torch.Tensor]:
    """Return copies of the parameters of a module by name; of anything else, an empty dict."""
    return _copies(model) if isinstance(model, torch.nn.Module) else {}


def seeded(seed: int, function: Callable, *args: Any) -> Any:
    """Call `function(*args)` with torch's random numbers starting from `seed`: two calls draw the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return function(*args)


def on_model(function: Callable, layers: Sequence, values: Sequence | None, *args: Any) -> Any:
    """Call `function(model, *args)` on a Sequential made here, and return its result without its graph.

    layers: for each layer the name of its class in torch.nn, then its arguments: [["Linear", 3, 4], ["Tanh"]].
    values: a tensor for each parameter, in order; None leaves them as they are drawn.
    """
    return _without_graph(function(torch.nn.Sequential(*_build(layers, values)), *args))


def one_step(
    step: Callable,
    layers: Sequence,
    values: Sequence[torch.Tensor],
    slopes: Sequence[torch.Tensor] | None,
    args: Sequence,
    parts: bool = False,
    times: int = 1,
) -> dict[str, Any]:
    """Call `step(model, *args)` on a Sequential made here (`parts`: on a tuple of its layers), and look at what it did.

    layers, values: as in on_model. slopes: what is in `.grad` of each parameter before; None for nothing.
    times: how many calls, one after the other.
    Returns a dict: "result", what step returned; lists "values", "slopes" and "trained" (requires_grad), one entry for
    each parameter; "error", the message where torch refused to change a leaf in place, or where a gradient was None,
    else "".
    """
    modules = _build(layers, values)
    live = [value for module in modules for value in module.parameters()]
    for value, slope in zip(live, slopes or (), strict=False):
        value.grad = slope.clone()
    result, problem = None, ""
    try:
        for _ in range(times):
            result = step(tuple(modules) if parts else torch.nn.Sequential(*modules), *args)
    except (RuntimeError, TypeError) as error:
        problem = str(error)
        if "leaf Variable" not in problem and "NoneType" not in problem:
            raise
    return {
        "result": None if isinstance(result, torch.nn.Module | tuple) else _without_graph(result),
        "values": [value.detach().clone() for value in live],
        "slopes": [None if value.grad is None else value.grad.detach().clone() for value in live],
        "trained": [value.requires_grad for value in live],
        "error": problem,
    }


def wrapped(wrap: Callable, layers: Sequence, values: Sequence[torch.Tensor], X: torch.Tensor) -> dict[str, Any]:
    """Call `wrap(parts)` on a tuple of layers made here, and use the model that it returns.

    Returns a dict: "model", what describe says of it; and where it can be called "before", its output on X, and
    "after", its output once 0.5 was added to every parameter of the parts.
    """
    modules = _build(layers, values)
    model = wrap(tuple(modules))
    record: dict[str, Any] = {"model": describe(model)}
    if callable(model):
        with torch.no_grad(), suppress(TypeError):  # a loss among the layers lacks an argument
            record["before"] = _without_graph(model(X))
            for module in modules:
                for value in module.parameters():
                    value += 0.5
            record["after"] = _without_graph(model(X))
    return record


def measured(measure: Callable, loss: str, options: Mapping, Yhat: torch.Tensor, Y: torch.Tensor) -> dict[str, Any]:
    """Call `measure(loss, Yhat, Y)` with a loss of torch.nn, made here with its options, and follow L back to Yhat.

    Returns a dict: "result", what measure returned, without graph; "slope", the gradient of its first value in Yhat,
    None where no graph leads there.
    """
    scores = Yhat.detach().requires_grad_()
    result = measure(getattr(torch.nn, loss)(**options), scores, Y)
    L = result[0] if isinstance(result, tuple | list) and result else result
    slope = None
    if isinstance(L, torch.Tensor) and L.requires_grad:
        (slope,) = torch.autograd.grad(L.sum(), scores, allow_unused=True)
    return {"result": _without_graph(result), "slope": slope}


def watch_training(definitions: str, train: Callable, parts: Mapping[str, torch.Tensor], *args: Any) -> dict[str, Any]:
    """Call `train(data, *args)` with a model that is watched, and record each backward pass through it.

    definitions: Python source of the functions that stand in for the notebook's own of the same names. It makes its
    model with `watch(model)`, and may keep plain values with `note(value)`.
    data is a CirclesData whose Xtrain, Ytrain, Xtest and Ytest are those of `parts`.
    Returns a dict: "result", what train returned; "notes", a list; "passes", for each backward pass a dict of "X" and
    "Yhat", what the model was given and gave, "delta", the gradient of the loss in Yhat, "params" and "grads", dicts
    by name, as they are after it.
    """
    data = CirclesData()
    vars(data).update(parts)
    record: dict[str, Any] = {"notes": [], "passes": []}

    def watch(model: torch.nn.Module) -> torch.nn.Module:
        compute, live = model.forward, dict(model.named_parameters())
        current: dict[str, torch.Tensor] = {}
        waiting = set(live)

        def forward(X: torch.Tensor) -> torch.Tensor:
            Yhat = compute(X)
            if Yhat.requires_grad:
                Yhat.register_hook(partial(reached, X.detach().clone(), Yhat.detach().clone()))
            return Yhat

        def reached(X: torch.Tensor, Yhat: torch.Tensor, delta: torch.Tensor) -> None:
            current.update(X=X, Yhat=Yhat, delta=delta.detach().clone())

        def arrived(name: str, value: torch.Tensor) -> None:
            waiting.discard(name)
            if not waiting:
                waiting.update(live)
                grads = {name: value.grad.detach().clone() for name, value in live.items()}
                record["passes"].append(current | {"params": _copies(model), "grads": grads})

        model.forward = forward
        for name, value in live.items():
            value.register_post_accumulate_grad_hook(partial(arrived, name))
        return model

    scope: dict[str, Any] = {"watch": watch, "note": record["notes"].append}
    exec(definitions, scope)
    stand_ins = {name: value for name, value in scope.items() if inspect.isfunction(value) and value is not watch}
    with _replaced(_names(train), stand_ins):
        record["result"] = train(data, *args)
    return record


def _build(layers: Sequence, values: Sequence | None) -> list[torch.nn.Module]:
    """Make the layers that on_model describes, their parameters set to `values`."""
    modules = [getattr(torch.nn, kind)(*arguments) for kind, *arguments in layers]
    if values is not None:
        live = [value for module in modules for value in module.parameters()]
        for old, new in zip(live, values, strict=True):
            old.data = new.detach().clone()
    return modules


def _copies(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return copies of the parameters on the CPU; NaN for those of the device "meta", which holds no numbers."""
    return {
        name: torch.full(value.shape, torch.nan) if value.is_meta else value.detach().cpu().clone()
        for name, value in model.named_parameters()
    }


def _without_graph(value: Any) -> Any:
    """Return a result without its graph: tensors that had one still require gradients."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, tuple | list):
        return [_without_graph(item) for item in value]
    return value


def _names(function: Callable) -> dict[str, Any]:
    """Return the namespace in which a function, decorated or an object with __call__, looks up its names."""
    function = inspect.unwrap(function)
    return getattr(function, "__globals__", None) or inspect.unwrap(type(function).__call__).__globals__


@contextmanager
def _replaced(names: dict[str, Any], stand_ins: Mapping[str, Any]) -> Iterator[None]:
    """Bind `stand_ins` in the namespace `names` for a while."""
    before = {name: names[name] for name in stand_ins if name in names}
    try:
        names.update(stand_ins)
        yield
    finally:
        for name in stand_ins:
            names.pop(name)
        names.update(before)
