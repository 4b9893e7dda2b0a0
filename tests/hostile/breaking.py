# %% [markdown]
# # Breaking the talk between guest and grader
# None of this wants points: grading itself should fail, or take the machine's memory, at the cost of everybody.

# %% attack="odd_outputs" tries="show what nobody expects, so that grading itself fails"
from grading.wire.frames import send

screen = get_ipython().screen


def publish(kind, content, **other):
    send(screen._connection, {"show": kind, "content": content, "number": screen.number} | other, [])


publish("stream", {})
publish("stream", {"name": "stdout", "text": 3})
publish("stream", {"name": ["a"], "text": "x"})
publish("display_data", {})
publish("display_data", {"data": {"text/plain": {"a": 1}, "image/png": [1, 2], 'x"><script>': 5}, "metadata": 3})
publish("display_data", {"data": {}, "metadata": {}, "transient": None})
publish("update_display_data", {"transient": None})
publish("display_data", {"data": {"text/plain": "x"}, "metadata": {}, "transient": {"display_id": ["a"]}})
publish("error", {"ename": 1, "evalue": None, "traceback": 7})
publish("status", {})
publish("clear_output", None)
publish("execute_result", {"data": "39", "metadata": [], "execution_count": "x"})
publish("stream", {"name": "stdout", "text": "\ud800"})
for kind in ([], {}, None, 3, "✓"):
    for content in ([], None, 3, "x"):
        publish(kind, content)

# %% attack="odd_numbers" tries="show and answer for questions that were never asked, or not yet"
from grading.wire.frames import send

screen = get_ipython().screen
for number in (None, [], {}, "1", True, -1, 1e400, screen.number + 1, screen.number + 2):
    for message in ({"show": "stream", "content": {"name": "stdout", "text": "x"}}, {"ended": "ok"}, {"value": 39}, {"callback": 0}):
        send(screen._connection, message | {"number": number}, [])

# %% attack="odd_replies" tries="answer for a cell that runs with what is no answer"
from grading.wire.frames import send

screen = get_ipython().screen
for answer in ({}, {"ended": ["error"]}, {"ended": "error", "traceback": 5, "ename": [], "evalue": {}}, {"error": 3}, {"cut": "x"}):
    send(screen._connection, answer | {"number": screen.number}, [])

# %% attack="no_messages" tries="show what is no message at all"
screen = get_ipython().screen
for content in (b"", b"[]", b"{", b"\xff" * 9, b'{"sizes": [1]}', b"[" * 100_000):
    screen._connection.send_bytes(content)
    screen._connection.send_bytes(len(content).to_bytes(4, "big") + content)

# %% attack="odd_frames" status="partial" tries="break off in the middle of a message, and go on with others"
import os

os.write(get_ipython().screen._connection.fileno(), (2**20).to_bytes(4, "big") + b"x" * 1000)

# %% attack="closed_socket" status="partial" tries="close the socket by which it is reached"
get_ipython().screen._connection.close()

# %% attack="forked_answers" tries="let a child answer for what it runs"
import os
import time

if os.fork() == 0:
    import grading.guest.agent

    for number in range(200):
        grading.guest.agent.send(get_ipython().screen._connection, {"value": {"is": "tuple", "of": [39.0, 1.0]}, "ended": "ok", "number": number}, [])
        time.sleep(0.001)
    os._exit(0)

# %% attack="huge_output" status="partial" tries="show one message of hundreds of millions of lists"
screen = get_ipython().screen
screen._connection.send_bytes(b'{"show": "display_data", "content": {"metadata": {}, "data": {"text/plain": [' + b"[]," * 50_000_000 + b"[]]}}}")

# %% attack="shut_sockets" status="partial" says="ended Python itself" tries="shut the socket to the grader in every way, in the middle of a question"
import os
import socket

screen = get_ipython().screen
descriptor = screen._connection.fileno()
ways = [
    lambda: socket.socket(fileno=os.dup(descriptor)).shutdown(socket.SHUT_RD),
    lambda: socket.socket(fileno=os.dup(descriptor)).shutdown(socket.SHUT_WR),
    lambda: socket.socket(fileno=os.dup(descriptor)).shutdown(socket.SHUT_RDWR),
    lambda: os.dup2(os.open("/dev/null", os.O_RDWR), descriptor),
    lambda: os.dup2(os.open("/dev/zero", os.O_RDWR), descriptor),
    lambda: os.dup2(socket.socketpair()[0].fileno(), descriptor),
    lambda: os.close(descriptor),
]


def lie(name, *args):
    ways[len(name) % len(ways)]()


# %% attack="socket_closed_later" status="partial" says="ended Python itself" tries="close the socket from a thread, while nobody asks anything"
import threading
import time

connection = get_ipython().screen._connection


def later():
    time.sleep(0.1)
    connection.close()


threading.Thread(target=later).start()

# %% attack="flood_of_junk" says="It is not well-formed." tries="send what is no message, without end"
connection = get_ipython().screen._connection


def lie(name, *args):
    while name == "count_steps":
        connection.send_bytes(b"{")
        connection.send_bytes(b"")

# %% attack="flood_of_errors" status="partial" says="extra-1 did not end in time" tries="show errors without end, each as large as one may be"
from grading.wire.frames import send

screen = get_ipython().screen
line = "x" * 10_000
error = {"show": "error", "content": {"ename": line, "evalue": line, "traceback": 50 * [line]}}
while True:
    send(screen._connection, error | {"number": screen.number}, [])

# %% attack="flood_of_values" status="partial" says="extra-1 did not end in time" tries="show values without end, none too large to be spared"
while True:
    get_ipython().displayhook("x" * 9_000)

# %% attack="flood_of_callbacks" status="partial" says="count_steps_value did not end in time" tries="answer a question by questions, for ever"
import grading.guest.agent

real = grading.guest.agent.send
nothing = {"args": {"is": "list", "of": []}, "kwargs": {"is": "dict", "of": []}}


def send(connection, message, blobs):
    while message.get("value") == "forge":
        real(connection, {"number": message["number"], "callback": -1} | nothing, [])
        grading.guest.agent.receive(connection)
    return real(connection, message, blobs)


grading.guest.agent.send = send


def lie(name, *args):
    return "forge" if name == "count_steps" else None

# %% attack="wide_shows" tries="show millions of dicts and texts, in messages that are not too large"
screen = get_ipython().screen
dicts, texts = ",".join(2_700_000 * ["{}"]), ",".join(2_700_000 * ['""'])
for kind, content in (
    ("display_data", f'{{"metadata": {{}}, "data": {{"text/plain": [{dicts}]}}}}'),
    ("error", f'{{"ename": "", "evalue": "", "traceback": [{texts}]}}'),
):
    message = f'{{"show": "{kind}", "number": {screen.number}, "sizes": [], "content": {content}}}'
    screen._connection.send_bytes(message.encode())
    screen._connection.send_bytes(b"")

# %% attack="huge_numbers" tries="send whole numbers of as many digits as Python reads, where they are added up or written"
import grading.guest.agent

real = grading.guest.agent.send
huge = 9 * 10**4299


def send(connection, message, blobs):
    odd = {"cut": huge, "line": huge, "skipped": [[huge, huge]], "ended": "error", "ename": huge, "evalue": huge}
    return real(connection, odd | message | {"cut": huge}, blobs)


grading.guest.agent.send = send


def lie(name, *args):
    return huge


# %% attack="deep_replies" tries="answer for cells and for functions with what nests as deep as JSON can be read"
import itertools

import grading.guest.agent

real = grading.guest.agent.send
levels = itertools.cycle(range(910, 1000, 5))


def send(connection, message, blobs):
    if message.get("value") != "forge" and "ended" not in message:
        return real(connection, message, blobs)
    level = next(levels)
    deep = "[" * level + "]" * level
    text = f'"ended": "error", "ename": {deep}, "evalue": {deep}, "skipped": [[1, {deep}]], "line": {deep}, "value": {deep}'
    text += f', "error": {{"kind": {deep}, "text": {deep}, "lines": [{deep}], "kinds": []}}'
    connection.send_bytes(f'{{"number": {message["number"]}, "sizes": [], {text}}}'.encode())
    connection.send_bytes(b"")


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"

# %% attack="half_characters" tries="say what no file can hold: halves of characters, wherever words are written"
import grading.guest.agent

real = grading.guest.agent.send
half = "\ud800\x00\x1b[31m\ud800"


def send(connection, message, blobs):
    odd = {"ended": "error", "ename": half, "evalue": half, "traceback": [half], "line": 1, "skipped": [[1, half]]}
    if message.get("ended"):
        return real(connection, odd | {"number": message["number"]}, [])
    if message.get("value") == "forge":
        error = {"kind": "Half\ud800", "kinds": ["ValueError"], "text": half, "lines": [half]}
        return real(connection, {"number": message["number"], "error": error}, [])
    return real(connection, message, blobs)


grading.guest.agent.send = send


def lie(name, *args):
    return "forge"


# %% attack="json" status="partial" says="ended Python itself" tries="replace the json that messages are written and read with"
import json

dumps = json.dumps
ways = [
    lambda message, **kwargs: "39",
    lambda message, **kwargs: dumps({"sizes": [], "number": message["number"], "value": 39, "ended": "ok"}),
    lambda message, **kwargs: "[" * 2**24,
    lambda message, **kwargs: None,
]


def lie(name, *args):
    json.dumps = ways[len(name) % 4]
    if name == "count_steps":
        json.loads = lambda *args, **kwargs: {"do": "run", "source": "", "seed": 1, "sizes": [], "number": 1}

# %% attack="json_that_ends" status="partial" says="sgd_step ended Python itself" tries="replace json by what ends Python, or never returns"
import json
import time


def lie(name, *args):
    def dumps(*args, **kwargs):
        if name == "count_steps":
            time.sleep(1000)
        raise SystemExit

    if name in ("sgd", "count_steps"):
        json.dumps = dumps

# %% attack="stdout" tries="replace the standard streams by what raises, ends Python and pretends to be the shell's"
import sys

from grading.guest.screen import Stream


class Odd(Stream):
    def __init__(self):
        pass

    def write(self, text):
        raise SystemExit(text)

    def flush(self):
        raise KeyboardInterrupt

    def fileno(self):
        return -1


sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Odd()


def lie(name, *args):
    sys.stdout = sys.stderr = None if len(name) % 2 else Odd()
    print("✓")


# %% attack="display_publisher" tries="replace the display publisher, the hook and the screen by what raises"
import sys

shell = get_ipython()


class Odd:
    def __getattr__(self, name):
        raise SystemExit

    def __call__(self, *args, **kwargs):
        raise SystemExit


def lie(name, *args):
    shell._trait_values.update(display_pub=Odd(), displayhook=Odd())
    sys.displayhook = Odd()
    display(39)


# %% attack="screen" status="partial" says="sgd_step ended Python itself" tries="take away the screen that all is shown on"
shell = get_ipython()


def lie(name, *args):
    if name == "sgd":
        shell.screen = None

# %% attack="child_takes_over" tries="have a child go on in its place, which answers all that is asked below"
import os

if os.fork():
    while True:
        try:
            os.waitpid(-1, 0)
            break
        except KeyboardInterrupt:
            pass
    os._exit(0)


def lie(name, *args):
    return 39
