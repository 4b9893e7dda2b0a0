# %% [markdown]
# # Forged messages
# What the agent in the guest sends is the student's to change: `lie` returns a word in place of which the bytes go out.

# %% attack="no_json" tries="answer with what is no JSON"
import grading.guest.agent

real = grading.guest.agent.send


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    connection.send_bytes(b"\xff\xfe{not json" * 100)
    connection.send_bytes(b"")


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="odd_messages" tries="answer with JSON that is no message: lists, numbers, missing and doubled parts"
import itertools

import grading.guest.agent

real = grading.guest.agent.send
texts = itertools.cycle([
    b"[]", b"null", b"39", b'{"sizes": 3}', b'{"sizes": [], "value": {"is": "list"}}', b'{"sizes": [], "changes": 3}',
    b'{"sizes": [], "changes": [[0, {"is": "list", "of": []}], [[], 2], [9999, 1]]}', b'{"sizes": [], "error": 1}',
    b'{"sizes": [], "error": {"kind": [], "text": 0, "lines": "x", "kinds": 5}}', b'{"sizes": [], "value": {"is": {}}}',
    b'{"sizes": [], "value": {"is": "handle", "number": "x", "kind": "k", "callable": 1}}', b'{"sizes": [true]}',
])  # fmt: skip


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    connection.send_bytes(next(texts).replace(b'{"sizes"', b'{"number": %d, "sizes"' % message["number"]))
    connection.send_bytes(b"")


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="huge_text" status="partial" tries="answer with more text than anybody can hold"
import grading.guest.agent

real = grading.guest.agent.send


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    import os

    os.write(connection.fileno(), b"\xff\xff\xff\xff" + (2**62).to_bytes(8, "big") + b"[" * 100_000)
    connection.send_bytes(b"[" * 2**27)


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="sizes" tries="answer with sizes that are negative, fractions, too large, NaN"
import itertools

import grading.guest.agent

real = grading.guest.agent.send
sizes = itertools.cycle(["-1", "-8, 8", "0.5", "1e400", "NaN", "99999999999999999999", '"8"', "[8]", "true"])
node = '{"is": "tensor", "dtype": "float32", "shape": [2], "blob": 0}'


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    connection.send_bytes(f'{{"number": {message["number"]}, "sizes": [{next(sizes)}], "value": {node}}}'.encode())
    connection.send_bytes(b"12345678")


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="shapes" tries="answer with shapes, strides, types and blobs that do not fit each other"
import itertools
import json

import grading.guest.agent

real = grading.guest.agent.send
fine = {"is": "tensor", "dtype": "float32", "shape": [2], "blob": 0}
nodes = itertools.cycle(fine | change for change in (
    {"shape": [-2]}, {"shape": [-1, -2]}, {"shape": [2**62, 4]}, {"shape": "2"}, {"shape": [2.0]}, {"shape": [1] * 99},
    {"dtype": "object"}, {"dtype": "qint8"}, {"dtype": ["float32"]}, {"blob": -1}, {"blob": 7}, {"blob": True},
    {"strides": [-1]}, {"strides": [0]}, {"strides": [2**61]}, {"strides": [10**9]}, {"strides": []}, {"strides": None},
    {"is": "array", "dtype": "O"}, {"is": "array", "dtype": "V8", "shape": [1]}, {"is": "array", "dtype": "S8", "shape": [1]},
    {"is": "array", "dtype": "M8[s]", "shape": [1]}, {"is": "array", "dtype": "(2,)f4", "shape": [1]},
    {"is": "scalar", "dtype": "O8"}, {"is": "array", "dtype": {"names": ["a"]}}, {"is": "complex", "of": ["nan", 1, 2]},
    {"number": 10**30}, {"number": 0}, {"requires_grad": True, "dtype": "int32"}, {"requires_grad": True, "grad": "x"},
    {"is": "same", "as": 10**9}, {"is": "same", "as": []}, {"is": "dict", "of": [[{"is": "list", "of": []}, 1]]},
))  # fmt: skip


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    connection.send_bytes(json.dumps({"number": message["number"], "sizes": [8], "value": next(nodes)}).encode())
    connection.send_bytes(b"12345678")


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="one_blob_often" tries="fill the judge's memory with thousands of tensors made of the same bytes"
import json

import grading.guest.agent

real = grading.guest.agent.send
size = 2**24
node = {"is": "tensor", "dtype": "uint8", "shape": [size], "blob": 0}


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    value = {"is": "list", "of": [node] * 500}
    connection.send_bytes(json.dumps({"number": message["number"], "sizes": [size], "value": value}).encode())
    connection.send_bytes(bytes(size))


grading.guest.agent.send = send


def lie(name, *args):
    if name == "init_params":
        return "forge"


# %% attack="many_laughs" tries="fill the judge's memory with a small value that is very large when it is written out"
def lie(name, *args):
    laugh = ["ha"]
    for _ in range(30):
        laugh = [laugh, laugh]
    if name in ("count_steps", "why_shuffle"):
        return {"a": laugh, "b": laugh, "c": laugh, "d": laugh} if name == "why_shuffle" else laugh


# %% attack="rings" tries="send values that contain themselves and each other"
def lie(name, *args):
    rings = [[] for _ in range(14)]
    for ring in rings:
        ring.extend(rings)
    return rings if name in ("count_steps", "minibatches") else dict.fromkeys("abcde", rings)


# %% attack="thin_tensors" tries="return tensors of no bytes and a thousand million rows, or of very many rows"
import torch


def lie(name, *args):
    if name == "minibatches":
        return [torch.zeros(10**9, 0)] if args[0] == 6 else None
    return torch.zeros(10**9, 0), {}


# %% attack="many_rows" tries="return one tensor of very many rows, that takes much more memory cut into rows"
import torch


def lie(name, *args):
    if name == "minibatches" and args[0] == 6:
        return [torch.zeros(60_000_000, dtype=torch.uint8)]


# %% attack="wide_strides" tries="return a tensor of two numbers that spans gigabytes"
import json

import grading.guest.agent

real = grading.guest.agent.send
node = {"is": "tensor", "dtype": "float32", "shape": [2, 2], "blob": 0, "strides": [2**31, 1]}


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    pairs = [[name, node] for name in ("Wh", "bh", "Wy", "by", "W3")]
    connection.send_bytes(json.dumps({"number": message["number"], "sizes": [16], "value": {"is": "dict", "of": pairs}}).encode())
    connection.send_bytes(bytes(16))


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="deep" tries="answer with lists in lists in lists, and numbers of very many digits"
import grading.guest.agent

real = grading.guest.agent.send
texts = [b"[" * 4_000_000, b'{"sizes": [], "value": ' + b"9" * 4_000_000 + b"}"]
texts += [b'{"sizes": [], "value": ' + b'{"is": "list", "of": [' * 50_000 + b"]}" * 50_000 + b"}"]


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    texts.append(texts.pop(0))
    connection.send_bytes(texts[0])
    connection.send_bytes(b"")


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="silence" status="partial" says="does a loop never end?" tries="begin to answer the judge, and never end"
import time

import grading.guest.agent

real = grading.guest.agent.send


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    import os

    os.write(connection.fileno(), b"\x00")
    time.sleep(1000)


grading.guest.agent.send = send


def lie(name, *args):
    return "forge" if name == "count_steps" else None


# %% attack="hang_up" status="partial" says="ended Python itself" tries="hang up in the middle of an answer"
import grading.guest.agent

real = grading.guest.agent.send


def send(connection, message, blobs):
    if message.get("value") != "forge":
        return real(connection, message, blobs)
    connection.send_bytes(b'{"number": %d, "sizes": [], "value": 1}' % message["number"])
    connection.close()


grading.guest.agent.send = send


def lie(name, *args):
    return "forge" if name == "count_steps" else None


# %% attack="other_arguments" tries="claim to have changed what it was never given, or into something else"
import grading.guest.agent

real = grading.guest.agent.send


def send(connection, message, blobs):
    if message.get("value") == "forge":
        changes = [[number, {"is": "dict", "of": [["Wh", 0]]}] for number in range(100)]
        message = {"number": message["number"], "value": True, "changes": changes}
    return real(connection, message, blobs)


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="errors_of_every_kind" tries="raise, by message, exceptions that a check or the judge would take for its own"
import itertools

import grading.guest.agent

real = grading.guest.agent.send
kinds = itertools.cycle(["TimeUp", "GuestGone", "CheckFailed", "SystemExit", "KeyboardInterrupt", "StopIteration", "MemoryError"])


def send(connection, message, blobs):
    if message.get("value") == "forge":
        kind = next(kinds)
        message = {"number": message["number"], "error": {"kind": kind, "kinds": [kind, "BaseException"], "text": "✓", "lines": ["✓ passed"] * 10**5}}
    return real(connection, message, blobs)


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="names_of_the_judge" tries="put what it likes under the names that belong to the judge"
import grading.guest.agent

real = grading.guest.agent._Agent._do


def do(self, message, args, kwargs):
    found = real(self, message, args, kwargs)
    if message["do"] == "names":
        found |= dict.fromkeys(("check", "probes", "__builtins__", "random_params", "torch", "print"), lambda *a, **k: ({}, {}))
    return found


grading.guest.agent._Agent._do = do


def lie(name, *args):
    return None


# %% attack="answers_of_probes" tries="answer for the probes: no autograd, and a training as it should be"
import torch

import grading.guest.agent

real = grading.guest.agent._Agent._do


def do(self, message, args, kwargs):
    if message["do"] != "probe":
        return real(self, message, args, kwargs)
    if message["name"] == "calls_autograd":
        return False
    _stand_ins, _train, _parts, _nh, epochs, batch, eta = args
    log = {name: [0.5] * epochs for name in ("loss_train", "loss_test", "acc_train", "acc_test")}
    params = {"Wh": torch.randn(10, 2), "bh": torch.zeros(10), "Wy": torch.randn(2, 10), "by": torch.zeros(2)}
    return params | {"W": torch.tensor([-eta * epochs * -(-200 // batch)])}, log


grading.guest.agent._Agent._do = do


def lie(name, *args):
    return {} if name == "backward" else None
