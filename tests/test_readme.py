"""Figures in both READMEs are those that the banks, the bench and the hostile corpus give; docs know every option."""

import re

import pytest
import typer

from conftest import COURSE, STAGES
from grading.authoring.bank import read_bank
from grading.cli.app import app


def figures() -> dict[str, int]:
    """Return the figures: of checks, answers, hours, attacks that earn points elsewhere, and how much faster we are."""
    bank = [answer for stage in STAGES.values() for answer in read_bank(COURSE, stage)]
    results = (COURSE / "benchmarks/RESULTS.md").read_text("utf-8")
    hostile = (COURSE / "docs/hostile.md").read_text("utf-8")
    ratios = re.search(r"\| ratio of the two \| \*\*([\d.]+)\*\* \| \*\*([\d.]+)\*\* \|", results).groups()
    return {
        "checks": sum(len(stage.of_kind("check")) for stage in STAGES.values()),
        "right": sum(answer.right for answer in bank),
        "wrong": sum(not answer.right for answer in bank),
        "hours": sum(stage.minutes for stage in STAGES.values()) // 60,
        "stolen": int(re.search(r"were run, (\d+) earn points", hostile)[1]),
        "faster": int(min(map(float, ratios))),
    }


@pytest.mark.parametrize("name", ["README.md", "README.fr.md"])
def test_the_figures_are_what_was_counted(name):
    written = re.findall(r"\d+", (COURSE / name).read_text("utf-8"))
    for figure, number in figures().items():
        assert str(number) in written, f"{figure} is {number}: write it in {name}"


def test_docs_know_every_command_and_option_and_no_other():
    docs = "\n".join(path.read_text("utf-8") for path in sorted((COURSE / "docs").glob("*.md")))
    commands = typer.main.get_command(app).commands
    options = {option for command in commands.values() for one in command.params for option in one.opts}
    options = {option for option in options if option.startswith("--")}
    assert options <= set(re.findall(r"--[a-z-]+", docs))
    assert commands.keys() <= set(re.findall(r"\bgradus ([a-z]+)", docs))
    for name, rest in re.findall(r"^ *(?:\$ )?gradus ([a-z]+)([^#&\n]*)", docs.replace("`", "\n"), re.MULTILINE):
        known = {option for param in commands[name].params for option in param.opts} if name in commands else set()
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, f"gradus {name}{rest}"
