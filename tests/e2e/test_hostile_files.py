"""Files that are made to be too much: each is refused at its place, within little memory."""
import re

import pytest

from harness import process

pytestmark = pytest.mark.ours

SERVICE = "services: {a: {image: alpine}}\n"
MEMORY = 400_000  # of address space, in KiB


def laughs(entries):
    return "".join(f"x-{level}: &a{level} {entries(level)}\n" for level in range(10)) + SERVICE


def service(lines):
    return "services:\n  a:\n    image: alpine\n" + lines


@pytest.fixture
def refused(project):
    def refuse(says):
        result = process.run(["sh", "-c", f"ulimit -v {MEMORY} && exec \"$@\"", "sh", *project.world.binary, "config"],
                             cwd=project.dir, env=project.env)
        assert result.code == 1, result
        assert says in result.stderr, result
        assert len(result.stderr) < 20_000
        assert result.stdout == ""
    return refuse


FILES = {
    "aliases": (lambda: laughs(lambda level: f"[{', '.join([f'*a{level - 1}' if level else 'lol'] * 9)}]"),
                "compose.yaml:5:6: error: the file has more than 100000 values"),
    "merges": (lambda: laughs(lambda level: "{" + ", ".join(f"k{level}_{n}: " + (f"*a{level - 1}" if level else "lol")
                                                            for n in range(9)) + "}"),
               "compose.yaml:5:6: error: the file has more than 100000 values"),
    "merge-keys": (lambda: "x-0: &a0 {" + ", ".join(f"k{n}: v" for n in range(500)) + "}\n"
                           + "".join(f"x-{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], z{n}: v}}\n"
                                     for n in range(1, 400)) + SERVICE,
                   "error: the file has more than 100000 values"),
    "values": (lambda: service("    environment:\n" + "".join(f"      V{n}: x\n" for n in range(500_000))),
               "compose.yaml:50000:15: error: the file has more than 100000 values"),
    "block-lists": (lambda: "x-a:\n  " + "- " * 500_000 + "\n", "error: nested deeper than 64 levels"),
    "block-mappings": (lambda: "".join(" " * level + "a:\n" for level in range(2000)),
                       "compose.yaml:65:65: error: nested deeper than 64 levels"),
    "flow-lists": (lambda: "---\nx-a: " + "[" * 15_000_000, "brackets and commas"),
    "flow-lists-fewer": (lambda: "---\nx-a: " + "[" * 400_000, "error: nested deeper than 64 levels"),
    "flow-mappings": (lambda: "---\nx-a: " + "{a: " * 100_000, "error: nested deeper than 64 levels"),
    "long-flow-list": (lambda: "x-a: [" + "\n 1," * 3_000_000 + "]\n" + SERVICE, "brackets and commas"),
    "ports": (lambda: service("    ports:\n" + "      - \"1-65535\"\n" * 1000),
              "compose.yaml:5:7: error: more than 100000 ports are published"),
    "command": (lambda: service("    command: " + "x " * 7_000_000 + "\n"),
                "compose.yaml:4:14: error: command is longer than what Linux can run"),
    "command-of-many-words": (lambda: service("    command: " + "x " * 1_000_000 + "\n"),
                              "compose.yaml:4:14: error: command is longer than what Linux can run"),
    "utf-8": (lambda: b"services: {a: {image: b\xff}}\n", "compose.yaml:1:24: error: the text is not UTF-8"),
    "nul": (lambda: "services: {a: {image: b\0}}\n", "compose.yaml:1:24: error: the control character 0x00"),
    "unknown-keys": (lambda: service("".join(f"    k{n}: b\n" for n in range(40_000))), "and 39950 more"),
    "duplicate-keys": (lambda: "services:\n" + "  a: {image: b}\n" * 20_000, "and 19949 more"),
}


@pytest.mark.parametrize("file", FILES)
def test_file(project, refused, file):
    """GAP-01"""
    write, says = FILES[file]
    text = write()
    (project.dir / "compose.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    refused(says)


def test_100_mb(project, refused):
    """GAP-01"""
    with open(project.dir / "compose.yaml", "wb") as file:
        file.write(SERVICE.encode())
        file.truncate(100_000_000)
    refused("compose.yaml: error: the file is larger than 16 MiB")


def test_env_file_of_100_mb(project, refused):
    """GAP-01"""
    project.file("services: {a: {image: alpine, env_file: large.env}}")
    with open(project.dir / "large.env", "wb") as file:
        file.truncate(100_000_000)
    refused("large.env: error: the file is larger than 16 MiB")


def test_env_file_of_very_many_variables(project):
    """A file that is only large is read."""
    project.file("services: {a: {image: alpine, env_file: large.env}}")
    (project.dir / "large.env").write_text("".join(f"V{n}={'x' * 80}\n" for n in range(100_000)))
    shown = re.findall(r"^      V(\d+): x{80}$", project.compose("config").stdout, re.M)
    assert sorted(map(int, shown)) == list(range(100_000))


@pytest.mark.parametrize("file, says", [
    ("include: [{next}]\nservices: {{s{n}: {{image: b}}}}\n", "error: includes are nested more than 32 deep"),
    ("services: {{s: {{extends: {{file: {next}, service: s}}}}}}\n", "error: more than 100 services extend each other"),
], ids=["include", "extends"])
def test_chain_of_files(project, refused, file, says):
    """GAP-01"""
    for number in range(3000):
        name = f"{number}.yaml" if number else "compose.yaml"
        (project.dir / name).write_text(file.format(n=number, next=f"{number + 1}.yaml"))
    refused(says)


def test_very_many_included_files(project, refused):
    """GAP-01"""
    for number in range(3000):
        (project.dir / f"{number}.yaml").write_text(f"services: {{s{number}: {{image: b}}}}\n")
    (project.dir / "compose.yaml").write_text("include:\n" + "".join(f"  - {number}.yaml\n" for number in range(3000)))
    refused("compose.yaml:998:5: error: extends and include make more than 1000000 values of this")
