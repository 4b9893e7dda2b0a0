"""The `gradus` command: one subcommand per step, each in the course's folder."""

import sys

try:
    import typer

    from grading.cli import authors, instructors, intake, marking, overviews, returns, tryout
except ModuleNotFoundError as missing:  # helpers alone is installed, as students have it
    sys.exit(f"The gradus command needs {missing.name}: install it with `pip install 'gradus[grade]'`.")

# Modules that import torch or nbgrader, seconds each, are imported by the commands that need them.
COMMANDS = (
    authors.init,
    authors.build,
    authors.publish,
    intake.roster,
    intake.collect,
    instructors.grade,
    overviews.overview,
    overviews.mine,
    instructors.feedback,
    marking.mark,
    returns.return_,
    returns.dates,
    tryout.demo,
    tryout.cohort,
    tryout.doctor,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for command in COMMANDS:
    app.command(command.__name__.rstrip("_"))(command)
