"""The course's nbgrader settings: plain nbgrader commands work in this folder with them."""

from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader import preprocessors as nb

from grading.authoring.preprocessors import ExecuteWithSecret, KeepLanguage, NameStub
from grading.course.release import TEXT_STUB

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "gradus"
c.CourseDirectory.release_directory = "release/en"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py"]

# French: nbgrader generate_assignment 02_manual --KeepLanguage.lang=fr --CourseDirectory.release_directory=release/fr
c.GenerateAssignment.preprocessors = [
    KeepLanguage,
    nb.LockCells,
    nb.ClearSolutions,
    NameStub,
    nb.ClearOutput,
    nb.CheckCellMetadata,
    nb.ComputeChecksums,
    nb.SaveCells,
    nb.ClearHiddenTests,
    nb.ComputeChecksums,
    nb.CheckCellMetadata,
]
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = TEXT_STUB

# Hidden tests draw their inputs from the course's secret: GRADUS_SECRET, else .gradus/secret, made when first needed.
c.Autograde.autograde_preprocessors = [
    ExecuteWithSecret,
    nb.IgnorePattern,
    ClearMetadataPreprocessor,
    nb.LimitOutput,
    nb.SaveAutoGrades,
    nb.AssignLatePenalties,
    nb.CheckCellMetadata,
]
c.Execute.timeout = 120
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--log-level=ERROR"]
c.IgnorePattern.pattern = r"(?s).*"  # a warning on stderr costs no point

# Feedback pages show students no hidden test.
c.GenerateFeedback.preprocessors = [nb.GetGrades, nb.ClearHiddenTests, CSSHTMLHeaderPreprocessor]
