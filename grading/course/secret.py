"""The course's secret: who does not know it cannot foretell the random inputs of hidden tests."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import pbkdf2_hmac
from pathlib import Path
from tempfile import NamedTemporaryFile

VARIABLE = "GRADUS_SECRET"  # overrides the file
FOLDER, FILE = ".gradus", "secret"
ROUNDS = 100_000


class SecretError(Exception):
    """The secret cannot be used; the sentence says why, and not what it is."""


def secret_of(course: Path) -> str | None:
    """Return the secret that is in force, None where there is none yet. Raises SecretError."""
    given = os.environ.get(VARIABLE)
    if given:
        return _usable(given, f"The environment variable {VARIABLE}", "set another one, or none")
    path = path_of(course)
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecretError(f"The course's secret cannot be read ({path}: {error.strerror}).") from None
    return _usable(text, str(path), "put the one back with which the class was graded, or delete the file")


def make_secret(course: Path) -> str:
    """Return the secret that is in force; where there is none, make one. Raises SecretError.

    Two that grade for the first time at once get the same one.
    """
    if secret := secret_of(course):
        return secret
    path = path_of(course)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n")
        with NamedTemporaryFile("w", dir=path.parent) as new:  # which only its owner may read
            new.write(f"{secrets.token_hex()}\n")
            new.flush()
            os.fsync(new.fileno())
            with suppress(FileExistsError):  # another was as fast: its secret is the one
                os.link(new.name, path)
    except OSError as error:
        remedy = f"mend this, or set the environment variable {VARIABLE}"
        raise SecretError(f"The course's secret cannot be kept in {path} ({error.strerror}): {remedy}.") from None
    if secret := secret_of(course):
        return secret
    raise SecretError(f"{path} is a link that leads nowhere: delete it, or put back the file that it leads to.")


def path_of(course: Path) -> Path:
    """Return the file that holds a course's secret."""
    return course / FOLDER / FILE


def fingerprint(secret: str) -> str:
    """Return what tells a secret from others, slowly made: results hold it, and a secret may be a word."""
    return pbkdf2_hmac("sha256", secret.encode(), b"gradus", ROUNDS).hex()


@contextmanager
def in_environment(secret: str) -> Iterator[None]:
    """Have the secret in the environment, where seeds are drawn from it."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = secret
    try:
        yield
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


def _usable(text: str, where: str, remedy: str) -> str:
    if not text or not text.isprintable():
        raise SecretError(f"{where} holds no secret, but {'strange characters' if text else 'nothing'}: {remedy}.")
    return text
