"""What builds take from elsewhere: ADD of URLs and of git repositories, contexts that are not on this machine."""
import hashlib
import io
import tarfile

import pytest

from harness.web import Repository

pytestmark = pytest.mark.ours


@pytest.fixture
def app(project):
    project.file("services: {app: {build: .}}")
    return project


def shown(project, command):
    """What the last step of the Dockerfile, which is not cached, says."""
    text = (project.dir / "Dockerfile").read_text() + f"CMD {command}\n"
    (project.dir / "Dockerfile").write_text(text)
    project.compose("build")
    return project.compose("run", "--rm", "app").stdout


def tar_of(**files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.uid = 1234
            archive.addfile(member, io.BytesIO(content.encode()))
    return out.getvalue()


def test_a_file_of_the_web(app, web):
    """Its name is the URL's, its time the server's, its mode 0600."""
    web.files["/dir/some%20file"] = (b"content", {"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"})
    app.write("Dockerfile", f"FROM busybox\nADD {web.url}/dir/some%20file?x=1 /srv/\n")
    assert shown(app, "cd /srv && cat * && stat -c ' %n %a %u:%g %Y' *") == "content some file 600 0:0 1445412480\n"

    app.write("Dockerfile", f"""
        FROM busybox
        ADD --chmod=u=rwX,go=rX --chown=1:2 {web.url}/dir/some%20file /srv/renamed
    """)
    assert shown(app, "stat -c '%n %a %u:%g' /srv/*") == "/srv/renamed 644 1:2\n"


def test_a_file_of_the_web_is_asked_for_but_not_fetched_again(app, web):
    web.files["/file"] = (b"one", None)
    app.write("Dockerfile", f"FROM busybox\nADD {web.url}/file /\nRUN cat /file\n")
    assert " one" in app.compose("build").stderr
    again = app.compose("build").stderr
    assert " one" not in again and again.count("CACHED") == 3
    assert web.requests == [("/file", 200), ("/file", 304)]
    web.files["/file"] = (b"two", None)
    assert " two" in app.compose("build").stderr


def test_checksum(app, web):
    web.files["/file"] = (b"one", None)
    right = "sha256:" + hashlib.sha256(b"one").hexdigest()
    app.write("Dockerfile", f"FROM busybox\nADD --checksum={right} {web.url}/file /\n")
    app.compose("build")
    app.compose("build", "--no-cache")
    assert web.requests == [("/file", 200)], "what has the checksum is not asked for again"

    app.write("Dockerfile", f"FROM busybox\nADD --checksum=sha256:{'0' * 64} {web.url}/file /\n")
    failed = app.compose("build", code=1).stderr
    assert "Dockerfile:2:1: error:" in failed and right in failed
    app.write("Dockerfile", f"FROM busybox\nADD --checksum=md5:0 {web.url}/file /\n")
    assert "Dockerfile:2:5: error: \"md5:0\" is no checksum" in app.compose("build", code=1).stderr
    app.write("Dockerfile", f"FROM busybox\nADD --checksum={right} file /\n")
    assert "which is a URL" in app.compose("build", code=1).stderr


def test_a_url_that_gives_nothing(app, web):
    app.write("Dockerfile", f"FROM busybox\nADD http://user:secret@{web.url[7:]}/none /\n")
    failed = app.compose("build", code=1).stderr
    assert f"Dockerfile:2:1: error: cannot fetch {web.url}/none: the server answered 404" in failed
    app.write("Dockerfile", "FROM busybox\nADD http://127.0.0.1:1/none /\n")
    assert "cannot fetch http://127.0.0.1:1/none" in app.compose("build", code=1).stderr


def test_unpack(app, web):
    web.files["/a.tgz"] = (tar_of(f="in the archive"), None)
    app.write("Dockerfile", f"FROM busybox\nADD {web.url}/a.tgz /kept/\nADD --unpack {web.url}/a.tgz /unpacked/\n")
    assert shown(app, "ls /kept && cat /unpacked/f") == "a.tgz\nin the archive"
    app.write("a.tgz", "")
    (app.dir / "a.tgz").write_bytes(tar_of(f="local"))
    app.write("Dockerfile", "FROM busybox\nADD a.tgz /one/\nADD --unpack=false a.tgz /two/\n")
    assert shown(app, "ls /one /two").split() == ["/one:", "f", "/two:", "a.tgz"]


def test_a_repository(app, web):
    repository = Repository(web, "lib")
    first = repository.commit(file="1", dir__inner="inner")
    repository.git("tag", "v1")
    repository.commit(file="2")
    app.write("Dockerfile", f"""
        FROM busybox
        ADD {repository.url} /main
        ADD {repository.url}#v1 /tag
        ADD {repository.url}#{first}:dir /commit
        ADD {repository.url}?tag=v1&subdir=dir /query
        ADD --keep-git-dir {repository.url}#v1 /kept
        ADD --checksum={first} {repository.url}#v1 /checked
    """)
    out = shown(app, "cd / && cat main/file tag/file && ls -A main commit query && ls -d */.git")
    assert out.split() == ["21commit:", "inner", "main:", "dir", "file", "query:", "inner", "kept/.git"], out

    assert app.compose("build").stderr.count("CACHED") == 7
    repository.commit(file="3")
    assert shown(app, "cat /main/file /tag/file") == "31"


def test_a_repository_that_gives_nothing(app, web):
    repository = Repository(web, "lib")
    commit = repository.commit(file="1")
    for source, said in ((f"{repository.url}#none", "no branch, tag or commit none"),
                         (f"{repository.url}#:none", "no directory none"),
                         (f"--checksum=abc {repository.url}", f"is the commit {commit}, not abc"),
                         (f"{web.url}/other.git", "cannot fetch")):
        app.write("Dockerfile", f"FROM busybox\nADD {source} /x\n")
        failed = app.compose("build", code=1).stderr
        assert "Dockerfile:2:1: error:" in failed and said in failed
    app.write("Dockerfile", f"FROM busybox\nADD {repository.url}?what=1 /x\n")
    assert "Dockerfile:2:5: error:" in app.compose("build", code=1).stderr


def test_a_context_in_git(project, web):
    """BLD-17"""
    repository = Repository(web, "app")
    repository.commit(sub__Dockerfile="FROM busybox\nCOPY . /app\nCMD ls -A /app && cat /app/text\n", sub__text="of git")
    project.file(f'services: {{app: {{build: "{repository.url}#main:sub"}}}}')
    project.compose("build")
    assert project.compose("run", "--rm", "app").stdout.split() == ["Dockerfile", "text", "of", "git"]
    repository.commit(sub__text="changed")
    project.compose("build")
    assert project.compose("run", "--rm", "app").stdout.endswith("changed")
    project.file(f'services: {{app: {{build: "{repository.url}#main:none"}}}}')
    assert "no directory none" in project.compose("build", code=1).stderr


def test_a_context_in_git_names_no_file_of_this_machine(project, web):
    repository = Repository(web, "app")
    for name in ("Dockerfile", ".dockerignore"):
        repository.commit(Dockerfile="FROM busybox\nCOPY . /app\n")
        (repository.path / name).unlink(missing_ok=True)
        (repository.path / name).symlink_to("/etc/passwd")
        repository.commit()
        project.file(f'services: {{app: {{build: "{repository.url}"}}}}')
        failed = project.compose("build", code=1).stderr
        assert "leads out of the build context" in failed and "root:" not in failed
        (repository.path / name).unlink()


def test_a_context_of_the_web(project, web):
    web.files["/context.tar.gz"] = (tar_of(Dockerfile="FROM busybox\nCOPY text /\nCMD cat /text; stat -c ' %u' /text\n",
                                           text="of the web"), None)
    web.files["/Dockerfile.txt"] = (b"FROM busybox\nCMD echo alone\n", None)
    web.files["/assets.tar"] = (tar_of(logo="logo"), None)
    project.file(f"""
        services:
          archive: {{build: "{web.url}/context.tar.gz"}}
          file: {{build: "{web.url}/Dockerfile.txt"}}
          more:
            build:
              additional_contexts: {{assets: "{web.url}/assets.tar"}}
              dockerfile_inline: "FROM busybox\\nCOPY --from=assets logo /\\nCMD cat /logo\\n"
    """)
    out = project.compose("up", "--no-log-prefix").stdout
    assert "of the web 0" in out and "alone" in out and "logo" in out


def test_linked_copies_do_not_depend_on_what_is_below(app):
    app.write("text", "linked")
    app.write("Dockerfile", """
        FROM busybox
        RUN ln -s /tmp /linked && echo one > /one
        COPY --link text /linked/text
        COPY --link --chown=app:app text /named
        RUN stat -c '%F %n' /linked /linked/text && stat -c '%U %n' /named && cat /one
    """)
    first = app.compose("build").stderr
    assert "directory /linked" in first and "regular file /linked/text" in first and "app /named" in first
    dockerfile = app.dir / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("echo one", "echo two"))
    second = app.compose("build").stderr
    assert second.count("CACHED") == 3, "the base and both copies"
    assert "directory /linked" in second and " two" in second
    app.write("text", "changed")
    assert app.compose("build").stderr.count("CACHED") == 2
