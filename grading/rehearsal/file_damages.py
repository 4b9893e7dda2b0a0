"""What becomes of a whole file before it is handed in, by damages of its bytes: some can be mended, some cannot."""

import io
import json
import random
import zipfile

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from grading.rehearsal.damages import Damages, Files, answered, file_name, whole
from grading.results.model import Note, Reason

DAMAGES = Damages()

PAGE = b"<!DOCTYPE html>\n<html><head><title>notebook</title></head><body>In [1]:</body></html>\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 84968\n"
LAST = 1024  # bytes that are lost where a file is cut off late


def _text(notebook: NotebookNode) -> str:
    return next(iter(whole(notebook, random.Random(0)).values())).decode()


def _file(notebook: NotebookNode, content: bytes | str) -> Files:
    return {file_name(notebook): content.encode() if isinstance(content, str) else content}


@DAMAGES.damage(Note.ENCODING)
def in_utf_16(notebook: NotebookNode, draw: random.Random) -> Files:
    """Save it as Windows' own editor did."""
    return _file(notebook, _text(notebook).encode(draw.choice(("utf-16", "utf-16-le", "utf-16-be"))))


@DAMAGES.damage(Note.ENCODING)
def in_one_byte(notebook: NotebookNode, draw: random.Random) -> Files:
    """Save it in an encoding of one byte a character."""
    return _file(notebook, _text(notebook).encode("cp1252", "backslashreplace"))


@DAMAGES.damage(Note.JSON_MENDED)
def with_garbage(notebook: NotebookNode, draw: random.Random) -> Files:
    """Leave the end of a longer file behind its own."""
    return _file(notebook, _text(notebook) + draw.choice(("}\n", "\0\0\0 lorem", '  "nbformat": 4\n}\n')))


@DAMAGES.damage(Note.JSON_MENDED)
def with_commas(notebook: NotebookNode, draw: random.Random) -> Files:
    """Leave a comma too many, as after editing by hand."""
    return _file(notebook, _text(notebook).replace("\n   ]", ",\n   ]"))


@DAMAGES.damage(Note.CUT_OFF)
def cut_late(notebook: NotebookNode, draw: random.Random) -> Files:
    """Lose the end of the file."""
    return _file(notebook, _text(notebook).encode()[:-LAST])


@DAMAGES.damage(Note.CONFLICT)
def in_conflict(notebook: NotebookNode, draw: random.Random) -> Files:
    """Leave git's marks where the metadata differ."""
    line = ' "nbformat_minor": 5'
    mine, theirs = f"{line}\n", f"{line.replace('5', '4')}\n"
    return _file(notebook, _text(notebook).replace(f"{line}\n", f"<<<<<<< HEAD\n{mine}=======\n{theirs}>>>>>>> main\n"))


@DAMAGES.damage(Note.WRAPPED)
def in_json(notebook: NotebookNode, draw: random.Random) -> Files:
    """Save it inside other JSON."""
    text = _text(notebook)
    return _file(notebook, draw.choice((json.dumps(text), f"[{text}]", json.dumps({"content": json.loads(text)}))))


@DAMAGES.damage(Reason.EMPTY)
def empty(notebook: NotebookNode, draw: random.Random) -> Files:
    """Lose the content."""
    return _file(notebook, b"")


@DAMAGES.damage(Reason.ZEROS)
def zeroed(notebook: NotebookNode, draw: random.Random) -> Files:
    """Lose the content, but not its length."""
    return _file(notebook, bytes(len(_text(notebook))))


@DAMAGES.damage(Reason.DAMAGED)
def truncated(notebook: NotebookNode, draw: random.Random) -> Files:
    """Cut the file off in its middle."""
    content = _text(notebook).encode()
    return _file(notebook, content[: len(content) // 2])


@DAMAGES.damage(Reason.BOTH_SIDES)
def contradicting(notebook: NotebookNode, draw: random.Random) -> Files:
    """Leave git's marks around two versions of all, with other answers."""
    mine = _text(notebook)
    for cell in answered(notebook):
        cell.source += "\nother = 1"
    return _file(notebook, f"<<<<<<< HEAD\n{mine}=======\n{_text(notebook)}>>>>>>> main\n")


@DAMAGES.damage(Reason.WEB_PAGE)
def web_page(notebook: NotebookNode, draw: random.Random) -> Files:
    """Save the page that shows the notebook instead of the notebook."""
    return _file(notebook, PAGE)


@DAMAGES.damage(Reason.ARCHIVE)
def zipped(notebook: NotebookNode, draw: random.Random) -> Files:
    """Name an archive as a notebook."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(file_name(notebook)), _text(notebook))
    return _file(notebook, file.getvalue())


@DAMAGES.damage(Reason.PDF)
def printed(notebook: NotebookNode, draw: random.Random) -> Files:
    """Name a PDF as a notebook."""
    return _file(notebook, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")


@DAMAGES.damage(Reason.SCRIPT)
def exported(notebook: NotebookNode, draw: random.Random) -> Files:
    """Name a script as a notebook."""
    return _file(notebook, "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))


@DAMAGES.damage(Reason.LFS_POINTER)
def pointed_to(notebook: NotebookNode, draw: random.Random) -> Files:
    """Hand in what git keeps in the place of a large file."""
    return _file(notebook, POINTER)


@DAMAGES.damage(Reason.OTHER_COURSE)
def of_another_course(notebook: NotebookNode, draw: random.Random) -> Files:
    """Hand in a notebook of another course, which defines some of the same names."""
    names = [cell.metadata.nbgrader.grade_id for cell in answered(notebook)][:2]
    other = new_notebook(cells=[new_code_cell(f"def {name}(x):\n    return x", id=name) for name in names])
    return _file(notebook, json.dumps(other))


@DAMAGES.damage(Reason.NO_NOTEBOOK)
def no_notebook(notebook: NotebookNode, draw: random.Random) -> Files:
    """Hand in something else."""
    return {"answers.txt": b"My notebook is in the cloud.\n"}
