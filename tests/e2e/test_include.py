"""A project of several files: `include` and `extends` with what they mean for the containers that run."""
import pytest


def files(project):
    project.file("""
        include:
          - data/compose.yaml
        services:
          web:
            extends: {file: common/base.yaml, service: sleeper}
            environment: {ROLE: web}
            depends_on: [db]
    """)
    project.write("common/base.yaml", """
        services:
          sleeper:
            image: alpine
            init: true
            command: sleep infinity
            environment: {ROLE: base, FROM: base}
            volumes: ["./shared:/shared:ro"]
    """)
    project.write("common/shared/note", "from common\n")
    project.write("data/.env", "ROLE=database\nTOKEN=secret\n")
    project.write("data/compose.yaml", """
        services:
          db:
            extends: {file: ../common/base.yaml, service: sleeper}
            environment: {ROLE: "${ROLE}"}
            volumes: ["./files:/files:ro", "store:/store"]
            secrets: [token]
        volumes: {store: {}}
        secrets: {token: {environment: TOKEN}}
    """)
    project.write("data/files/note", "from data\n")


def test_a_stack_of_several_files_runs(project):
    """CFG-24, CFG-25, VOL-13"""
    files(project)
    project.up()
    assert project.states() == {"web-1": "running", "db-1": "running"}
    assert project.sh("web", "echo $ROLE $FROM; cat /shared/note") == "web base\nfrom common\n"
    assert project.sh("db", "echo $ROLE $FROM; cat /shared/note /files/note /run/secrets/token") == (
        "database base\nfrom common\nfrom data\nsecret")
    before = project.ids()
    project.up()
    assert project.ids() == before


def test_a_service_of_an_included_file_is_named_like_any_other(project):
    files(project)
    project.up("db")
    assert project.states() == {"db-1": "running"}
    assert project.compose("config", "--services").stdout.split() == ["db", "web"]


@pytest.mark.ours
def test_a_mistake_in_an_included_file_is_shown_with_the_way_there(project):
    project.file("include: [data/compose.yaml]\n")
    project.write("data/compose.yaml", "services: {db: {image: alpine, commandd: x}}\n")
    shown = project.compose("up", code=1).output
    assert "data/compose.yaml:1:32: error: unknown attribute" in shown
    assert "compose.yaml:1:11: note: included here" in shown
    project.write("data/compose.yaml", "services: {db: {image: alpine}}\n")
