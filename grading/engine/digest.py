"""Hashes that tell whether a result still holds: of what was handed in, and of the code that grades it."""

from hashlib import sha256
from importlib.metadata import version

from grading import ROOT

# What takes part in a verdict: all that workers and guests import.
ENGINE = ("course", "engine", "guest", "judging", "recovery", "results", "sandbox", "syntax", "wire")


def digest(*parts: bytes) -> str:
    """Return one hash of several byte strings, as different splits of the same bytes differ."""
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()


def engine_digest() -> str:
    """Return a hash of the code that grades, and of the libraries that verdicts depend on."""
    names = [*(f"grading/{name}/**/*.py" for name in ENGINE), "helpers/**/*.py", "helpers/locale/**/*.mo"]
    files = sorted(path for name in names for path in ROOT.glob(name))
    versions = (f"{name} {version(name)}".encode() for name in ("ipython", "numpy", "torch"))
    return digest(*(path.read_bytes() for path in files), *versions)
