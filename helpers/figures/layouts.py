"""Where the nodes of a graph without cycles stand, and the ways of its edges: by Graphviz, or row above row."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

import numpy as np

# Of nodes 0, 1, …: the place of each, and for each edge the points that it passes, all in inches.
Layout = tuple[list[tuple[float, float]], list[list[tuple[float, float]]]]

HEIGHT, GAP = 0.38, 0.28  # of a box; between two boxes


def generations(readers: Mapping[Any, Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield the nodes that no other reads, then those that only these read, and so on.

    readers: for each node those that read it.
    """
    sorter = TopologicalSorter(readers)
    sorter.prepare()
    while sorter.is_active():
        yield (ready := sorter.get_ready())
        sorter.done(*ready)


def in_rows(widths: list[float], edges: Sequence[tuple[int, int]]) -> Layout:
    """Place each node in the row above the first of its readers; edges pass rows between boxes, not through them.

    widths: of the box of each node.
    """
    readers = {node: [end for start, end in edges if start == node] for node in range(len(widths))}
    rows: list[list[Any]] = [sorted(row) for row in generations(readers)]
    level = {node: k for k, row in enumerate(rows) for node in row}
    below: dict[Any, list[Any]] = {node: [] for node in readers}
    for start, end in edges:  # where an edge crosses a row it has a place there, as a node has
        for k in range(level[end] + 1, level[start]):
            rows[k].append((start, end, k))
            below[start, end, k] = [end if k == level[end] + 1 else (start, end, k - 1)]
        below[start].append(end if level[start] == level[end] + 1 else (start, end, level[start] - 1))
    places: dict[Any, tuple[float, float]] = {}
    for k, row in enumerate(rows):
        row.sort(key=lambda node: np.mean([places[reader][0] for reader in below[node]] or [0.0]))
        space = [widths[node] + GAP if isinstance(node, int) else 2 * GAP for node in row]
        for node, x in zip(row, np.cumsum(space) - np.array(space) / 2 - sum(space) / 2, strict=True):
            places[node] = (float(x), k * (HEIGHT + GAP))
    paths = []
    for start, end in edges:
        between = [places[start, end, k] for k in range(level[start] - 1, level[end], -1)]
        (x1, y1), (x2, y2) = places[start], places[end]
        paths.append([(x1, y1 - HEIGHT / 2), *between, (x2, y2 + HEIGHT / 2)])
    return [places[node] for node in range(len(widths))], paths


def by_graphviz(widths: list[float], edges: Sequence[tuple[int, int]]) -> Layout | None:
    """Ask Graphviz for a layout; None where it is not installed or fails."""
    boxes = [f"{i} [width={width:.2f}, height={HEIGHT}];" for i, width in enumerate(widths)]
    arrows = [f"{start} -> {end};" for start, end in edges]
    text = " ".join(["digraph { node [shape=box, fixedsize=true]; ranksep=0.3;", *boxes, *arrows, "}"])
    try:
        ran = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, timeout=10, check=True)
        lines = [line.split() for line in ran.stdout.splitlines()]
        found = {int(line[1]): (float(line[2]), float(line[3])) for line in lines if line[0] == "node"}
        splines = [list(map(float, line[4 : 4 + 2 * int(line[3])])) for line in lines if line[0] == "edge"]
        return [found[node] for node in range(len(widths))], [
            _curve(list(zip(numbers[::2], numbers[1::2], strict=True))) for numbers in splines
        ]
    except (OSError, subprocess.SubprocessError, LookupError, ValueError):
        return None


def _curve(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points along a chain of cubic Bézier curves, given by its control points."""
    t = np.linspace(0, 1, 12)[:, None]
    control = np.array(points)
    pieces = [control[i : i + 4] for i in range(0, len(control) - 1, 3)]
    curve = [(1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d for a, b, c, d in pieces]
    return [tuple(point) for point in np.concatenate(curve).tolist()]
