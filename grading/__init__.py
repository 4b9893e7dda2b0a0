"""The autograder: from the authors' texts to students' notebooks, and from submissions to grades."""

import sys
from pathlib import Path

PACKAGE = Path(__file__).parent  # what the sandbox hides from students' code, wherever in it a module moves
ROOT = PACKAGE.parent  # where helpers/ is, too; in a course's repository also data/

# jsonschema, which nbformat imports, looks for this package and takes 2 seconds to load its grammar of web addresses.
# Notebooks hold none that are checked; without it jsonschema skips that one format.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # so Python is told of what is not there
