"""What a case is: its commands, where they run, and what is kept of their answers."""
import fnmatch
import pathlib
import re
from dataclasses import dataclass

DEFAULT = ["compose config"]
COMMAND = "# $ "


@dataclass(frozen=True)
class Case:
    name: str  # AREA/NAME
    folder: pathlib.Path  # the working directory
    file: str | None  # given with -f; a folder's files are found as the program finds them
    commands: list[str]
    expected: pathlib.Path
    ours: pathlib.Path


def file_case(area: pathlib.Path, file: pathlib.Path) -> Case:
    commands = []
    for line in file.read_text(errors="replace").splitlines():
        if not line.startswith(COMMAND):
            break
        commands.append(line.removeprefix(COMMAND))
    return Case(f"{area.name}/{file.stem}", area, file.name, commands or DEFAULT, file.with_suffix(".expected"),
                file.with_suffix(".ours"))


def folder_case(area: pathlib.Path, folder: pathlib.Path) -> Case:
    commands = folder / "commands"
    lines = commands.read_text().splitlines() if commands.exists() else DEFAULT
    return Case(f"{area.name}/{folder.name}", folder, None, lines, folder / "expected", folder / "ours")


def find_cases(root: pathlib.Path) -> list[Case]:
    cases = []
    for area in sorted(root.iterdir()):
        for entry in sorted(area.iterdir()):
            if entry.is_dir():
                cases.append(folder_case(area, entry))
            elif entry.suffix == ".yaml":
                cases.append(file_case(area, entry))
    return cases


def deliberate_differences(table: pathlib.Path, cases: list[Case]) -> dict[str, str]:
    """Case to reason, from the rows "| `PATTERN` | reason |". Each row must be about a case."""
    reasons = {}
    for pattern, reason in re.findall(r"^\| `([^`]+)` \| (.+) \|$", table.read_text(), re.M):
        matching = [case.name for case in cases if fnmatch.fnmatch(case.name, pattern)]
        if not matching:
            raise SystemExit(f"{table.name}: there is no case {pattern}")
        reasons.update((name, reason) for name in matching)
    return reasons
