"""What the prose says of the demos holds: each demo runs once with its own seeds, then the claims about it."""

import ast

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from conftest import STAGES
from grading.authoring.cells import Cell, Stage
from running import run_each

ROLES = ("setup", "answer", "predict", "demo", "claim")
SHIFTS = (0, 1, 2)
# Calls whose first argument is a seed, and arguments that are one.
SEEDING, SEEDS = ("manual_seed", "seed", "default_rng", "RandomState"), ("seed", "random_state")
# A demo without a seed shows something else to each student: here too, with each shift.
UNSEEDED = "__import__('torch').manual_seed({0}), __import__('numpy').random.seed({0}), __import__('random').seed({0});"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every stage with its own seeds; with --all-seeds, with others too."""
    if "shift" in metafunc.fixturenames:
        metafunc.parametrize("shift", SHIFTS if metafunc.config.getoption("--all-seeds") else SHIFTS[:1])


class Shift(ast.NodeTransformer):
    """Add a number to every literal seed, and to each that a loop over `seed` goes through."""

    def __init__(self, by: int):
        self.by = by

    def visit_Call(self, call: ast.Call) -> ast.Call:
        """Shift the seed that a call sets or is given."""
        function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        seeds = call.args[:1] if function in SEEDING else []
        for seed in (*seeds, *(one.value for one in call.keywords if one.arg in SEEDS)):
            if isinstance(seed, ast.Constant) and isinstance(seed.value, int):
                seed.value += self.by
        self.generic_visit(call)
        return call

    def _visit_loop(self, loop: ast.For | ast.comprehension) -> ast.AST:
        if getattr(loop.target, "id", "") in SEEDS:
            loop.iter = ast.parse(f"[{self.by} + _ for _ in {ast.unparse(loop.iter)}]", mode="eval").body
        self.generic_visit(loop)
        return loop

    visit_For = visit_comprehension = _visit_loop


def shifted(source: str, by: int) -> str:
    return ast.unparse(Shift(by).visit(ast.parse(source))) if by else source


def failed_claims(stage: Stage, shift: int = 0) -> dict[str, str]:
    """Run a stage with its solutions, in French; return what went wrong at which place of its text."""
    notebook = new_notebook()
    for cell in stage.of_kind(*ROLES):
        source = cell.source
        if cell.kind == "demo":
            source = f"{UNSEEDED.format(shift)}\n{shifted(source, shift)}"
        elif cell.kind == "setup":
            source = source.replace('lang="en"', 'lang="fr"')
        notebook.cells.append(new_code_cell(source, id=f"{cell.line}", metadata={"gradus": {"role": cell.kind}}))
    (errors,) = run_each([notebook], ROLES)
    kinds = {f"{cell.line}": f"{cell.kind} {cell.name}".strip() for cell in stage.cells}
    return {f"{stage.path}:{line}: {kinds[line]}": message for line, message in errors.items()}


@pytest.mark.parametrize("stage", STAGES)
def test_what_the_prose_claims_of_the_demos_holds(stage, shift):
    """Demos in French: their code is the same, and what can be put into a French sentence can into an English one."""
    assert failed_claims(STAGES[stage], shift) == {}


def toy(*cells: tuple[str, str]) -> Stage:
    parts = [
        Cell(kind, source, line, "it falls" if kind == "claim" else "") for line, (kind, source) in enumerate(cells)
    ]
    return Stage("00_toy", "00_toy.py", tuple(parts))


DEMO = "torch.manual_seed(3)\nlosses = (torch.rand(5) / torch.arange(1, 6) ** 4).tolist()"
SETUP, CLAIM = ("setup", "import torch"), ("claim", "assert losses[-1] < losses[0]")


def test_undoing_what_mended_a_demo_makes_its_claim_fail():
    mended, undone = toy(SETUP, ("demo", DEMO), CLAIM), toy(SETUP, ("demo", DEMO.replace("/", "*")), CLAIM)
    assert failed_claims(mended) == {}
    assert list(failed_claims(undone)) == ["00_toy.py:2: claim it falls"]


def test_a_claim_that_hangs_on_one_seed_fails_with_another():
    lucky = toy(SETUP, ("demo", "torch.manual_seed(1)\nnumber = torch.initial_seed()"), ("claim", "assert number == 1"))
    assert failed_claims(lucky, 0) == {}
    assert failed_claims(lucky, 1)


def test_a_demo_that_fails_is_named_before_its_claim():
    broken = toy(SETUP, ("demo", "losses = 1 / 0"), CLAIM)
    assert list(failed_claims(broken)) == ["00_toy.py:1: demo", "00_toy.py:2: claim it falls"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("torch.manual_seed(3)", "torch.manual_seed(5)"),
        ("np.random.seed(0)\nx = make(seed=1, n=2)", "np.random.seed(2)\nx = make(seed=3, n=2)"),
        ("for seed in range(3):\n    run(seed)", "for seed in [2 + _ for _ in range(3)]:\n    run(seed)"),
        ("torch.manual_seed(seed)\nrun(3)", "torch.manual_seed(seed)\nrun(3)"),
    ],
)
def test_literal_seeds_are_shifted(source, expected):
    assert shifted(source, 2) == expected
