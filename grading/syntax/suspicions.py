"""What an answer's source names that no exercise needs: threads, processes, frames, the machinery of checks.

It is read, not seen: a name can stand in a text, or hide. So it is listed for a person to look at, and costs nothing.
"""

import ast
from collections.abc import Mapping

from grading.syntax.parsing import tree_of

# Under each word of the list the names that belong to it: "os.fork" is a name of a module's, "exec" one by itself, with
# all that lies within it, ".f_back" an attribute of anything, "/proc" a part of a text, "os.exec*" a beginning.
NAMES = {
    "threads": ("threading", "_thread", "concurrent", "asyncio"),
    "processes": (
        *("multiprocessing", "torch.multiprocessing", "subprocess", "pty", "os.fork", "os.forkpty", "os.system"),
        *("os.popen", "os.posix_spawn", "os.exec*", "os.spawn*", "os.kill", "signal", "resource", "atexit"),
    ),
    "frames": (
        *("inspect", "traceback", "sys._getframe", "sys._current_frames", ".tb_frame", ".f_back", ".f_locals"),
        *(".f_globals", ".f_builtins", ".gi_frame", ".cr_frame", ".ag_frame", ".__traceback__", "sys.exc_info"),
    ),
    "tracing": ("sys.settrace", "sys.setprofile", "sys.monitoring", "sys.addaudithook", "sys.excepthook", "bdb"),
    "memory": ("gc", "ctypes", "cffi", "mmap", "_ctypes"),
    "modes": (
        *("torch.overrides", "torch.utils._python_dispatch", "torch.library", ".__torch_function__"),
        *(".__torch_dispatch__", ".DisableTorchFunctionSubclass", ".TorchFunctionMode", ".TorchDispatchMode"),
    ),
    "native code": ("numba", "torch.utils.cpp_extension", "torch.classes", ".load_library", ".load_inline"),
    "modules": ("sys.modules", "importlib", "__import__", "builtins", "__builtins__", "imp", "sys.meta_path"),
    "code": ("exec", "eval", "compile", "marshal", "pickle", "dill", ".__code__", ".__globals__", ".__closure__"),
    "the checks": ("helpers", "grading", "probes", "CheckFailed", "get_ipython", ".__in_place__", "/GRADUS_SECRET"),
    "files of the system": ("//proc", "//dev/", "//sys/"),
    "the end of Python": ("exit", "quit", "os._exit", "sys.exit", "os.abort", "SystemExit", "KeyboardInterrupt"),
}


def suspicions(source: str) -> dict[str, list[str]]:
    """Return what the source of a cell names: under words of NAMES, the names of their lists that were found.

    Comments and docstrings count for nothing. A source that Python cannot read gives {}: it cannot run either.
    """
    tree = tree_of(source)
    if tree is None:
        return {}
    nodes = list(ast.walk(tree))
    names, texts = _names(nodes), _texts(nodes)
    found = {word: [name for name in listed if _is_in(name, names, texts)] for word, listed in NAMES.items()}
    return {word: names for word, names in found.items() if names}


def _is_in(name: str, names: set[str], texts: set[str]) -> bool:
    """Tell whether a name of the list is among the names, or named by one of the texts."""
    if name.startswith("/"):
        return any(name[1:] in text for text in texts)
    if name.endswith("*"):
        return any(one.startswith(name[:-1]) for one in names)
    return name in names or ("." in name and name.rpartition(".")[2] in texts)  # as getattr takes it


def _names(nodes: list[ast.AST]) -> set[str]:
    """Return what the code uses or imports: for "a.b.c" also "a" and "a.b", and each attribute as ".c"."""
    aliases = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules = {alias.asname: alias.name for alias in aliases if alias.asname}
    dotted = {alias.name for alias in aliases}
    for node in nodes:
        match node:
            case ast.Attribute() | ast.Name():
                dotted.add(_dotted(node, modules))
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                dotted.add(f"def.{name}")
            case ast.ImportFrom(module=module, names=imported):
                dotted |= {f"{module or ''}.{alias.name}" for alias in imported}
    names = set()
    for parts in (name.split(".") for name in dotted):
        names |= {".".join(parts[:i]) for i in range(1, len(parts) + 1)} | {f".{part}" for part in parts}
    return names


def _dotted(node: ast.expr, modules: Mapping[str, str]) -> str:
    """Return the dotted name of an attribute of a name, from its module on; of anything else it begins with a dot."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    first = modules.get(node.id, node.id) if isinstance(node, ast.Name) else ""
    return ".".join([first, *reversed(attributes)])


def _texts(nodes: list[ast.AST]) -> set[str]:
    """Return the texts in the code, docstrings apart."""
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    constants = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return {node.value for node in constants if isinstance(node.value, str)}
