"""What an answer's source names that no exercise needs: threads, processes, frames, the machinery of checks.

It is read, not seen: a name can stand in a text, or hide. So it is listed for a person to look at, and costs nothing.
"""

import ast

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
    used = _names(tree)
    found = {word: [name for name in names if any(_is(name, one) for one in used)] for word, names in NAMES.items()}
    return {word: names for word, names in found.items() if names}


def _is(name: str, used: str) -> bool:
    """Tell whether what is used is a name of the list."""
    if used.startswith("'"):
        attribute = name.rpartition(".")[2]  # as getattr takes it
        return name[1:] in used if name.startswith("/") else "." in name and used[1:] == attribute
    if name.startswith("."):
        return name[1:] in used.split(".")
    if name.endswith("*"):
        return used.startswith(name[:-1])
    return used == name or used.startswith(f"{name}.")


def _names(tree: ast.AST) -> set[str]:
    """Return the dotted names that the code uses or imports, and after a "'" its texts, docstrings apart."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    modules = {alias.asname: alias.name for alias in _aliases(tree) if alias.asname}
    names = {alias.name for alias in _aliases(tree)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute() | ast.Name():
                first, *rest = ast.unparse(node).split(".")
                names.add(".".join([modules.get(first, first), *rest]))
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(f"def.{name}")
            case ast.ImportFrom(module=module, names=imported):
                names |= {f"{module or ''}.{alias.name}" for alias in imported}
            case ast.Constant(value=str() as text) if id(node) not in docstrings:
                names.add(f"'{text}")
    return names


def _aliases(tree: ast.AST) -> list[ast.alias]:
    return [alias for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
