"""Plain nbgrader, called as a library: the same steps and settings as its commands, on any folder."""

import logging
import warnings
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import api
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.utils import determine_grade
from traitlets.config.loader import Config, PyFileConfigLoader

from grading.results.model import CheckResult
from grading.results.verdicts import evidence_of, failure_of, message_of


def _newest_version() -> str | None:
    """Return the version of a new gradebook: imported then, for only then it is asked for."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


# nbgrader's own runs alembic's command, which has to be on PATH and takes seconds to start.
api.get_alembic_version = _newest_version


def generate_assignment(course: Path, root: Path, lang: str, stage: str = "*", database: bool = False) -> None:
    """Release root/source/<stage> into root/release/<lang>; `database`: write the stage into root's gradebook too."""
    config = settings(course, root, stage)
    config.CourseDirectory.release_directory = f"release/{lang}"
    config.KeepLanguage.lang = lang
    if not database:
        config.GenerateAssignment.no_database = True
        steps = config.GenerateAssignment.preprocessors
        config.GenerateAssignment.preprocessors = [step for step in steps if step.__name__ != "SaveCells"]
    GenerateAssignment(coursedir=CourseDirectory(config=config), config=config).start()


def autograde(course: Path, root: Path, stage: str, student: str) -> list[CheckResult]:
    """Grade one submission of root/submitted into root/autograded and root's gradebook; return what its checks gave."""
    _run(Autograde, course, root, stage, student)
    return read_verdicts(nbformat.read(root / "autograded" / student / stage / f"{stage}.ipynb", as_version=4))


def generate_feedback(course: Path, root: Path, stage: str, student: str) -> Path:
    """Write the feedback page of one graded submission and return its path."""
    _run(GenerateFeedback, course, root, stage, student)
    return root / "feedback" / student / stage / f"{stage}.html"


def read_verdicts(notebook: NotebookNode) -> list[CheckResult]:
    """Read what each check gave off an executed notebook, in order, as nbgrader counts points."""
    verdicts = []
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("grade") and not mark.solution:
            points, maximum = determine_grade(cell)
            failure, message = (None, "") if points == maximum else (failure_of(cell), message_of(cell))
            verdicts.append(CheckResult(mark.grade_id, points, maximum, failure, message, evidence=evidence_of(cell)))
    return verdicts


def has_late_plugin(course: Path) -> bool:
    """Whether the course's settings have nbgrader take something off for being late."""
    config = settings(course, course, "")
    methods = config.LateSubmissionPlugin.get("penalty_method", "none")
    return methods != "none" or "plugin_class" in config.AssignLatePenalties


def _run(step: type, course: Path, root: Path, stage: str, student: str) -> None:
    config = settings(course, root, stage)
    config.CourseDirectory.student_id = student
    config[step.__name__].force = True
    step(coursedir=CourseDirectory(config=config), config=config).start()


def settings(course: Path, root: Path, stage: str) -> Config:
    """Load the course's settings for the folder `root`."""
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", "Object of type .* not in session")  # nbgrader's own, whenever it grades
    config: Config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(root.resolve())
    config.CourseDirectory.assignment_id = stage
    return config
