"""How builds get at what is elsewhere: git with submodules and over ssh, private authorities, proxies; several ssh keys."""
import subprocess

import pytest

from harness.proxy import Proxy
from harness.sshd import Sshd, make_key
from harness.tls import Authority
from harness.web import Repository, Web

pytestmark = pytest.mark.ours


@pytest.fixture
def app(project):
    project.file("services: {app: {build: .}}")
    return project


@pytest.fixture
def nested(web):
    """outer has inner as a submodule, which has innermost; both are older than what their branches have by now."""
    innermost, inner, outer = (Repository(web, name) for name in ("innermost", "inner", "outer"))
    innermost.commit(text="innermost")
    inner.commit(text="inner")
    inner.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../innermost.git", "below")
    inner.commit()
    outer.git("submodule", "--quiet", "add", inner.url, "lib/inner")
    outer.commit(text="outer", Dockerfile="FROM busybox\nCOPY . /app\nCMD cd /app && cat text lib/inner/text lib/inner/below/text; find . -name .git\n")
    for repository in (innermost, inner):
        repository.commit(text="newer")
    return outer


TEXTS = "outerinnerinnermost"


def test_submodules(project, nested):
    project.file(f'services: {{app: {{build: "{nested.url}"}}}}')
    project.compose("build")
    assert project.compose("run", "--rm", "app").stdout == TEXTS
    project.write("Dockerfile", f"""
        FROM busybox
        ADD {nested.url} /all
        ADD {nested.url}?submodules=false /without
        ADD --keep-git-dir {nested.url} /kept
        RUN cat /all/text /all/lib/inner/text /all/lib/inner/below/text && echo && find /all /without -name .git
        RUN ls -A /without/lib/inner && test -e /kept/lib/inner/.git && cat /kept/lib/inner/below/text
    """)
    project.file("services: {app: {build: .}}")
    built = project.compose("build").stderr
    assert f" {TEXTS}\n" in built and "/.git" not in built.split(TEXTS)[1].split("\n", 2)[1]


def test_submodules_of_a_server_that_gives_no_single_commits(project, nested):
    """With the protocol's first version a server gives only what a branch or a tag names."""
    old = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.version", "GIT_CONFIG_VALUE_0": "0"}
    project.file(f'services: {{app: {{build: "{nested.url}"}}}}')
    project.compose("build", env=old)
    assert project.compose("run", "--rm", "app").stdout == TEXTS


def test_a_submodule_that_is_not_there(app, web):
    inner, outer = Repository(web, "inner"), Repository(web, "outer")
    inner.commit(text="x")
    outer.git("submodule", "--quiet", "add", inner.url, "lib")
    outer.commit()
    inner.path.rename(web.repositories / "elsewhere.git")
    app.write("Dockerfile", f"FROM busybox\nADD {outer.url} /x\n")
    failed = app.compose("build", code=1).stderr
    assert "Dockerfile:2:1: error:" in failed and inner.url in failed


@pytest.fixture
def sshd(tmp_path):
    made = Sshd(tmp_path / "ssh")
    yield made
    made.close()


def test_git_over_ssh(app, web, sshd):
    """The user's own ssh configuration and key; both forms of the address; as ADD and as the context."""
    repository = Repository(web, "lib")
    commit = repository.commit(text="by ssh", Dockerfile="FROM busybox\nCOPY text /\nCMD cat /text\n")
    url, short = f"ssh://root@forge{repository.path}", f"root@forge:{repository.path}"
    app.write("Dockerfile", f"""
        FROM busybox
        ADD {url} /url
        ADD {short}#main /short
        ADD --checksum={commit} {short} /checked
        RUN cat /url/text /short/text /checked/text
    """)
    assert "by sshby sshby ssh" in app.compose("build", env=sshd.env).stderr
    assert sshd.logins > 0
    again = app.compose("build", env=sshd.env).stderr
    assert again.count("CACHED") == 5
    app.file(f'services: {{app: {{build: "{url}"}}}}')
    app.compose("build", env=sshd.env)
    assert app.compose("run", "--rm", "app").stdout == "by ssh"


def test_ssh_refusals(app, web, sshd, tmp_path):
    """Nobody is asked: what a terminal would be asked for is an error that says it."""
    repository = Repository(web, "lib")
    repository.commit(text="x")
    app.write("Dockerfile", f"FROM busybox\nADD root@forge:{repository.path} /x\n")
    other = {"GIT_SSH_COMMAND": f"{sshd.env['GIT_SSH_COMMAND']} -o IdentityFile={make_key(tmp_path / 'other')} -o IdentityAgent=none"}
    (sshd.folder / "key").unlink()
    failed = app.compose("build", env=other, code=1).stderr
    assert "Dockerfile:2:1: error:" in failed and "Permission denied" in failed
    (sshd.folder / "known").write_text("")
    app.env |= sshd.env
    terminal = app.terminal("build")
    assert terminal.wait() == 1 and "Host key verification failed" in terminal.text
    unknown = app.compose("build", env=sshd.env, code=1).stderr
    assert "Host key verification failed" in unknown


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority")


@pytest.fixture
def secure(tmp_path, authority):
    """By the name files.example.test it is reached through a proxy only."""
    made = Web(tmp_path / "secure", authority.certificate("IP:127.0.0.1", "DNS:files.example.test"))
    yield made
    made.close()


def test_a_private_authority(app, secure, authority):
    secure.files["/file"] = (b"secured", None)
    app.write("Dockerfile", f"FROM busybox\nADD {secure.url}/file /\nRUN cat /file\n")
    refused = app.compose("build", code=1).stderr
    assert "Dockerfile:2:1: error:" in refused and "certificate" in refused and "SSL_CERT_FILE" in refused
    assert secure.requests == []
    assert "secured" in app.compose("build", env={"SSL_CERT_FILE": str(authority.file)}).stderr

    repository = Repository(secure, "lib")
    repository.commit(text="git, secured")
    app.write("Dockerfile", f"FROM busybox\nADD {repository.url} /\nRUN cat /text\n")
    assert "certificate" in app.compose("build", code=1).stderr
    assert "git, secured" in app.compose("build", env={"SSL_CERT_FILE": str(authority.file)}).stderr


@pytest.fixture
def proxy():
    made = Proxy()
    yield made
    made.close()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_a_proxy(app, web, proxy, variable):
    web.files["/file"] = (f"by proxy, as {variable} says".encode(), None)
    far = f"http://files.example.test:{web.port}"
    app.write("Dockerfile", f"FROM busybox\nADD {far}/file /\nRUN cat /file\n")
    assert "cannot fetch" in app.compose("build", code=1).stderr
    assert f"by proxy, as {variable} says" in app.compose("build", env={variable: proxy.url}).stderr
    assert proxy.requests == [("GET", f"{far}/file")]
    assert "cannot fetch" in app.compose("build", env={variable: proxy.url, "NO_PROXY": "example.test"}, code=1).stderr
    # This machine itself is never asked for by way of a proxy.
    app.write("Dockerfile", f"FROM busybox\nADD {web.url}/file /near\n")
    app.compose("build", env={variable: proxy.url})
    assert len(proxy.requests) == 1

    repository = Repository(web, "lib")
    repository.commit(text=f"git by {variable}")
    app.write("Dockerfile", f"FROM busybox\nADD {far}/lib.git /\nRUN cat /text\n")
    assert f"git by {variable}" in app.compose("build", env={variable: proxy.url}).stderr
    assert len(proxy.requests) > 2


def test_a_proxy_for_https(app, secure, authority, proxy):
    secure.files["/file"] = (b"in a tunnel", None)
    app.write("Dockerfile", f"FROM busybox\nADD https://files.example.test:{secure.port}/file /\nRUN cat /file\n")
    env = {"HTTPS_PROXY": proxy.url, "SSL_CERT_FILE": str(authority.file)}
    assert "in a tunnel" in app.compose("build", env=env).stderr
    assert proxy.requests == [("CONNECT", f"files.example.test:{secure.port}")]


def test_a_proxy_that_asks_who_it_is(app, web):
    web.files["/file"] = (b"let in", None)
    proxy = Proxy("user:secret")
    app.write("Dockerfile", f"FROM busybox\nADD http://files.example.test:{web.port}/file /\nRUN cat /file\n")
    refused = app.compose("build", env={"HTTP_PROXY": proxy.url.replace("secret", "wrong")}, code=1).stderr
    assert "407" in refused and "proxy" in refused and "wrong" not in refused
    assert "let in" in app.compose("build", env={"HTTP_PROXY": proxy.url}).stderr
    proxy.close()


ASK_AGENT = '''
import os, socket, struct, sys
for path in sys.argv[1:] or [os.environ["SSH_AUTH_SOCK"]]:
    agent = socket.socket(socket.AF_UNIX)
    agent.connect(path)
    agent.sendall(struct.pack(">IB", 1, 11))
    size, = struct.unpack(">I", agent.recv(4, socket.MSG_WAITALL))
    answer = agent.recv(size, socket.MSG_WAITALL)[1:]
    count, answer, names = struct.unpack(">I", answer[:4])[0], answer[4:], []
    for _ in range(2 * count):
        length, = struct.unpack(">I", answer[:4])
        names.append(answer[4:4 + length].decode(errors="replace"))
        answer = answer[4 + length:]
    print(path, sorted(names[1::2]))
'''


def test_several_ssh_keys(app, tmp_path):
    """Several keys of one id, and several ids in one step: each socket has its own."""
    for name in ("one", "two", "three"):
        make_key(app.dir / name)
    app.write("ask.py", ASK_AGENT)
    app.write("Dockerfile", """
        FROM python:3.11-slim
        COPY ask.py /
        RUN --mount=type=ssh python3 /ask.py
        RUN --mount=type=ssh,id=deploy --mount=type=ssh --mount=type=ssh,id=deploy,target=/tmp/again \\
            python3 /ask.py $SSH_AUTH_SOCK /run/buildkit/ssh_agent.0 /run/buildkit/ssh_agent.1 /tmp/again
    """)
    app.file("services: {app: {build: {context: ., ssh: [\"default=one,two\", deploy=three]}}}")
    told = app.compose("build").stderr
    assert "/run/buildkit/ssh_agent.0 ['one', 'two']" in told
    assert told.count("/run/buildkit/ssh_agent.0 ['three']") == 2
    assert "/run/buildkit/ssh_agent.1 ['one', 'two']" in told and "/tmp/again ['three']" in told
    # Paths of the file are relative to the file, whoever builds from where.
    elsewhere = app.compose("-f", app.dir / "compose.yaml", "build", "--no-cache", cwd=tmp_path).stderr
    assert "/run/buildkit/ssh_agent.0 ['one', 'two']" in elsewhere
    flags = ["--no-cache", "--ssh", "default=three", "--ssh", f"deploy={app.dir / 'one'},{app.dir / 'two'}"]
    told = app.compose("build", *flags).stderr
    assert "/run/buildkit/ssh_agent.0 ['three']" in told and "/tmp/again ['one', 'two']" in told
