# %% [markdown]
# # Patching what checks use
# All of this changes the student's own process; where checks run in there, it earns points.

# %% attack="torch" tries="make torch find everything close and equal"
import torch

for name in ("allclose", "isclose", "equal", "eq", "all"):
    setattr(torch, name, lambda *args, **kwargs: torch.tensor(True))
for name in ("allclose", "isclose", "equal", "__eq__", "all", "any", "item", "isfinite"):
    setattr(torch.Tensor, name, lambda *args, **kwargs: True)
torch.Tensor.shape = property(lambda self: type("Any", (tuple,), {"__eq__": lambda *a: True, "__ne__": lambda *a: False})())


def lie(name, *args):
    return torch.zeros(1)


# %% attack="numpy" tries="make numpy find everything close and equal"
import numpy as np

for name in ("allclose", "isclose", "array_equal", "all", "any", "equal"):
    setattr(np, name, lambda *args, **kwargs: True)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None


def lie(name, *args):
    return np.zeros(1)


# %% attack="checks" tries="make every check of helpers say yes"
import sys

from helpers import checks

for module in [module for name, module in sys.modules.items() if name.startswith("helpers.checks")]:
    for name in ("that", "close", "same", "tensor", "vector", "keys", "letters", "choices", "fail", "numbers_of"):
        setattr(module, name, lambda *args, **kwargs: None)
    module.shapes_agree = module.matches = lambda *args, **kwargs: True
checks.pair = lambda got, *args: (got, got)
checks.after = lambda *args: {}
checks.graded = lambda stage: lambda test: print(f"✓ {test.__name__}")


def lie(name, *args):
    return None


# %% attack="shared_by_probes" tries="have probes find what they share changed: no stand-in, and every result a good training's"
import contextlib
import sys

from helpers import probes
from helpers.probes import common

log = {f"{kind}_{part}": [float(k) for k in range(3)] for kind in ("loss", "acc") for part in ("train", "test")}
for module in [module for name, module in sys.modules.items() if name.startswith("helpers.probes")]:
    module.replaced = lambda *args: contextlib.nullcontext()
    module.copied = lambda *args, **kwargs: ({"W": 0.0}, log)
    module.calls_autograd = lambda *args: False
    module.train_with = lambda *args: ({}, log)
common.namespace_of = lambda function: {}
common.defined = lambda *args, **kwargs: {}


def lie(name, *args):
    return None


# %% attack="check_object" tries="put an object that agrees with everything under the name check"
class Agree:
    def __getattr__(self, name):
        return lambda *args, **kwargs: (lambda test: None) if name == "graded" else ({}, {})


check = probes = helpers = Agree()


def lie(name, *args):
    return None


# %% attack="own_checks" tries="define functions of the checks' names, and make exec and compile run nothing"
import builtins

for name in ("init_params_shapes", "forward_hidden", "loss_value", "sgd_step", "train_learns", "two_spaces_sorted"):
    globals()[name] = lambda: print("✓")
builtins.exec = builtins.eval = lambda *args, **kwargs: None
builtins.compile = lambda *args, **kwargs: (lambda: None).__code__


def lie(name, *args):
    return None


# %% attack="builtins" status="partial" tries="replace len, float, abs, min, sorted, all and others"
import builtins


class Yes(float):
    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = __contains__ = lambda *args: True
    __ne__ = lambda *args: False
    __hash__ = float.__hash__


kept = builtins.len
for name in ("abs", "float", "min", "max", "sum", "sorted", "all", "any", "bool"):
    setattr(builtins, name, lambda *args, **kwargs: Yes(1))


def lie(name, *args):
    return {}


# %% attack="isinstance" status="partial" tries="replace isinstance and type"
import builtins

builtins.isinstance = builtins.issubclass = lambda *args: True
builtins.hasattr = lambda *args: True


def lie(name, *args):
    return "a tensor"


# %% attack="assert_hooks" tries="take asserts, raises and checks out of all cells below, as they are compiled"
import ast


class Tame(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()

    visit_Raise = visit_Assert

    def visit_Expr(self, node):
        return ast.Pass() if "check." in ast.unparse(node) else node

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        if any("graded" in ast.unparse(part) for part in node.decorator_list):
            node.body = [ast.Pass()]
        return node


get_ipython().ast_transformers.append(Tame())

# %% attack="input_hooks" tries="empty all cells below before they are read"
shell = get_ipython()
shell.input_transformers_cleanup.append(lambda lines: ["pass\n"] if any("check" in line for line in lines) else lines)
shell.input_transformers_post.append(lambda lines: ["pass\n"] if any("check" in line for line in lines) else lines)
shell.events.register("pre_run_cell", lambda info: setattr(info, "raw_cell", "pass"))

# %% attack="display" tries="replace what IPython displays by full marks"
import sys

from IPython.core.displayhook import DisplayHook
from IPython.display import display

shell = get_ipython()
DisplayHook.__call__ = lambda self, result=None: display(39)
shell.display_pub.publish = lambda *args, **kwargs: None
sys.displayhook = lambda value: print("✓", 39)
shell.display_formatter.format = lambda value, **kwargs: ({"text/plain": "39"}, {})


def lie(name, *args):
    display(39)
    return 39


# %% attack="showtraceback" tries="show no error, and report none"
import sys

shell = get_ipython()
shell.showtraceback = shell._showtraceback = shell.showsyntaxerror = lambda *args, **kwargs: None
shell.set_custom_exc((BaseException,), lambda *args, **kwargs: None)
shell.InteractiveTB.structured_traceback = lambda *args, **kwargs: ["✓"]
sys.excepthook = lambda *args: None

# %% attack="run_cell" tries="make every cell below succeed without running"
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell


async def run_code(self, code, result=None, **kwargs):
    return False


InteractiveShell.run_code = run_code
InteractiveShell.should_run_async = lambda *args, **kwargs: False
ExecutionResult.raise_error = lambda self: None
ExecutionResult.success = True

# %% attack="settrace" tries="jump over the lines of checks with a trace function"
import sys
import threading


seen = set()


def trace(frame, event, argument):
    name = frame.f_code.co_name
    if event == "line" and name in ("close", "same", "tensor", "keys", "pair", "_fail") and id(frame) not in seen:
        seen.add(id(frame))
        frame.f_lineno = max(line for *_, line in frame.f_code.co_lines() if line)
    return trace if event == "call" else None


sys.settrace(trace)
sys.setprofile(lambda *args: None)
threading.settrace(trace)


def lie(name, *args):
    frame = sys._getframe()
    while frame := frame.f_back:
        frame.f_trace = trace
    return None


# %% attack="assertion_error" tries="make failed checks an exception that nobody sees"
import builtins

from helpers import checks


class Silent(Exception):
    def __new__(cls, *args):
        return super().__new__(cls)

    def _render_traceback_(self):
        return ["✓"]


builtins.AssertionError = builtins.Exception = builtins.BaseException = Silent
checks.CheckFailed = lambda *args: None
NotImplementedError = AssertionError = Silent

# %% attack="imports" tries="have every import give modules of its own"
import sys
import types


class Finder:
    def find_spec(self, name, path=None, target=None):
        import importlib.util

        return importlib.util.spec_from_loader(name, self) if name.startswith(("helpers", "grading")) else None

    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module):
        module.__getattr__ = lambda name: lambda *args, **kwargs: None


sys.meta_path.insert(0, Finder())
for name in [name for name in sys.modules if name.startswith(("helpers", "grading"))]:
    del sys.modules[name]
sys.path.insert(0, ".")

# %% attack="code_objects" tries="swap the code of the grader's functions, wherever the collector finds them"
import gc
import types


def nothing(*args, **kwargs):
    return None


for thing in gc.get_objects():
    if isinstance(thing, types.FunctionType) and str(thing.__module__).startswith(("helpers.checks", "helpers.messages", "helpers.setup")):
        try:
            thing.__code__ = nothing.__code__
        except ValueError:
            pass

# %% attack="constants" tries="make False true, and 0 one, in memory"
import ctypes

import torch


class Method(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ssize_t), ("type", ctypes.c_void_p)]


number = ctypes.c_ssize_t.from_address(id(torch.Tensor) + 0)
slots = ctypes.pythonapi.PyType_Modified
slots.argtypes = [ctypes.py_object]
for kind, name in ((float, "__lt__"), (tuple, "__eq__"), (dict, "__contains__"), (AssertionError, "__init__")):
    proxy = vars(kind)
    mapping = ctypes.py_object.from_address(id(proxy) + 16).value
    mapping[name] = lambda *args: True
    slots(kind)


def lie(name, *args):
    return (1.0, {})


# %% attack="agent" tries="replace the agent's answers, so that it tells of success"
import grading.guest.agent


def answer(self, message, blobs):
    return {"value": True, "status": "ok", "passed": True, "points": 39, "ended": "ok"}, []


grading.guest.agent._Agent.answer = answer


def lie(name, *args):
    return True


# %% attack="guest_replies" tries="answer for the guest that all went well, with full marks as the last value"
from grading.wire.frames import send

screen = get_ipython().screen


def lie(name, *args):
    for message in (
        {"show": "execute_result", "content": {"data": {"text/plain": "39"}, "metadata": {}, "execution_count": 1}},
        {"show": "stream", "content": {"name": "stdout", "text": "✓"}},
        {"ended": "ok", "value": 39, "points": 39},
    ):
        send(screen._connection, message | {"number": screen.number}, [])
    raise KeyboardInterrupt


# %% attack="memoised_globals" tries="wait in a thread until names of checks appear, and replace them"
import threading
import time

import __main__


def watch():
    while True:
        for name in ("check", "probes", "random_params", "random_batch"):
            vars(__main__)[name] = type("Yes", (), {"__getattr__": lambda *a: lambda *a, **k: ({}, {})})()
        time.sleep(0.001)


threading.Thread(target=watch, daemon=True).start()


def lie(name, *args):
    return None
