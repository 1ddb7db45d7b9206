"""Workbooks with damaged or hostile XML parts: each gets an answer or a sentence, soon, in little memory.

`make campaign NAME=xml` tries 2,000 mutations of the example workbook; the suite tries a few of the same kind.
"""

import contextlib
import io
import json
import random
import re
import resource
import sys
import tempfile
import time
from importlib.resources import as_file, files
from pathlib import Path

from sheets_sync.cli import main as sheetplan
from tests.sheets_sync.excel_files import parts, repack

MUTATIONS = 2_000
LONGEST_S = 30.0
MOST_MEGABYTES = 1_000
COMMANDS = (("check",), ("run", "--time-limit", "2", "--scenario", "GMV first"))
ODD_TEXTS = [
    "", "-1", "0", "1e999", "NaN", "99999999999", "A1", "XFD1048577", "A1:ZZZZ9", "#REF!", "\ud7ff", "\u0660", "[/x]",
    "0" * 400, "0." + "0" * 300, "%" * 300, "yyyy" * 90, "General;;;;", "true", "rId999", "../../../etc/passwd", "s",
]  # fmt: skip
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_TEXT = re.compile(rb">([^<>]+)<")
_ELEMENT = re.compile(rb"<[^<>]+>")


def mutate(content: bytes, chance: random.Random) -> bytes:
    """One part with one mistake."""
    kind = chance.choice(["attribute", "attribute", "text", "drop", "double", "cut", "flip", "deep", "many"])
    odd = chance.choice(ODD_TEXTS).encode()
    if kind == "flip":
        at = chance.randrange(len(content) or 1)
        return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
    if kind == "cut":
        return content[: chance.randrange(len(content) or 1)]
    pattern = {"attribute": _ATTRIBUTE, "text": _TEXT}.get(kind, _ELEMENT)
    found = list(pattern.finditer(content))
    if not found:
        return content + odd
    match = chance.choice(found)
    before, after, whole = content[: match.start()], content[match.end() :], match.group()
    new = {
        "attribute": lambda: match[1] + b'="' + odd + b'"',
        "text": lambda: b">" + odd + b"<",
        "drop": lambda: b"",
        "double": lambda: whole * 2,
        "deep": lambda: whole + b"<x>" * 5_000 + b"</x>" * 5_000,
        "many": lambda: whole + b"<x/>" * 500_000,
    }[kind]()
    return before + new + after


def _stream() -> io.TextIOWrapper:
    """As a command's standard streams are: text over bytes, in which JSON is written."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


def attempt(seed: int, folder: Path) -> str | None:
    """One mutation, checked or run; what is wrong with how it went, or None."""
    chance = random.Random(seed)
    path = folder / f"plan-{seed}.xlsx"
    with as_file(files("sheets_sync.demo") / "marketplace-q3.xlsx") as example:
        path.write_bytes(example.read_bytes())
    content = parts(path)
    name = chance.choice([name for name in content if name.endswith((".xml", ".rels"))])
    repack(path, {name: mutate(content[name], chance)})
    command, *options = chance.choice(COMMANDS)
    start = time.monotonic()
    out, err = _stream(), _stream()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            sheetplan([command, str(path), "--json", *options])
        except SystemExit as ended:
            code = ended.code
    seconds = time.monotonic() - start
    path.unlink()
    what = f"mutation {seed} of {name}, {command}"
    if code in (1, None) or "Traceback" in _written(err):
        return f"{what}: exit code {code}: {_written(err)[-600:]}"
    try:
        json.loads(_written(out))
    except ValueError:
        return f"{what}: no JSON document"
    return f"{what}: {seconds:.0f} s" if seconds > LONGEST_S else None


def megabytes() -> int:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(count: int) -> int:
    """Try so many; print what went wrong; returns how many did."""
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(count):
            wrong = attempt(seed, Path(folder))
            if wrong is not None:
                failures += 1
                print(wrong, flush=True)
            if seed % 100 == 99:
                print(f"{seed + 1} tried, {failures} failed, {megabytes()} MB", flush=True)
    print(f"{count} mutations: {failures} failed, {megabytes()} MB at most")
    return failures + (megabytes() > MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(min(1, main(int(sys.argv[1]) if len(sys.argv) > 1 else MUTATIONS)))
