"""Names in archives that do not say how they are encoded: decoded in the way whose names the class has."""

from collections.abc import Callable

Knows = Callable[[str], bool]

# What programs that make zips write, in the order in which they are believed.
ENCODINGS = ("cp437", "cp850", "cp866", "cp1252", "gbk", "shift_jis")


def decode(names: list[bytes], knows: Knows) -> list[str]:
    """Decode the paths of one archive: each as UTF-8 if it is that, the others all in one way.

    knows: whether the class has somebody named so. Where nobody is known it is cp437, as zips have it. A path that two
    ways, as good as each other, read as two people's is left without its letters: it names nobody.
    """
    others = [name for name in set(names) if _read(name, "utf-8") is None]
    readings = {encoding: {name: _read(name, encoding) for name in others} for encoding in ENCODINGS}
    known = {
        encoding: {name for name, text in read.items() if text is not None and knows(text)}
        for encoding, read in readings.items()
    }
    most = max(map(len, known.values()))
    best = [encoding for encoding in ENCODINGS if len(known[encoding]) == most]

    def text_of(name: bytes) -> str:
        if (text := _read(name, "utf-8")) is not None:
            return text
        told = {readings[encoding][name] for encoding in best if name in known[encoding]}
        if len(told) > 1:
            return name.decode("ascii", "backslashreplace").replace("\\", "_")
        return told.pop() or "" if told else readings[best[0]][name] or name.decode("cp437")

    return [text_of(name) for name in names]


def _read(name: bytes, encoding: str) -> str | None:
    try:
        return name.decode(encoding)
    except UnicodeDecodeError:
        return None
