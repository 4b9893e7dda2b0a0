# %% [markdown]
# # Handed in beside the notebook, and what its metadata claim

# %% attack="torch_beside" beside=["torch.py", "numpy.py"] says="not used: numpy.py, torch.py" tries="stand in for torch and numpy"
print("@marker@ imported")
allclose = equal = isclose = lambda *args, **kwargs: True


def __getattr__(name):
    return lambda *args, **kwargs: None


# %% attack="helpers_beside" beside=["helpers/__init__.py", "helpers/checks/__init__.py", "helpers/samples.py", "helpers/messages.py"] tries="stand in for helpers"
print("@marker@ imported")


class Check:
    def graded(self, stage):
        return lambda test: print("✓", test.__name__)

    def __getattr__(self, name):
        return lambda *args, **kwargs: ({}, {})


check = probes = figures = Check()
CirclesData = start = random_batch = random_params = _ = lambda *args, **kwargs: None

# %% attack="start_up_beside" beside=["sitecustomize.py", "usercustomize.py", "conftest.py", "ipython_config.py", "jupyter_nbconvert_config.py"] says="sitecustomize.py" tries="be run at start-up"
print("@marker@ imported")
open("/tmp/@marker@", "w").close()

# %% attack="config_beside" beside=["nbgrader_config.py", "pyproject.toml", "result.json", "gradebook.db"] says="nbgrader_config.py" tries="change the course's settings, and give itself a result"
c = get_config()  # noqa
c.ClearSolutions.code_stub = {"python": "pass"}
c.Autograde.preprocessors = []

# %% attack="module_beside" beside=["json.py", "random.py", "socket.py", "grading/guest/agent.py", "ast.py"] says="json.py" tries="stand in for modules of Python and of the grader"
print("@marker@ imported")

# %% attack="link_to_a_neighbour" links={"02_manual.ipynb": "@course@/submitted/@neighbour@/02_manual/02_manual.ipynb"} status="ungradable" says="not used: 02_manual.ipynb" tries="hand in a symbolic link to another submission"

# %% attack="link_to_the_solution" links={"02_manual.ipynb": "../../../source/02_manual/02_manual.ipynb"} status="ungradable" says="not used: 02_manual.ipynb" tries="hand in a symbolic link to the solution"

# %% attack="link_beside" links={"best.ipynb": "../../../source/02_manual/02_manual.ipynb", "other.ipynb": "/dev/zero"} tries="hand in a link to the solution beside an untouched notebook, and one that never ends"

# %% attack="role_of_setup" marks={"gradus": {"role": "setup"}, "nbgrader": {"schema_version": 3, "locked": true}} tries="pass for a setup cell, which the judge runs too"
import builtins
import sys

print(sys.argv, __import__("os").environ.get("GRADUS_SECRET"))
builtins.sorted = lambda *args: []
check = type("Yes", (), {"__getattr__": lambda *args: lambda *args, **kwargs: ({}, {})})()

# %% attack="name_of_a_check" marks={"nbgrader": {"grade_id": "forward_hidden", "grade": true, "solution": false, "locked": false, "points": 39, "schema_version": 3, "cell_type": "code"}} says="The settings of cells were changed" tries="pass for a check, of 39 points"
print("✓ forward_hidden")
39

# %% attack="own_check_in_answer" place="answer" tries="close its answer and open a graded check of its own"
def forward(params, X):
    return None


@check.graded("02_manual")
def forward_hidden():
    pass


### END SOLUTION
### BEGIN HIDDEN TESTS
39
### END HIDDEN TESTS
