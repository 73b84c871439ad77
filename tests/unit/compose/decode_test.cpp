#include "compose/render.hpp"
#include "unit/compose/loading.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

using namespace compose;
using namespace std::chrono_literals;
using test::load_text;

namespace {

Service web(const std::string &attributes, const std::string &more = "") {
    const std::string text = "services:\n  web:\n    image: x\n    " + attributes + "\n" + more;
    return load_text(text).project.services.at("web");
}

} // namespace

TEST_CASE("the tutorial's stack becomes a project") {
    const Project project = load_text(R"(
services:
  web:
    image: example/web
    ports: ["8000:8000"]
    environment: ["DATABASE_URL=postgresql://db:5432/mydb"]
    depends_on: [db, redis]
  db:
    image: postgres:15
    volumes: ["pgdata:/var/lib/postgresql"]
  redis:
    image: redis:7-alpine
volumes:
  pgdata:
)")
                                .project;
    CHECK(project.name == "demo");
    CHECK(project.services.size() == 3);
    CHECK(project.networks.at("default").name == "demo_default");
    CHECK(project.volumes.at("pgdata").name == "demo_pgdata");
    const Service &service = project.services.at("web");
    REQUIRE(service.ports.size() == 1);
    CHECK(service.ports[0].target == 8000);
    CHECK(service.ports[0].published == "8000");
    CHECK(service.environment.at("DATABASE_URL") == "postgresql://db:5432/mydb");
    CHECK(service.depends_on.at("db").condition == Condition::started);
    CHECK(service.networks.contains("default"));
    const Mount &mount = project.services.at("db").volumes.at(0);
    CHECK(mount.type == Mount::Type::volume);
    CHECK(mount.source == "pgdata");
    CHECK(mount.target == "/var/lib/postgresql");
}

TEST_CASE("absent, null and empty commands differ") {
    CHECK_FALSE(web("tty: true").command.has_value());
    CHECK_FALSE(web("command:").command.has_value());
    CHECK(web("command: []").command->empty());
    CHECK(web("entrypoint: \"\"").entrypoint->empty());
    CHECK(*web("command: a 'b c'").command == std::vector<std::string>{"a", "b c"});
}

TEST_CASE("a variable without a value is the project's, or removed") {
    const Service service = web("environment: [USER_NAME, GONE, EMPTY=]");
    CHECK(service.environment.at("USER_NAME") == "bob");
    CHECK(service.environment.at("GONE") == std::nullopt);
    CHECK(service.environment.at("EMPTY") == "");
}

TEST_CASE("env files come before environment, later ones before earlier ones") {
    const test::TemporaryDirectory directory;
    directory.write("a.env", "A=1\nB=1\nC=$USER_NAME\n");
    directory.write("b.env", "B=2\nD=${A}x\n");
    LoadOptions options = test::fixed_options();
    options.project_directory = directory.path().string();
    const auto loaded =
        load_text("services: {web: {image: x, env_file: [a.env, b.env], environment: {A: own}}}", options);
    const Environment &environment = loaded.project.services.at("web").environment;
    CHECK(environment.at("A") == "own");
    CHECK(environment.at("B") == "2");
    CHECK(environment.at("C") == "bob");
    CHECK(environment.at("D") == "1x");
}

TEST_CASE("limits come from the service or from deploy") {
    const Resources own =
        web("mem_limit: 64m\n    cpus: 1.5\n    pids_limit: 5\n    memswap_limit: -1").resources;
    CHECK(own.memory->value == 64 << 20);
    CHECK(own.cpus->value == 1'500'000'000);
    CHECK(own.pids == 5);
    CHECK(own.memory_swap->value == -1);
    const Service deployed = web("deploy: {replicas: 3, resources: {limits: {cpus: '0.5', memory: 1g}}}");
    CHECK(deployed.replicas == 3);
    CHECK(deployed.resources.memory->value == 1 << 30);
    CHECK(deployed.resources.cpus->value == 500'000'000);
}

TEST_CASE("health checks and policies become typed") {
    const Service service =
        web("healthcheck: {test: curl x, interval: 1m30s, retries: 3}\n    restart: on-failure:5\n"
            "    stop_grace_period: 90s\n    deploy: {restart_policy: {delay: 5s}}");
    CHECK(service.healthcheck->test == std::vector<std::string>{"CMD-SHELL", "curl x"});
    CHECK(service.healthcheck->interval == 90s);
    CHECK(service.healthcheck->retries == 3);
    CHECK(service.restart.kind == RestartPolicy::Kind::on_failure);
    CHECK(service.restart.max_attempts == 5);
    CHECK(service.stop_grace_period == 90s);
    CHECK(service.deploy_restart->condition == DeployRestartPolicy::Condition::any);
    CHECK(service.deploy_restart->delay == 5s);
    CHECK(web("healthcheck: {test: [NONE]}").healthcheck->disable);
}

TEST_CASE("deploy.restart_policy also takes the words of restart, as Docker Compose does") {
    using On = DeployRestartPolicy::Condition;
    const auto with = [](const std::string &word) {
        return web("deploy: {restart_policy: {condition: " + word + "}}\n    restart: always");
    };
    CHECK(with("none").deploy_restart->condition == On::none);
    CHECK(with("\"no\"").deploy_restart->condition == On::none);
    CHECK(with("on-failure").deploy_restart->condition == On::on_failure);
    CHECK(with("any").deploy_restart->condition == On::any);
    CHECK(with("always").deploy_restart->condition == On::any);
    const Service unless_stopped = with("unless-stopped");
    CHECK(unless_stopped.deploy_restart->condition == On::any);
    CHECK(unless_stopped.restart.kind == RestartPolicy::Kind::unless_stopped);
}

TEST_CASE("namespaces of other services make them dependencies") {
    const Service service =
        web("network_mode: service:db\n    links: [cache]", "  db: {image: x}\n  cache: {image: x}\n");
    CHECK(service.network_mode.kind == NamespaceMode::Kind::service);
    CHECK(service.network_mode.name == "db");
    CHECK(service.networks.empty());
    CHECK(service.depends_on.at("db").implicit);
    CHECK(service.depends_on.at("cache").implicit);
    CHECK(service.links == std::vector<std::string>{"cache:cache"});
}

TEST_CASE("secrets and configs have their content and place") {
    const Project project = load_text(R"(
services:
  web:
    image: x
    secrets: [file, {source: variable, target: other, mode: "0440"}]
    configs: [inline]
secrets:
  file: {file: ./s.txt}
  variable: {environment: TOKEN}
configs:
  inline: {content: "a $$b"}
)")
                                .project;
    const Service &service = project.services.at("web");
    CHECK(service.secrets.at(0).target == "/run/secrets/file");
    CHECK(service.secrets.at(1).target == "/run/secrets/other");
    CHECK(service.secrets.at(1).mode == 0440U);
    CHECK(service.configs.at(0).target == "/inline");
    CHECK(project.secrets.at("file").value == "/srv/app/s.txt");
    CHECK(project.secrets.at("variable").content == "tok");
    CHECK(project.configs.at("inline").content == "a $b");
}

TEST_CASE("profiles enable services, a service named on the command line its own") {
    const std::string text = "services:\n  a: {image: x}\n  b: {image: x, profiles: [debug], networks: [n]}\n"
                             "  c: {image: x, profiles: [test]}\nnetworks: {n: }\n";
    LoadOptions options = test::fixed_options();
    Project project = load_text(text, options).project;
    CHECK(list_services(project) == std::vector<std::string>{"a"});
    CHECK(project.disabled_services.size() == 2);
    CHECK_FALSE(project.networks.contains("n"));
    CHECK(list_profiles(project) == std::vector<std::string>{"debug", "test"});
    options.services = {"b"};
    project = load_text(text, options).project;
    CHECK(list_services(project) == std::vector<std::string>{"a", "b"});
    CHECK(project.networks.contains("n"));
    options.services.clear();
    options.profiles = {"*"};
    CHECK(list_services(load_text(text, options).project) == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("a service that is built has the image PROJECT-SERVICE") {
    const Project project = load_text("services: {web: {build: .}}").project;
    CHECK(project.services.at("web").image == "demo-web");
    CHECK(project.services.at("web").build);
}

TEST_CASE("a build section is decoded with its defaults") {
    const Project project = load_text(R"(services:
  short: {build: ./dir}
  long:
    build:
      context: .
      dockerfile_inline: FROM x
      args: {A: 1, UNSET: }
      additional_contexts: {res: ./res, base: "service:short"}
      secrets: [one, {source: two, target: id}]
      extra_hosts: ["h=1.2.3.4"]
      ulimits: {nofile: 5}
      shm_size: 1m
      no_cache: true
secrets: {one: {file: a}, two: {file: b}}
)")
                                .project;
    const Build &written_short = *project.services.at("short").build;
    CHECK(written_short.context.ends_with("/dir"));
    CHECK(written_short.dockerfile == "Dockerfile");
    CHECK_FALSE(written_short.dockerfile_inline);
    const Build &build = *project.services.at("long").build;
    CHECK(build.dockerfile_inline == "FROM x");
    CHECK(build.args == std::map<std::string, std::string>{{"A", "1"}});
    CHECK(build.additional_contexts.at("res").ends_with("/res"));
    CHECK(build.additional_contexts.at("base") == "service:short");
    REQUIRE(build.secrets.size() == 2);
    CHECK(build.secrets[0].id == "one");
    CHECK(build.secrets[1].id == "id");
    CHECK(build.extra_hosts.front() == std::pair<std::string, std::string>("h", "1.2.3.4"));
    CHECK(build.ulimits.at("nofile").hard == 5);
    CHECK(build.shm_size->value == 1 << 20);
    CHECK(build.no_cache);
    CHECK_FALSE(build.pull);
}

TEST_CASE("two build sections are equal only when every attribute is") {
    const auto section = [](const std::string &attributes) {
        return *load_text("services: {web: {build: {" + attributes
                          + "}}}\nsecrets: {one: {file: ./1}, two: {file: ./2}}\n")
                    .project.services.at("web")
                    .build;
    };
    const std::vector<std::string> different{
        "context: ./other",
        "dockerfile: Other",
        "dockerfile_inline: FROM x",
        "args: {A: 1}",
        "additional_contexts: {res: ./res}",
        "target: one",
        "labels: {l: 1}",
        "tags: [other]",
        "platforms: [linux/amd64]",
        "entitlements: [network.host]",
        "no_cache_filter: [one]",
        "network: none",
        "secrets: [one]",
        "secrets: [two]",
        "secrets: [{source: one, target: two}]",
        "secrets: [{source: one, uid: \"1\"}]",
        "secrets: [{source: one, gid: \"1\"}]",
        "secrets: [{source: one, mode: 0440}]",
        "ssh: [default]",
        "ssh: [key=/key]",
        "cache_from: [x]",
        "cache_to: [x]",
        "extra_hosts: [\"a:1.2.3.4\"]",
        "ulimits: {nproc: 10}",
        "shm_size: 1m",
        "no_cache: true",
        "pull: true",
        "privileged: true",
    };
    std::vector<Build> sections{section("")};
    for (const std::string &attributes : different) {
        INFO(attributes);
        CHECK(section(attributes) == section(attributes));
        sections.push_back(section(attributes));
        for (std::size_t other = 0; other + 1 < sections.size(); ++other)
            CHECK_FALSE(sections[other] == sections.back());
    }
}
