"""What is read in an answer's source: listed for a person to look at, where it is there; nothing where it is not."""

import pytest

from conftest import COURSE, STAGES
from grading.authoring.bank import read_bank
from grading.rehearsal.cohort import solution_answers
from grading.syntax.suspicions import suspicions


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("import threading\ndef f(x):\n    threading.Thread(target=g).start()", "threads"),
        ("from concurrent.futures import ThreadPoolExecutor", "threads"),
        ("import os\nif os.fork() == 0:\n    pass", "processes"),
        ("from os import fork as spoon\nspoon()", "processes"),
        ("import os as o\no.execv('/bin/sh', [])", "processes"),
        ("import multiprocessing as mp", "processes"),
        ("import sys\nf = sys._getframe(1).f_back", "frames"),
        ("import inspect\ninspect.stack()", "frames"),
        ("try:\n    1 / 0\nexcept Exception as e:\n    e.__traceback__.tb_frame", "frames"),
        ("getattr(sys, '_getframe')()", "frames"),
        ("import gc\ngc.get_objects()", "memory"),
        ("import ctypes", "memory"),
        ("sys.settrace(print)", "tracing"),
        ("from torch.overrides import TorchFunctionMode", "modes"),
        ("class M(torch.utils._python_dispatch.TorchDispatchMode):\n    pass", "modes"),
        ("class T(torch.Tensor):\n    def __torch_function__(self): pass", "modes"),
        ("open('/proc/self/maps')", "files of the system"),
        ("__import__('o' + 's')", "modules"),
        ("exec('1')", "code"),
        ("f.__globals__['x']", "code"),
        ("from helpers import probes", "the checks"),
        ("exit()", "the end of Python"),
        ("raise SystemExit", "the end of Python"),
        ("%matplotlib inline\nimport threading", "threads"),
        ("x = (7\n% exec('1'))", "code"),
    ],
)
def test_what_no_exercise_needs_is_listed(source, word):
    assert word in suspicions(source)


@pytest.mark.parametrize(
    "source",
    [
        'def f(x):\n    """Reads /proc, with threading and os.fork."""\n    return x  # sys._getframe',
        "net.eval()\nwriter.exit = 1\nloader.inspect()",
        "torch.compile_me = 3\nmodel.signal(2)",
        "def f(:",
        "print('threading is a word')",
    ],
)
def test_words_in_comments_and_other_peoples_methods_are_none(source):
    assert suspicions(source) == {}


def test_the_names_that_were_found_are_given():
    assert suspicions("import os, gc\nos.fork()\ngc.collect()") == {"processes": ["os.fork"], "memory": ["gc"]}


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_found_in_right_answers(stage):
    right = [answer for answer in read_bank(COURSE, STAGES[stage]) if answer.right]
    for answer in (*solution_answers(STAGES[stage]).values(), *right):
        assert suspicions(answer.source) == {}, answer.source
