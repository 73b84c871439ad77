"""One Compose project of one test: its folder, its name, and the commands a test gives."""
import json
import textwrap
import urllib.error
import urllib.request

from harness import process
from harness.process import wait_for


class Project:
    def __init__(self, world, folder, name):
        self.world = world
        self.dir = folder
        self.name = name
        self.env = {**world.env, "COMPOSE_PROJECT_NAME": name}
        self._running = []

    # --- files

    def write(self, path, text):
        target = self.dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"))
        return target

    def file(self, text):
        return self.write("compose.yaml", text)

    # --- commands

    def _environment(self, env):
        merged = {**self.env, **(env or {})}
        return {key: value for key, value in merged.items() if value is not None}

    def compose(self, *arguments, code=0, env=None, stdin=None, timeout=process.TIMEOUT, cwd=None):
        """Runs the program; the exit code must be `code` (None: any). A None in `env` removes a variable."""
        result = process.run([*self.world.binary, *map(str, arguments)], cwd=cwd or self.dir,
                             env=self._environment(env), stdin=stdin, timeout=timeout)
        if self.world.peer:
            result.erase_line_codes()
        assert code is None or result.code == code, f"expected exit code {code}\n{result}"
        return result

    def up(self, *arguments, **options):
        return self.compose("up", "-d", *arguments, **options)

    def background(self, *arguments, env=None):
        started = process.Background([*self.world.binary, *map(str, arguments)], cwd=self.dir,
                                     env=self._environment(env))
        self._running.append(started)
        return started

    def terminal(self, *arguments, **size):
        started = process.Terminal([*self.world.binary, *map(str, arguments)], cwd=self.dir, env=self.env, **size)
        self._running.append(started)
        return started

    def exec(self, service, *command, **options):
        """What `command` prints inside the service's container."""
        return self.compose("exec", "-T", service, *command, **options).stdout

    def sh(self, service, script, **options):
        return self.exec(service, "sh", "-c", script, **options)

    # --- observations

    def ps(self, *arguments):
        """Every container, also stopped ones, as the rows of `ps --format json`."""
        out = self.compose("ps", "--all", "--format", "json", *arguments).stdout
        return sorted((json.loads(line) for line in out.splitlines()), key=lambda row: row["Name"])

    def container(self, service, index=1):
        name = f"{self.name}-{service}-{index}"
        rows = self.ps()
        found = [row for row in rows if row["Name"] == name]
        assert found, f"no container {name}; there are: {[row['Name'] for row in rows]}"
        return found[0]

    def id(self, service, index=1):
        return self.container(service, index)["ID"]

    def ids(self):
        return {row["Name"].removeprefix(self.name + "-"): row["ID"] for row in self.ps()}

    def states(self):
        return {row["Name"].removeprefix(self.name + "-"): row["State"] for row in self.ps()}

    def wait_state(self, service, state, timeout=60, index=1):
        wait_for(lambda: self.states().get(f"{service}-{index}") == state, f"{service} is {state}", timeout)

    def port(self, service, port, *arguments):
        """The published (address, port) of a container's port."""
        host, _, number = self.compose("port", *arguments, service, port).stdout.strip().rpartition(":")
        return host, int(number)

    def remove(self):
        """Takes the project down by its file, or by its name where the test left a file that cannot be read."""
        down = ["down", "-v", "-t", "0", "--remove-orphans"]
        if self.compose(*down, code=None).code:
            empty = self.dir / "empty-folder"
            empty.mkdir()
            self.compose("-p", self.name, *down, code=None, cwd=empty, env={"COMPOSE_FILE": None})

    def close(self):
        for started in self._running:
            started.close()


def http(url, timeout=60, status=200):
    """The body of `url`, asked again while the server is not listening yet."""
    def attempt():
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return (error.code, error.read().decode()) if error.code == status else None
        except OSError:
            return None
    code, body = wait_for(attempt, f"{url} answers", timeout)
    assert code == status, f"{url}: {code}\n{body}"
    return body
