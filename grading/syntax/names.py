"""The names that a cell leaves in the notebook when it runs, and those that it takes: all of them, as Python counts."""

from collections.abc import Mapping, Set
from functools import cache

from grading.syntax.parsing import table_of


@cache
def defined_names(source: str) -> frozenset[str]:
    """Return the names that a cell defines in the notebook when it runs, none where Python cannot read it."""
    table = table_of(source)
    symbols = table.get_symbols() if table else ()
    return frozenset(symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported())


@cache
def used_names(source: str) -> frozenset[str]:
    """Return the names that a cell takes from the notebook or from Python itself."""
    table, names = table_of(source), set()
    tables = [table] if table else []
    for table in tables:
        names |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
        tables += table.get_children()
    return frozenset(names)


def last_used(source: str, defined: Mapping[str, Set[str]]) -> str:
    """Return whose names a cell uses: of several, whoever stands last; "" for nobody's. defined: names, by owner."""
    used = used_names(source)
    return next((owner for owner in reversed(list(defined)) if defined[owner] & used), "")
