#include "unit/compose/loading.hpp"

#include <catch2/catch.hpp>

using compose::test::fixed_options;
using compose::test::problems;

namespace {

std::string service(const std::string &attributes) {
    return "services:\n  web:\n    image: x\n    " + attributes + "\n";
}

} // namespace

TEST_CASE("a service needs an image") {
    CHECK(problems("services:\n  web: {tty: true}\n") == "2: service \"web\" has no image (add image: NAME)");
}

TEST_CASE("a reference to nothing names what was meant") {
    CHECK(problems(service("networks: [frnt]") + "networks: {front: }\n")
          == "4: service \"web\" uses undefined network \"frnt\" (did you mean \"front\"?)");
    CHECK(
        problems(service("volumes: [\"data:/data\"]"))
        == "4: service \"web\" uses undefined volume \"data\" (declare it under the top-level \"volumes:\")");
    CHECK(problems(service("secrets: [tken]") + "secrets: {token: {file: ./t}}\n")
          == "4: service \"web\" uses undefined secret \"tken\" (did you mean \"token\"?)");
    CHECK(problems(service("configs: [{source: c}]"))
          == "4: service \"web\" uses undefined config \"c\" (declare it under the top-level \"configs:\")");
    CHECK(problems(service("depends_on: [cahce]") + "  cache: {image: x}\n")
          == "4: service \"web\" depends on undefined service \"cahce\" (did you mean \"cache\"?)");
    CHECK(problems(service("network_mode: service:gone"))
          == "4: service \"web\" depends on undefined service \"gone\" (declare it under \"services:\")");
}

TEST_CASE("a dependency cycle is told as a path") {
    CHECK(problems("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [c]}\n"
                   "  c: {image: x, depends_on: [a]}\n")
          == "4: dependency cycle: a -> b -> c -> a (remove one of these dependencies)");
    CHECK(problems("services:\n  a: {image: x, depends_on: [a]}\n")
          == "2: dependency cycle: a -> a (remove one of these dependencies)");
}

TEST_CASE("a dependency that a profile disables names the profile and the flag") {
    const std::string text =
        "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, profiles: [debug]}\n";
    CHECK(problems(text)
          == "2: service \"a\" depends on \"b\", which only profile \"debug\" enables (add --profile "
             "debug, or write required: false)");
    auto options = fixed_options();
    options.profiles = {"debug"};
    CHECK(problems(text, options).empty());
    options.profiles.clear();
    options.services = {"b"};
    CHECK(problems(text, options).empty());
    CHECK(problems(
              "services:\n  a: {image: x, depends_on: {b: {condition: service_started, required: false}}}\n"
              "  b: {image: x, profiles: [debug]}\n")
              .empty());
}

TEST_CASE("attributes that exclude each other") {
    CHECK(problems(service("network_mode: host\n    networks: [default]"))
          == "5: network_mode and networks exclude each other (remove one of them)");
    CHECK(problems(service("network_mode: host\n    ports: [\"80:80\"]"))
          == "5: ports cannot be published with network_mode \"host\" (the service's ports are the host's "
             "already: remove "
             "ports)");
    CHECK(problems("services:\n  a:\n    build:\n      dockerfile: a\n      dockerfile_inline: FROM x\n")
          == "5: dockerfile and dockerfile_inline exclude each other (remove one of them)");
}

TEST_CASE("a user namespace of its own excludes what is the host's or another service's") {
    CHECK(problems(service("userns_mode: auto")).empty());
    CHECK(problems(service("userns_mode: private\n    privileged: false\n    pid: private\n    uts: host"))
              .empty());
    CHECK(problems(service("userns_mode: host\n    privileged: true\n    network_mode: host")).empty());
    CHECK(problems(service("userns_mode: keep-id"))
          == "4: userns_mode cannot be \"keep-id\" (it is host, or auto for a user namespace of its own)");
    CHECK(
        problems(service("userns_mode: auto\n    privileged: true"))
        == "5: userns_mode \"auto\" and privileged \"true\" exclude each other (remove userns_mode, or grant "
           "what the service needs with cap_add instead)");
    for (const std::string mode : {"network_mode: host", "pid: host", "ipc: host", "pid: \"container:x\""})
        CHECK_THAT(problems(service("userns_mode: auto\n    " + mode)),
                   Catch::Contains("5: userns_mode \"auto\" and ") && Catch::Contains(" exclude each other"));
    CHECK_THAT(problems(service("userns_mode: auto\n    network_mode: service:b") + "  b: {image: x}\n"),
               Catch::Contains("network_mode \"service:b\" exclude each other"));
}

TEST_CASE("attributes that say the same thing must agree") {
    CHECK(problems(service("scale: 2\n    deploy: {replicas: 3}"))
          == "5: scale and deploy.replicas differ (give one of them, or both the same value)");
    CHECK(problems(service("mem_limit: 1g\n    deploy: {resources: {limits: {memory: 2g}}}"))
          == "5: mem_limit and deploy.resources.limits.memory differ (give one of them, or both the same "
             "value)");
    CHECK(problems(service("cpus: 0.5\n    deploy: {resources: {limits: {cpus: \"0.50\"}}}")).empty());
    CHECK(problems(service("mem_limit: 1024m\n    deploy: {resources: {limits: {memory: 1g}}}")).empty());
}

TEST_CASE("a container name is for one container") {
    CHECK(problems(service("container_name: one\n    scale: 2"))
          == "4: container_name \"one\" cannot name 2 containers (remove container_name: they are then "
             "PROJECT-web-1 and so "
             "on)");
    CHECK(problems("services:\n  a: {image: x, container_name: one}\n  b: {image: x, container_name: one}\n")
          == "3: container_name \"one\" is already in use by another service (give each container its own "
             "name)");
}

TEST_CASE("a port of the host is published once") {
    CHECK(
        problems(
            "services:\n  a: {image: x, ports: [\"80:80\"]}\n  b: {image: x, ports: [\"127.0.0.1:80:81\"]}\n")
        == "3: port 80/tcp of the host is published twice (publish another port)");
    CHECK(
        problems("services:\n  a: {image: x, ports: [\"80:80\"]}\n  b: {image: x, ports: [\"80:80/udp\"]}\n")
            .empty());
    CHECK(problems("services:\n  a: {image: x, ports: [\"127.0.0.1:80:80\"]}\n"
                   "  b: {image: x, ports: [\"127.0.0.2:80:80\"]}\n")
              .empty());
    CHECK(problems(service("scale: 2\n    ports: [\"80:80\"]"))
          == "5: port 80/tcp of the host cannot be published by 2 containers (publish a range, e.g. "
             "\"80-89:80\")");
    CHECK(problems(service("scale: 2\n    ports: [\"80-89:80\"]")).empty());
}

TEST_CASE("a target is mounted once") {
    CHECK(problems(service("volumes: [\"/a:/x\"]\n    tmpfs: [\"/x:size=1m\"]"))
          == "5: \"/x\" is mounted twice (mount it once)");
    CHECK(problems(service("volumes: [\"/a:x\"]"))
          == "4: the target \"x\" is not absolute (start it with \"/\")");
}

TEST_CASE("waiting for the health of a service without a check") {
    const std::string wait = "services:\n  a: {image: x, depends_on: {b: {condition: service_healthy}}}\n";
    CHECK(problems(wait + "  b: {image: x}\n")
          == "warning: 2: service \"b\" has no healthcheck; its image must have one (add a healthcheck to "
             "\"b\", or use "
             "condition: service_started)");
    CHECK(problems(wait + "  b: {image: x, healthcheck: {disable: true}}\n")
          == "2: service \"b\" never becomes healthy: its health check is disabled (use condition: "
             "service_started)");
    CHECK(problems(wait + "  b: {image: x, healthcheck: {test: \"true\"}}\n").empty());
}

TEST_CASE("words and numbers of single attributes are checked") {
    CHECK(problems(service("restart: sometimes"))
          == "4: restart cannot be \"sometimes\" (it is no, always, unless-stopped, on-failure or "
             "on-failure:N)");
    CHECK(problems(service("scale: -1")) == "4: a service cannot have -1 containers (0 stands for none)");
    CHECK(problems(service("oom_score_adj: 2000"))
          == "4: oom_score_adj cannot be 2000 (it is between -1000 and 1000)");
    CHECK(problems(service("healthcheck: {test: [curl, x]}"))
          == "4: healthcheck.test cannot start with \"curl\" (start the list with CMD, CMD-SHELL or NONE, or "
             "write one "
             "string)");
    CHECK(problems(service("logging: {driver: syslog}"))
          == "4: logging driver \"syslog\" is not supported yet (use json-file, local or none)");
    CHECK(problems(service("environment: [\"A =1\"]"))
          == "4: \"A \" is not the name of a variable (remove the space before \"=\")");
    CHECK(problems(service("ulimits: {nofile: {soft: 5, hard: 4}}"))
          == "4: the soft limit of nofile is above the hard one (lower soft to 4)");
    CHECK(problems(service("ports: [{target: 80, published: x}]"))
          == "4: published cannot be \"x\" (write a port or a range of ports)");
}

TEST_CASE("networks, volumes, secrets and configs are checked themselves") {
    const std::string none = "services: {}\n";
    CHECK(problems(none + "networks: {a: {external: true, driver: bridge}}\n")
          == "2: \"a\" is external: it cannot have driver (remove driver, or external: true)");
    CHECK(problems(none + "networks: {a: {driver: overlay}}\n")
          == "2: network driver \"overlay\" is not supported yet (use bridge, or network_mode: host)");
    CHECK(problems(none + "volumes: {a: {driver: nfs}}\n")
          == "2: volume driver \"nfs\" is not supported yet (use local)");
    CHECK(problems(none + "secrets: {a: {name: x}}\n")
          == "2: secret \"a\" has no content (give it a file or environment)");
    CHECK(problems(none + "configs: {a: {file: x, content: y}}\n")
          == "2: file and content exclude each other (remove one of them)");
}

TEST_CASE("a missing env file names its path, unless it may be missing or the service is disabled") {
    CHECK(problems(service("env_file: gone.env"))
          == "4: env file /srv/app/gone.env not found (create it, or give it required: false)");
    CHECK(problems(service("env_file: [{path: gone.env, required: false}]")).empty());
    CHECK(problems(service("env_file: gone.env\n    profiles: [debug]")).empty());
}
