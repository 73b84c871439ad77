#include "compose/merge.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

using namespace compose;
using test::flow;
using test::parse;
using test::summary;

namespace {

// Both in canonical form, which this phase is given.
std::string merged(const std::string &base, const std::string &over) {
    Diagnostics diagnostics;
    Node result = Node::mapping();
    merge(result, parse(base, "base.yaml"), diagnostics);
    merge(result, parse(over, "over.yaml"), diagnostics);
    const std::string wrong = summary(diagnostics);
    return wrong.empty() ? flow(result) : flow(result) + " <" + wrong + ">";
}

} // namespace

TEST_CASE("mappings merge by key, scalars are replaced, lists grow") {
    CHECK(merged("{any: {p: 1, q: {r: 2}}, all: [1]}", "{any: {q: {s: 3}, p: 4}, all: [1, 2]}")
          == "{any: {p: 4, q: {r: 2, s: 3}}, all: [1, 1, 2]}");
    CHECK(merged("{services: {a: {image: x}}}", "{services: {b: {image: y}}}")
          == "{services: {a: {image: x}, b: {image: y}}}");
    CHECK(merged("{services: {a: {image: x}}}", "{services: {a: null}}") == "{services: {a: {image: x}}}");
    CHECK(merged("{services: {a: null}}", "{services: {a: {image: x}}}") == "{services: {a: {image: x}}}");
}

TEST_CASE("commands and health tests are replaced as a whole") {
    const char *attribute = GENERATE("command", "entrypoint");
    const std::string key(attribute);
    CHECK(merged("services: {a: {" + key + ": [x, y]}}", "services: {a: {" + key + ": [z]}}")
          == "{services: {a: {" + key + ": [z]}}}");
    CHECK(merged("services: {a: {" + key + ": [x, y]}}", "services: {a: {" + key + ": null}}")
          == "{services: {a: {" + key + ": null}}}");
    CHECK(merged("services: {a: {healthcheck: {test: [CMD, x], retries: 3}}}",
                 "services: {a: {healthcheck: {test: [CMD, y]}}}")
          == "{services: {a: {healthcheck: {test: [CMD, y], retries: 3}}}}");
    CHECK(merged("services: {a: {ulimits: {nofile: {soft: 1, hard: 2}}}}",
                 "services: {a: {ulimits: {nofile: 5}}}")
          == "{services: {a: {ulimits: {nofile: 5}}}}");
}

TEST_CASE("environment and labels merge by variable and null is a value") {
    CHECK(merged("services: {a: {environment: {A: x, B: y}}}",
                 "services: {a: {environment: {B: null, C: z, A: w}}}")
          == "{services: {a: {environment: {A: w, B: null, C: z}}}}");
    CHECK(merged("networks: {n: {labels: {A: x}}}", "networks: {n: {labels: {A: y, B: z}}}")
          == "{networks: {n: {labels: {A: y, B: z}}}}");
}

TEST_CASE("ports merge by what they listen on and reach") {
    CHECK(merged("services: {a: {ports: [{target: 80, published: \"8080\", protocol: tcp}]}}",
                 "services: {a: {ports: [{target: 80, published: \"8080\", host_ip: 0.0.0.0, mode: host}, "
                 "{target: 80, published: \"9090\"}, {target: 80, published: \"8080\", protocol: udp}]}}")
          == "{services: {a: {ports: [{target: 80, published: \"8080\", host_ip: 0.0.0.0, mode: host}, "
             "{target: 80, published: \"9090\"}, {target: 80, published: \"8080\", protocol: udp}]}}}");
}

TEST_CASE("volumes and devices merge by target whatever its spelling") {
    CHECK(merged(
              "services: {a: {volumes: [{type: volume, source: v, target: /data}, {source: w, target: /w}]}}",
              "services: {a: {volumes: [{type: bind, source: /x, target: /data/, read_only: true}]}}")
          == "{services: {a: {volumes: [{type: bind, source: /x, target: /data/, read_only: true}, "
             "{source: w, target: /w}]}}}");
    CHECK(merged("services: {a: {devices: [{source: /dev/a, target: /dev/x}]}}",
                 "services: {a: {devices: [{source: /dev/b, target: /dev/x}]}}")
          == "{services: {a: {devices: [{source: /dev/b, target: /dev/x}]}}}");
}

TEST_CASE("secrets and configs merge by where they appear") {
    CHECK(merged("services: {a: {secrets: [{source: s}], configs: [{source: c}]}}",
                 "services: {a: {secrets: [{source: t, target: /run/secrets/s}, {source: u, target: s}], "
                 "configs: [{source: d, target: /c}]}}")
          == "{services: {a: {secrets: [{source: u, target: s}], configs: [{source: d, target: /c}]}}} "
             "<1:63 warning: this entry of services.a.secrets replaces one above it>");
}

TEST_CASE("lists of values are united") {
    const char *attribute = GENERATE("dns", "dns_opt", "dns_search", "expose", "profiles", "links", "cap_add",
                                     "cap_drop", "extra_hosts");
    const std::string key(attribute);
    CHECK(merged("services: {a: {" + key + ": [x, y]}}", "services: {a: {" + key + ": [y, z, z]}}")
          == "{services: {a: {" + key + ": [x, y, z]}}}");
}

TEST_CASE("other lists of the merge table have their keys") {
    CHECK(merged("services: {a: {env_file: [{path: a.env, required: true}]}}",
                 "services: {a: {env_file: [{path: b.env}, {path: a.env, required: false}]}}")
          == "{services: {a: {env_file: [{path: a.env, required: false}, {path: b.env}]}}}");
    CHECK(merged("services: {a: {tmpfs: [\"/run:size=1m\"]}}",
                 "services: {a: {tmpfs: [\"/run:size=2m\", /tmp]}}")
          == "{services: {a: {tmpfs: [/run:size=2m, /tmp]}}}");
    CHECK(merged("services: {a: {networks: {n: {aliases: [x]}}}}",
                 "services: {a: {networks: {n: {aliases: [x, y]}}}}")
          == "{services: {a: {networks: {n: {aliases: [x, y]}}}}}");
    CHECK(
        merged("networks: {n: {ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1}]}}}",
               "networks: {n: {ipam: {config: [{subnet: 10.0.0.0/24, ip_range: 10.0.0.8/29}, {subnet: "
               "10.1.0.0/24}]}}}")
        == "{networks: {n: {ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1, ip_range: 10.0.0.8/29}, "
           "{subnet: 10.1.0.0/24}]}}}}");
}

TEST_CASE("logging options stay only with the driver") {
    CHECK(merged("services: {a: {logging: {driver: x, options: {p: 1}}}}",
                 "services: {a: {logging: {options: {q: 2}}}}")
          == "{services: {a: {logging: {driver: x, options: {p: 1, q: 2}}}}}");
    CHECK(merged("services: {a: {logging: {driver: x, options: {p: 1}}}}",
                 "services: {a: {logging: {driver: y, options: {q: 2}}}}")
          == "{services: {a: {logging: {driver: y, options: {q: 2}}}}}");
}

TEST_CASE("depends_on keeps its conditions") {
    CHECK(merged("services: {a: {depends_on: {db: {condition: service_healthy, required: true}}}}",
                 "services: {a: {depends_on: {db: {restart: true}, redis: {condition: service_started}}}}")
          == "{services: {a: {depends_on: {db: {condition: service_healthy, required: true, restart: true}, "
             "redis: {condition: service_started}}}}}");
}

TEST_CASE("!reset removes what it marks") {
    CHECK(merged("services: {a: {image: x, ports: [{target: 80}]}}", "services: {a: {ports: !reset []}}")
          == "{services: {a: {image: x}}}");
    CHECK(merged("services: {a: {image: x}, b: {image: y}}", "services: {b: !reset null}")
          == "{services: {a: {image: x}}}");
    CHECK(
        merged("services: {a: {environment: {A: x, B: y}}}", "services: {a: {environment: {A: !reset null}}}")
        == "{services: {a: {environment: {B: y}}}}");
    CHECK(merged("services: {a: {image: !reset x, dns: [!reset x, y]}}", "x-a: 1")
          == "{services: {a: {dns: [y]}}, x-a: 1}");
}

TEST_CASE("!override replaces without merging") {
    CHECK(merged("services: {a: {ports: [{target: 80}], image: x}}",
                 "services: {a: {ports: !override [{target: 90}]}}")
          == "{services: {a: {ports: [{target: 90}], image: x}}}");
    CHECK(merged("services: {a: {image: x, tty: true}}", "services: {a: !override {image: y}}")
          == "{services: {a: {image: y}}}");
    CHECK(merged("services: {a: !override {image: y}}", "services: {a: {tty: true}}")
          == "{services: {a: {image: y, tty: true}}}");
}

TEST_CASE("a list cannot become a mapping without !override") {
    Diagnostics diagnostics;
    Node result = Node::mapping();
    merge(result, parse("any: [1]\n", "base.yaml"), diagnostics);
    merge(result, parse("\nany: {b: 1}\n", "over.yaml"), diagnostics);
    CHECK(summary(diagnostics) == "2:6 error: cannot override any");
    REQUIRE(diagnostics.all().front().notes.size() == 1);
    CHECK(to_string(diagnostics.all().front().notes.front().location) == "base.yaml:1:6");
    CHECK(merged("any: [1]", "any: !override {b: 1}") == "{any: {b: 1}}");
}

TEST_CASE("what was replaced leaves its location") {
    Diagnostics diagnostics;
    Node result = Node::mapping();
    merge(result, parse("services: {a: {image: x}}", "1.yaml"), diagnostics);
    merge(result, parse("services: {a: {image: y}}", "2.yaml"), diagnostics);
    merge(result, parse("services: {a: {image: z}}", "3.yaml"), diagnostics);
    const Node &image = *result.find("services")->find("a")->find("image");
    CHECK(to_string(image.location) == "3.yaml:1:23");
    REQUIRE(image.origins.size() == 2);
    CHECK(to_string(image.origins[0]) == "1.yaml:1:23");
    CHECK(to_string(image.origins[1]) == "2.yaml:1:23");
}

TEST_CASE("a list that repeats a key within one file keeps the last and says so") {
    CHECK(merged("services: {a: {volumes: [{source: v, target: /x}, {source: w, target: /x}]}}", "x-a: 1")
          == "{services: {a: {volumes: [{source: w, target: /x}]}}, x-a: 1} "
             "<1:51 warning: this entry of services.a.volumes replaces one above it>");
    CHECK(merged("services: {a: {cap_add: [x, x]}}", "x-a: 1") == "{services: {a: {cap_add: [x]}}, x-a: 1}");
}

TEST_CASE("an extension replaces the one before it") {
    CHECK(merged("x-a: {a: 1, b: [1]}", "x-a: {b: [2]}") == "{x-a: {b: [2]}}");
    CHECK(merged("services: {a: {x-s: {a: 1}}}", "services: {a: {x-s: [2]}}")
          == "{services: {a: {x-s: [2]}}}");
    CHECK(merged("services: {x-a: {tty: true}}", "services: {x-a: {init: true}}")
          == "{services: {x-a: {tty: true, init: true}}}");
}
