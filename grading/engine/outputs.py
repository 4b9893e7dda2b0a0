"""The outputs of one cell, gathered from a guest's messages and capped in size."""

import json
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output, output_from_msg

from grading.recovery.depth import shallow
from helpers.messages import _

# A dozen figures, or more text than anybody reads.
MAX_BYTES = 2**20
# The same of an error: characters of each of its parts, and parts.
MAX_ERROR, MAX_FRAMES = 10_000, 50
# What a cell is run for: the first of each kind is shown however much was shown before, unless a value is large itself.
SPARED = ("execute_result", "error")
STREAMS = ("stdout", "stderr")
# What an output takes beside its content.
OVERHEAD = 100
# Of bytes that a guest says to have cut off: no machine writes so many.
MAX_CUT = 2**60

# What goes wrong with messages that no guest of ours sends: a student made them up.
MADE_UP = (
    *(AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError),
    nbformat.ValidationError,
)

SHOWN = frozenset(("stream", "display_data", "execute_result", "update_display_data", "error", "clear_output"))


class Outputs:
    """Outputs in the making: `add` all that is shown, then `finish`."""

    def __init__(self, shown: Collection[str] = SHOWN):
        self._shown = shown
        self._nodes: list[NotebookNode] = []
        self._by_display: dict[str, NotebookNode] = {}
        self._size = self._cut = 0
        self._clear_next = False

    def add(self, kind: Any, content: Any) -> None:
        """Take in what is shown: a kind and content as in Jupyter's messages; what shows nothing is ignored."""
        with suppress(*MADE_UP):
            if kind in self._shown:
                self._take(kind, shallow(content))

    def cut(self, size: Any) -> None:
        """Take note of bytes that the guest has cut off already."""
        if isinstance(size, int) and 0 < size < MAX_CUT:
            self._cut += size

    def _take(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "clear_output" and content.get("wait"):
            self._clear_next = True
            return
        if kind == "clear_output" or self._clear_next:
            self._nodes, self._by_display, self._size, self._clear_next = [], {}, 0, False
        if kind == "stream":
            self.add_text(content["name"], content["text"])
        elif kind == "update_display_data":
            self._update(content)
        elif kind == "error":
            self._add_node(_error(content), None)
        elif kind != "clear_output":
            size = _size(content)
            if size > MAX_BYTES:  # as a node it would take many times as much
                self._cut += size
                return
            message = {"header": {"msg_type": kind}, "content": content}
            self._add_node(output_from_msg(message), content.get("transient", {}).get("display_id"))

    def add_error(self, reply: dict[str, Any]) -> None:
        """Take the error from the reply of a cell where no message showed it, whatever the cell did to prevent that."""
        if not self._has("error"):
            self._add_node(_error(reply), None)

    def add_node(self, node: NotebookNode) -> None:
        """Take in an output that a notebook held already."""
        if node.output_type == "stream":
            self.add_text(node.name, "".join(node.text))
        else:
            self._add_node(shallow(node), None)

    def add_text(self, name: str, text: str) -> None:
        """Add text to a stream. Raises ValueError where there is no such stream."""
        if name not in STREAMS:
            raise ValueError(name)
        room = max(0, MAX_BYTES - self._size)
        kept = text.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
        self._cut += len(text.encode("utf-8", "replace")) - len(kept.encode())
        if not kept:
            return
        self._size += len(kept.encode())
        last = self._nodes[-1] if self._nodes else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += kept
        else:
            self._size += OVERHEAD
            self._nodes.append(_stream(name, kept))

    def finish(self) -> list[NotebookNode]:
        """Return the outputs, with a note on what was cut off."""
        if self._cut:
            note = _("[{bytes} bytes of output were cut off here: print less.]").format(bytes=self._cut)
            self._nodes.append(_stream("stdout", f"\n{note}\n"))
        return self._nodes

    def _add_node(self, node: NotebookNode, display_id: str | None) -> None:
        size, kind = OVERHEAD + _size(node), node.output_type
        is_spared = kind in SPARED and (kind == "error" or size < MAX_ERROR) and not self._has(kind)
        if self._size + size > MAX_BYTES and not is_spared:
            self._cut += size
            return
        self._size += size
        self._nodes.append(node)
        if display_id:
            self._by_display[display_id] = node

    def _has(self, kind: str) -> bool:
        return any(node.output_type == kind for node in self._nodes)

    def _update(self, content: dict[str, Any]) -> None:
        node = self._by_display.get(content.get("transient", {}).get("display_id"))
        grown = _size(content) - _size(node) if node is not None else 0
        if node is not None and self._size + grown <= MAX_BYTES:
            changed = {"data": content["data"], "metadata": content["metadata"]}
            nbformat.validate(node | changed, ref="output", version=4)
            node.update(changed)
            self._size += max(0, grown)


def _stream(name: str, text: str) -> NotebookNode:
    """Return an output of text, which needs no validation: that takes longer than most checks."""
    return NotebookNode(output_type="stream", name=name, text=text)


def _error(said: dict[str, Any]) -> NotebookNode:
    """Return the output of an error, of which no more is kept than anybody reads."""
    words = {key: word[:MAX_ERROR] if isinstance(word := said.get(key), str) else "" for key in ("ename", "evalue")}
    parts = said.get("traceback")
    parts = parts[-MAX_FRAMES:] if isinstance(parts, list) else []
    node: NotebookNode = new_output(
        "error", **words, traceback=[part[:MAX_ERROR] for part in parts if isinstance(part, str)]
    )
    return node


def _size(content: dict[str, Any]) -> int:
    return len(json.dumps(content).encode())
