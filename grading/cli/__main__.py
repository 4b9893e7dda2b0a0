"""`python -m grading.cli`."""

from grading.cli.app import app

app()
