"""How checks call a student's functions."""

import copy
from collections.abc import Callable
from typing import Any

from helpers.checks.failing import CheckFailed
from helpers.messages import _
from helpers.setup import explained


def copies(*args: Any) -> tuple[Any, ...]:
    """Return deep copies to call a function with: whatever it does to them, what is expected of it stays."""
    return copy.deepcopy(args)


def changed(function: Callable[..., Any], *args: Any) -> tuple[Any, tuple[Any, ...]]:
    """Call a function on copies of its arguments; return what it returned, and the copies as it left them.

    The only way to see what a function does to its arguments: when graded, every other call leaves them as they are.
    """
    args = copies(*args)
    call = getattr(type(function), "__in_place__", None)  # that of the judge
    return (call(function, *args) if call else function(*args)), args


def probed(function: Callable[..., Any], probe: Callable[..., Any]) -> Any:
    """Return what a probe says of a student's function, beside which it runs."""
    ask = getattr(type(function), "__probed__", None)  # that of the judge
    return ask(function, probe.__name__) if ask else probe(function)


def after(step: Callable[..., Any], params: Any, *args: Any) -> Any:
    """Call `step(params, *args)` on copies and return the new params, changed in place or returned."""
    returned, args = changed(step, params, *args)
    return args[0] if returned is None else returned


def by_hand(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function that computes gradients by hand, on what has no graph; say so where it asks for one."""
    try:
        return fits(function, *args)
    except RuntimeError as error:
        if "does not require grad" not in str(error):
            raise
        raise CheckFailed(_("backward uses autograd: here the gradients are computed by hand")) from None


def any_keys(call: Callable[[], Any], function: str) -> Any:
    """Return what a call gives; name the key that a student's function asks for and its dict does not have."""
    try:
        return call()
    except KeyError as error:
        key = str(error.args[0] if error.args else error).strip("'")
        sentence = _("{function} asks for '{key}', which this dict does not have: go through whatever params holds")
        raise CheckFailed(sentence.format(function=function, key=key)) from None


def fits(function: Callable[..., Any], *args: Any) -> Any:
    """Return what a call gives; say so where sizes in it did not fit, of a product or a sum, or truths have no mean."""
    try:
        return function(*args)
    except RuntimeError as error:
        if not (sentence := explained(error)):
            raise
        raise CheckFailed(sentence) from None


def ran(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Return what a call gives that runs a student's numpy code, modules above all; name the slip that stopped it."""
    try:
        return function(*args, **options)
    except (AttributeError, TypeError, ValueError) as error:
        if not (sentence := explained(error, _slips())):
            raise
        raise CheckFailed(sentence) from None


def _slips() -> dict[str, str]:
    """Return sentences by what errors of Python and numpy say."""
    shape = r"(\([\d, ]+\))"
    return {
        r"^'_?[A-Z]\w*' object is not callable": _(
            "modules and losses are used by their methods: module.forward(X) and loss.forward(y, yhat), not module(X) "
            "and loss(y, yhat)"
        ),
        r"^delta is a list of arrays": _("input and delta are swapped: the input comes first"),
        r"operand.*'NoneType'": _(
            "your code computes with None: where nothing has come yet, put an array of zeros, np.zeros_like(…)"
        ),
        r"'NoneType' object": _(
            "your code asks None for what it holds: is there an attribute that __init__ does not set? "
            "(super().__init__() leaves _parameters and _gradient None.)"
        ),
        r"tuple.*(?:append|item assignment)|concatenate tuple": _(
            "nothing can be added to a tuple, as *modules is one: keep a list, list(modules)"
        ),
        r"^'_?[A-Z]\w*' object has no attribute '(\w+)'": _(
            "there is no attribute {}: is it misspelt, or does __init__ keep it under another name?"
        ),
        r"truth value of an array": _(
            "Python's max, min, if, and, or take one number, not an array: np.maximum(0, a) compares number by number"
        ),
        r"only integer scalar arrays|inhomogeneous shape": _(
            "an array stands where one whole number should, such as an axis or an index of a list. (np.max(a, axis) "
            "looks at one array; np.maximum(0, a) compares number by number.)"
        ),
        r"matmul": _(
            "the sizes do not fit in a product, @: the columns of the first array are to be as many as the rows of the "
            "second. Is a transpose missing, or one too many?"
        ),
        rf"non-broadcastable output|together with shapes {shape} {shape} {shape}": _(
            "what += adds to an array has another shape than the array. A gradient has that of its parameter: is a "
            "transpose missing, or the sum over the examples?"
        ),
        rf"together with shapes {shape} {shape}": _(
            "two sizes do not fit, {} and {}: number by number, with + - * /, they are to be equal, or one of them 1. "
            "Is a sum missing, or do their rows not belong together?"
        ),
    }


def trained(watch: Callable[..., Any], *args: Any) -> Any:
    """Return what a probe saw of a student's training; say so where backward was called on what has no graph."""
    try:
        return watch(*args)
    except AttributeError as error:
        if "'tuple' object has no attribute" in str(error):
            sentence = _(
                "loss_accuracy returns two values, the loss and the accuracy: only the first is L, the one to call "
                "backward on"
            )
        elif "has no attribute 'backward'" in str(error):
            sentence = _("backward belongs to the number that the loss gives, L, not to the function loss")
        else:
            raise
        raise CheckFailed(sentence) from None
    except RuntimeError as error:
        if "does not require grad" not in str(error):
            raise
        sentence = _(
            "L has no graph: predict and measure the loss of a mini-batch outside torch.no_grad(), which is for the "
            "measures"
        )
        raise CheckFailed(sentence) from None


def made(make: Callable[..., Any], *args: Any) -> Any:
    """Call a student's class of modules, or what makes a module.

    Says so where its __init__ does not begin with that of Module, or where a Sequential is given what is no module.
    """
    try:
        return make(*args)
    except TypeError as error:
        if "is not a Module subclass" not in str(error):
            raise
        if str(error).startswith(("list ", "tuple ")):
            raise CheckFailed(_("Sequential takes modules one by one: put a star before the list, *layers")) from None
        name = str(error).split()[0].split(".")[-1]
        sentence = _(
            "{name} in Sequential is no module: if it is a class, make a module of it, with parentheses, {name}()"
        )
        raise CheckFailed(sentence.format(name=name)) from None
    except AttributeError as error:
        if "Module.__init__() call" not in str(error):
            raise
        raise CheckFailed(_("__init__ begins with super().__init__(): before it, a module can keep nothing")) from None
