#include "compose/explain.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

using namespace compose;
using test::TemporaryDirectory;

namespace {

class Case {
  public:
    Case() {
        root_.write("app/compose.yaml", "services:\n"
                                        "  web:\n"
                                        "    image: nginx:1.25\n"
                                        "    ports: [\"8080:80\"]\n"
                                        "    labels: {com.example.a: one}\n"
                                        "    environment: {A: \"1\", B: \"2\"}\n");
        root_.write("app/compose.override.yaml", "services:\n"
                                                 "  web:\n"
                                                 "    image: nginx:${TAG}\n"
                                                 "    environment:\n"
                                                 "      - B=${WHO}\n");
        root_.write("app/.env", "OTHER=x\nTAG=1.27\n");
        LoadOptions options;
        options.working_dir = root_.path() / "app";
        options.environment = {{"WHO", "shell"}};
        loaded_ = load(options);
    }

    // "PATH = VALUE @ PLACE, NAME=VALUE @ PLACE, over PLACE" of each.
    [[nodiscard]] std::string operator()(const std::string &path) const {
        std::string text;
        for (const Explanation &each : explain(loaded_, path)) {
            text += (text.empty() ? "" : "\n") + each.path + " = " + each.value + " @ "
                    + to_string(each.location);
            for (const auto &variable : each.variables)
                text += ", " + variable.name + "=" + variable.value + " @ " + to_string(variable.location);
            for (const Location &earlier : each.replaced)
                text += ", over " + to_string(earlier);
        }
        return text;
    }

  private:
    TemporaryDirectory root_;
    Loaded loaded_;
};

} // namespace

TEST_CASE("a value is explained by its line, its variables and what it overrode") {
    const Case explained;
    CHECK(explained("services.web.image")
          == "services.web.image = nginx:1.27 @ compose.override.yaml:3:12, TAG=1.27 @ .env:2:1, over "
             "compose.yaml:3:12");
    CHECK(explained("services.web.environment.B")
          == "services.web.environment.B = shell @ compose.override.yaml:5:9, WHO=shell @ , over "
             "compose.yaml:6:30");
    CHECK(explained("services.web.environment.A")
          == "services.web.environment.A = \"1\" @ compose.yaml:6:22");
}

TEST_CASE("a value that no file gives is explained as a default") {
    CHECK(Case()("networks.default.name") == "networks.default.name = app_default @ ");
}

TEST_CASE("all values below a mapping or an entry of a list are explained") {
    const Case explained;
    CHECK(explained("services.web.ports[0]")
          == "services.web.ports[0].mode = ingress @ compose.yaml:4:13\n"
             "services.web.ports[0].target = 80 @ compose.yaml:4:13\n"
             "services.web.ports[0].published = \"8080\" @ compose.yaml:4:13\n"
             "services.web.ports[0].protocol = tcp @ compose.yaml:4:13");
    CHECK(explained("services.web.environment").find('\n') != std::string::npos);
}

TEST_CASE("the key with the most dots is the one that is meant") {
    CHECK(Case()("services.web.labels.com.example.a")
          == "services.web.labels.com.example.a = one @ compose.yaml:5:29");
}

TEST_CASE("a path that is not there is an error with what is near or what there is") {
    const Case explained;
    const auto hint = [&](const std::string &path) {
        try {
            return explained(path);
        } catch (const base::Error &error) {
            return std::string(error.what()) + " | " + error.hint();
        }
    };
    CHECK(hint("services.web.imag") == "services.web has no \"imag\" | did you mean \"image\"?");
    CHECK(hint("services.web.ports[1]") == "services.web.ports has no \"[1]\" | ");
    CHECK(hint("volumes") == "the model has no \"volumes\" | the model has: name, services, networks");
}
