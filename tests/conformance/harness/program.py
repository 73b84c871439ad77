"""Running a case's commands with one of the two programs, as a transcript that does not tell where it ran."""
import os
import pathlib
import re
import shlex
import subprocess

from .cases import Case

TIMEOUT = 600  # of all calls of a line; there are lines with a loop
PLACE = "/cases"  # stands for the folder of all cases

# HOME is shown by ~ and by variables; everything else a case needs it says itself.
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/home/user", "LC_ALL": "C.UTF-8"}

# What Docker Compose prints in no order, because it iterates a map or visits services in parallel.
UNORDERED = ("--services", "--volumes", "--networks", "--images", "--environment", "--variables")
OF_THE_SHELL = re.compile(r"^(PATH|PWD|OLDPWD|SHLVL|_|LC_ALL)=.*\n", re.M)

PROBE = "services: {a: {image: a, volumes: [.:/a]}}"


class Program:
    def __init__(self, command: list[str], root: pathlib.Path, seen: str):
        self.command = command
        self.root = root
        self.seen = seen  # the root as the program sees it

    @classmethod
    def elsewhere(cls, command: str, root: pathlib.Path) -> "Program":
        """A program that may see our files under another path: asks it for one."""
        program = cls(shlex.split(command), root, seen=str(root))
        done = program.run("compose -p probe -f - config", root, stdin=PROBE)
        source = re.search(r"source: (.*)", done.stdout)
        if done.returncode or not source:
            raise SystemExit(f"{command}: does not answer\n{done.stderr}")
        program.seen = source.group(1)
        return program

    def run(self, line: str, folder: pathlib.Path, file: str | None = None, stdin: str = ""):
        """A shell line in which `compose` is this program."""
        command = shlex.join(self.command + (["-f", file] if file else []))
        script = f'compose() {{ {command} "$@"; }}\n{line}'
        return subprocess.run(["bash", "-c", script], cwd=folder, env=ENVIRONMENT, input=stdin, capture_output=True,
                              encoding="utf-8", errors="surrogateescape", timeout=TIMEOUT, check=False)

    def transcript(self, case: Case, commands: list[str], messages: bool = False) -> str:
        return "".join(self.answer(case, line, messages) for line in commands)

    def answer(self, case: Case, line: str, messages: bool) -> str:
        done = self.run(line, case.folder, case.file)
        output = done.stdout
        if "--environment" in line:
            output = OF_THE_SHELL.sub("", output)
        if any(flag in line.split() for flag in UNORDERED):
            output = "".join(sorted(text.rstrip() + "\n" for text in output.splitlines()))
        if output and not output.endswith("\n"):
            output += "\n\\ no newline at the end\n"
        # Docker Compose 2.26 has codes of its own, 14 to 18, for what later versions end with 1.
        code = 1 if 14 <= done.returncode <= 18 else done.returncode
        if code:
            output += f"exit code {code}\n"
        if code and messages:
            output += "".join(f"# {text}".rstrip() + "\n" for text in done.stderr.strip().splitlines()
                              if not text.startswith("time="))
        return f"$ {line}\n{output}".replace(self.seen, PLACE)
