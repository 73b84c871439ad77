#include "compose/attributes.hpp"
#include "unit/compose/loading.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using compose::test::problems;

namespace {

// The attributes of a service with an image, on line 4 on.
std::string service(const std::string &attributes) {
    return "services:\n  web:\n    image: x\n    " + attributes + "\n";
}

// A file that gives nothing but the attribute: each key of its path on a line of its own.
std::string file_with(std::string_view path, const std::string &value) {
    std::string text, closing;
    while (!path.empty()) {
        const auto dot = path.find('.');
        const std::string key(path.substr(0, dot));
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
        text += key == "[]" ? "[" : "{" + (key == "*" ? "name" : key) + ":\n";
        closing.insert(0, key == "[]" ? "]" : "}");
    }
    return text + value + closing + "\n";
}

// The outermost attributes with this status, and the value they are given.
std::vector<std::pair<std::string, std::string>> outermost(compose::Status status) {
    std::vector<std::pair<std::string, std::string>> found;
    for (const compose::Attribute &attribute : compose::attributes()) {
        const bool inner = std::any_of(found.begin(), found.end(), [&](const auto &other) {
            return attribute.path.starts_with(other.first + ".");
        });
        if (attribute.status != status || inner)
            continue;
        using compose::Type;
        const bool boolean = attribute.type == Type::boolean;
        const bool number = attribute.type == Type::integer || attribute.type == Type::number;
        const bool mapping = attribute.type == Type::object || attribute.type == Type::options;
        found.emplace_back(attribute.path, boolean ? "true" : number ? "1" : mapping ? "{}" : "x");
    }
    return found;
}

std::string leaf_of(const std::string &path) {
    return path.substr(path.rfind('.') + 1);
}

std::string line_of(const std::string &path) {
    long keys = 1 + std::count(path.begin(), path.end(), '.');
    for (std::size_t at = path.find("[]"); at != std::string::npos; at = path.find("[]", at + 1))
        --keys;
    return std::to_string(keys);
}

} // namespace

TEST_CASE("every refused attribute is refused at its line") {
    const auto refused = outermost(compose::Status::refused);
    CHECK(refused.size() > 25);
    for (const auto &[path, value] : refused) {
        INFO(path);
        const std::string found = problems(file_with(path, value));
        CHECK_THAT(found, Catch::Contains(line_of(path) + ": " + leaf_of(path) + " is not supported yet"));
    }
}

TEST_CASE("every attribute without effect is warned of at its line") {
    for (const auto &[path, value] : outermost(compose::Status::ignored)) {
        INFO(path);
        const std::string found = problems(file_with(path, value));
        const bool version = path == "version";
        CHECK_THAT(found, Catch::Contains("warning: " + line_of(path) + ": "
                                          + (version ? "version" : leaf_of(path) + " has no effect")));
    }
}

TEST_CASE("what is not supported may be switched off") {
    CHECK(problems("services: {a: {image: x}}\nnetworks: {default: {enable_ipv6: false}}\n").empty());
    CHECK(problems("services: {a: {image: x}}\nnetworks: {default: {enable_ipv6: true}}\n")
          == "2: enable_ipv6 is not supported yet (networks have IPv4 addresses; false is accepted)");
    CHECK(problems("services: {a: {image: x}}\nnetworks: {default: {enable_ipv4: false}}\n")
          == "2: a network without IPv4 is not supported yet (remove enable_ipv4)");
    CHECK(problems(service("use_api_socket: false")).empty());
    CHECK(problems(service("build: {context: ., provenance: false, sbom: \"false\"}")).empty());
    CHECK(problems(service("build: {context: ., provenance: mode=min, sbom: true}")).empty());
}

TEST_CASE("an unknown attribute names the one that was meant") {
    CHECK(problems("services:\n  web:\n    imagee: x\n    image: x\n")
          == "3: unknown attribute \"imagee\" in services.web (did you mean \"image\"?)");
    CHECK(problems(service("port: [80]"))
          == "4: unknown attribute \"port\" in services.web (did you mean \"ports\"?)");
    CHECK(problems("web:\n  image: x\nservices: {}\n")
          == "1: unknown attribute \"web\" (services are listed under \"services:\")");
    CHECK(problems("ports: [80]\nservices: {}\n")
          == "1: unknown attribute \"ports\" (it is an attribute of a service; indent it below one)");
    CHECK(problems(service("logging: {drivr: none}"))
          == "4: unknown attribute \"drivr\" in services.web.logging (did you mean \"driver\"?)");
}

TEST_CASE("attributes of one's own are allowed where keys are not user-defined") {
    CHECK(problems("x-a: 1\nservices:\n  web:\n    image: x\n    x-b: {c: [1]}\n    logging: {x-c: 1}\n")
              .empty());
}

TEST_CASE("a value of another type is told with what it must be") {
    CHECK(problems(service("ports: 80")) == "4: ports must be a list, not a number");
    CHECK(problems(service("hostname: 123"))
          == "4: hostname must be a string, not a number (write \"123\" with quotes)");
    CHECK(problems(service("command: [sleep, 10]"))
          == "4: command[1] must be a string, not a number (write \"10\" with quotes)");
    CHECK(problems(service("environment: [A: 1]"))
          == "4: environment[0] must be a string KEY=VALUE (write A=VALUE, or leave out the dashes)");
    CHECK(problems(service("environment: {A: [1]}")) == "4: A must be a string or a number, not a list");
    CHECK(problems(service("privileged: maybe")) == "4: privileged must be true or false, not \"maybe\"");
    CHECK(problems(service("mem_limit: much")) == "4: mem_limit must be a size such as 64m, not \"much\"");
    CHECK(problems(service("cpus: some")) == "4: cpus must be a number, not \"some\"");
    CHECK(problems(service("healthcheck: [x]")) == "4: healthcheck must be a mapping, not a list");
}

TEST_CASE("a duration without its unit is told the unit") {
    CHECK(problems(service("stop_grace_period: 10"))
          == "4: stop_grace_period must be a duration such as 1m30s, not \"10\" (add the unit: 10s)");
}

TEST_CASE("a word that is none of the choices is told them") {
    CHECK(problems(
              "services:\n  a: {image: x}\n  b: {image: x, depends_on: {a: {condition: service_helthy}}}\n")
          == "3: condition cannot be \"service_helthy\" (did you mean \"service_healthy\"?)");
    CHECK(problems(service("volumes: [{type: image, source: x, target: /x}]"))
          == "4: type \"image\" is not supported yet");
}

TEST_CASE("a missing attribute that must be there is told") {
    CHECK(problems(service("ulimits: {nofile: {soft: 1}}")) == "4: nofile has no hard (add hard:)");
}

TEST_CASE("an attribute that is not supported is refused at its line, one without effect warned of") {
    CHECK(problems(service("gpus: all"))
          == "4: gpus is not supported yet (name the device nodes under devices)");
    CHECK(problems(service("pre_stop: [{command: x}]"))
          == "4: pre_stop is not supported yet (handle stop_signal in the service)");
    CHECK(problems(service("deploy: {placement: {constraints: [a]}}"))
          == "warning: 4: placement has no effect (it is for a swarm of machines)");
}

TEST_CASE("names of services and the like are checked") {
    CHECK(problems("services:\n  \"a b\": {image: x}\n")
          == "2: \"a b\" is not a name that services can have (use letters, digits, \"_\", \".\" and \"-\")");
}

TEST_CASE("all errors of a file are told at once") {
    CHECK(problems("services:\n  a: {imag: x, image: x}\n  b: {image: x, ports: 1}\n")
          == "2: unknown attribute \"imag\" in services.a (did you mean \"image\"?)\n3: ports must be a "
             "list, not a number");
}
