"""What a cell stops for because graders lack it, and what of the cell can go on without."""

import ast
import re
import socket
from types import TracebackType
from urllib.error import URLError

from IPython.core.error import UsageError

from helpers.messages import _

# How the names begin under which IPython compiles cells.
CELL = "<ipython-input-"
# As torch names what it would compute on.
DEVICES = re.compile(r"\b(CUDA|NVIDIA|HIP|MPS|XPU)\b")


def lack_of(error: BaseException) -> str | None:
    """Say what graders lack that an error asks for; None where it is the code's own."""
    match error:
        case ModuleNotFoundError():
            return _("graders have no module {name}").format(name=error.name)
        case UsageError():
            return _("graders have no such magic")
        case AssertionError() | RuntimeError() if DEVICES.search(str(error)):
            return _("graders have no GPU: let the code choose the device")
        case URLError() | socket.gaierror():
            return _("graders have no network")
    return None


def line_of(error: BaseException) -> int | None:
    """Return the line of the cell that an error comes from; None where it comes from none."""
    if isinstance(error, SyntaxError):
        return error.lineno
    line, frame = None, error.__traceback__
    while isinstance(frame, TracebackType):
        code = frame.tb_frame.f_code
        if code.co_filename.startswith(CELL) and code.co_name == "<module>":
            line = frame.tb_lineno
        frame = frame.tb_next
    return line


def split_at(source: str, line: int) -> tuple[str, str]:
    """Return the statement of Python at a line, and what comes after it, at its lines: IPython drops empty ones."""
    lines = source.split("\n")
    body = ast.parse(source).body
    place = next(i for i, node in enumerate(body) if node.lineno <= line <= (node.end_lineno or node.lineno))
    statement = ast.get_source_segment(source, body[place]) or ""
    if place + 1 == len(body):
        return statement, ""
    following = body[place + 1]
    first = lines[following.lineno - 1].encode()[following.col_offset :].decode()
    return statement, "#\n" * (following.lineno - 1) + "\n".join([first, *lines[following.lineno :]])
