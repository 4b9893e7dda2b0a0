"""The autograder: from the authors' texts to students' notebooks, and from submissions to grades."""

import sys

# jsonschema, which nbformat imports, looks for this package and takes 2 seconds to load its grammar of web addresses.
# Notebooks hold none that are checked; without it jsonschema skips that one format.
sys.modules.setdefault("rfc3987_syntax", None)
