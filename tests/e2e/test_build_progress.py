"""What `compose build` shows on a terminal: a picture of its steps that is drawn again in place."""
import re

import pytest

pytestmark = pytest.mark.ours

COLUMNS = 60


def frames(text):
    """Each picture as its rows, without colours and what moves the cursor."""
    pictures = [part.split("\x1b[?25h")[0] for part in text.split("\x1b[?25l")[1:]]
    return [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", picture).replace("\r", "").rstrip("\n").split("\n") for picture in pictures]


@pytest.fixture
def build(project):
    project.compose("pull", "-q", cwd=project.file("services: {a: {image: busybox}}").parent)

    def run(dockerfile, *flags, rows=24):
        project.write("Dockerfile", dockerfile)
        project.file("services: {app: {build: .}}")
        terminal = project.terminal("build", *flags, rows=rows, columns=COLUMNS)
        code = terminal.wait()
        return code, terminal.text, frames(terminal.text)
    return run


def test_steps_and_what_they_print(build):
    code, _, pictures = build("""
        FROM busybox
        RUN echo first && printf 'half\\rwhole \\033[1mbold\\n' && echo a-line-that-is-longer-than-the-terminal-is-wide-by-some-way
    """, "--no-cache")
    assert code == 0
    rows = [row for picture in pictures for row in picture]
    assert "     │ first" in rows and "     │ whole bold" in rows
    assert all(len(row) <= COLUMNS for row in rows), "a row that wraps would be drawn again below itself"
    last = pictures[-1]
    assert last[0] == "[+] Building 1/1"
    assert re.match(r" ✔ Image \S+ +Built +\d+\.\ds$", last[1])
    assert re.match(r"   ✔ \[app stage-0 1/2\] FROM busybox +CACHED +\d+\.\ds$", last[2])
    assert re.match(r"   ✔ \[app stage-0 2/2\] RUN echo .*… +\d+\.\ds$", last[3])
    assert "exporting to image" in last[4] and len(last) == 5


def test_a_step_that_fails_and_what_it_printed(build):
    code, text, pictures = build("FROM busybox\nRUN echo before && exit 3\n")
    assert code == 1
    assert re.match(r"   ✘ \[app stage-0 2/2\] RUN echo before && … +ERROR +\d+\.\ds$", pictures[-1][-1])
    end = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.split("------", 1)[1])
    assert " > [app stage-0 2/2] RUN echo before && exit 3:" in end and re.search(r"^\d+\.\d+ before", end, re.MULTILINE)
    assert "Dockerfile:2:1: error: the command" in end


def test_more_steps_than_rows(build):
    """What is over makes room; in the end everything is there."""
    steps = "".join(f"RUN echo {number}\n" for number in range(20))
    code, _, pictures = build("FROM busybox\n" + steps, "--no-cache", rows=12)
    assert code == 0
    assert all(len(picture) <= 11 for picture in pictures[:-1])
    assert len(pictures[-1]) == 2 + 21 + 1
