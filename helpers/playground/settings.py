"""The settings of the playground: what each may be, and the line of text that carries all of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from helpers.messages import _
from helpers.playground.clouds import SHAPES

Value = str | int | float


@dataclass(frozen=True)
class Setting:
    """One setting. label: what stands beside it, in the notebook's language. values: what it may be."""

    name: str
    label: str
    values: tuple[Value, ...]

    def read(self, text: str) -> Value:
        """Return the value that a text gives, a French 0,3 too; ValueError with a sentence where it is none of them."""
        for value in self.values:
            if text.lower() == str(value).lower() or (not isinstance(value, str) and _number(text) == value):
                return value
        options = ", ".join(map(str, self.values))
        raise ValueError(_("{name}={text}: choose one of {options}").format(name=self.name, text=text, options=options))


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def settings_for(choices: Mapping[str, tuple[Value, ...]]) -> tuple[Setting, ...]:
    """Return all settings of a playground: those that each has, and the notebook's own choices."""
    return (
        Setting("data", _("data"), tuple(SHAPES)),
        Setting("n", _("points n"), (20, 40, 100, 200)),
        Setting("noise", _("noise"), tuple(k / 20 for k in range(11))),
        Setting("nh", _("units nh"), tuple(range(1, 17))),
        Setting("eta", _("rate η"), (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)),
        Setting("batch", _("mini-batch"), (1, 10, 50, 200)),
        Setting("seed", _("seed"), tuple(range(10))),
        *(Setting(name, name, tuple(values)) for name, values in choices.items()),
    )


def written(values: Mapping[str, Value]) -> str:
    """Write settings as one line, `data=circles noise=0.2 …`: the same in every language."""
    return " ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in values.items()
    )


def read(line: str, settings: tuple[Setting, ...]) -> dict[str, Value]:
    """Return what a line sets; it may leave settings out. ValueError with a sentence where it cannot be read."""
    known = {setting.name: setting for setting in settings}
    found = dict(re.findall(r"(\w+)\s*=\s*([^\s;]+)", line))
    rest = re.sub(r"(\w+)\s*=\s*([^\s;]+)", "", line).strip(" \t\n;`")
    for strange in [*(name for name in found if name not in known), *rest.split()][:1]:
        names = " ".join(f"{name}=…" for name in known)
        raise ValueError(_("{strange} is no setting of this playground: {names}").format(strange=strange, names=names))
    return {name: known[name].read(text.rstrip(",`")) for name, text in found.items()}
