"""The .deb, as `cpack` makes it from a build."""
import pathlib
import subprocess

import pytest

pytestmark = pytest.mark.ours


@pytest.fixture(scope="module")
def package(world, tmp_path_factory):
    build = pathlib.Path(world.binary[0]).parent
    place = world.root / "package"
    subprocess.run(["cpack", "-G", "DEB", "-B", place], cwd=build, check=True, capture_output=True, timeout=120)
    [file] = place.glob("*.deb")
    return file


def test_package_installs_where_only_its_dependencies_are(project, package):
    """In a container: Debian without the libraries, the compiler and the shell completions of the build machine."""
    project.file(f"""
        services:
          debian:
            image: redis:7-alpine
            user: "0"
            volumes: ["{package.parent}:/package:ro"]
            entrypoint: [sh, -ec]
            command:
              - >-
                dpkg --install /package/*.deb >/dev/null;
                compose version --short;
                test -s /usr/share/bash-completion/completions/compose;
                test -s /usr/share/zsh/vendor-completions/_compose;
                test -s /usr/share/fish/vendor_completions.d/compose.fish;
                printf 'services: {{a: {{image: b}}}}' | compose -f - -p x config --services;
                dpkg --purge compose >/dev/null;
                test ! -e /usr/bin/compose
    """)
    done = project.compose("run", "--rm", "debian")
    version = project.compose("version", "--short").stdout
    assert done.stdout == version + "a\n"
