#include "base/file.hpp"
#include "compose/load.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>

using namespace compose;
using test::flow;
using test::TemporaryDirectory;

namespace {

namespace fs = std::filesystem;

LoadOptions options_in(const fs::path &directory) {
    LoadOptions options;
    options.working_dir = directory;
    return options;
}

// What the user is shown: all errors, or the warnings of a good file.
std::string shown(const LoadOptions &options) {
    try {
        std::string text;
        for (const Diagnostic &warning : load(options).warnings.sorted())
            text += render(warning, false);
        return text;
    } catch (const LoadError &error) {
        return std::string(error.what()) + "\n";
    }
}

std::vector<std::string> golden_cases(const fs::path &directory) {
    std::vector<std::string> names;
    for (const fs::directory_entry &entry : fs::directory_iterator(directory)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".yaml") && !name.ends_with(".over.yaml"))
            names.push_back(name.substr(0, name.size() - 5));
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

// ACCEPT=1 in the environment writes what is shown now as what is expected.
TEST_CASE("each kind of mistake is explained as its golden file says") {
    const fs::path directory = fs::path(COMPOSE_TEST_DATA) / "diagnostics";
    const std::vector<std::string> names = golden_cases(directory);
    REQUIRE(names.size() > 20);
    for (const std::string &name : names) {
        CAPTURE(name);
        LoadOptions options = options_in(directory);
        options.files = {name + ".yaml"};
        if (fs::exists(directory / (name + ".over.yaml")))
            options.files.push_back(name + ".over.yaml");
        options.environment = {{"TAG", "1.25"}, {"HOME", "/home/user"}};
        const std::string text = shown(options);
        const fs::path expected = directory / (name + ".expected");
        if (std::getenv("ACCEPT") != nullptr)
            base::write_file_atomic(expected, text);
        CHECK_FALSE(text.empty());
        CHECK(text == base::read_file_if(expected).value_or(""));
    }
}

TEST_CASE("a file becomes a project with the name and paths of its directory") {
    const TemporaryDirectory root;
    root.write("shop/compose.yaml", "services:\n  web:\n    image: nginx:${TAG}\n");
    root.write("shop/.env", "TAG=1.25\n");
    const Loaded loaded = load(options_in(root.path() / "shop"));
    CHECK(loaded.project.name == "shop");
    CHECK(loaded.project.working_dir == (root.path() / "shop").string());
    CHECK(loaded.project.files == std::vector<std::string>{(root.path() / "shop/compose.yaml").string()});
    CHECK(loaded.project.env_files == std::vector<std::string>{(root.path() / "shop/.env").string()});
    CHECK(loaded.project.environment.at("COMPOSE_PROJECT_NAME") == "shop");
    CHECK(loaded.project.services.at("web").image == "nginx:1.25");
    CHECK(loaded.warnings.all().empty());
}

TEST_CASE("the name of the project can be interpolated") {
    const TemporaryDirectory root;
    root.write("compose.yaml", "name: ${WHO}\nservices:\n  web:\n    image: ${COMPOSE_PROJECT_NAME}\n");
    LoadOptions options = options_in(root.path());
    options.environment["WHO"] = "me";
    const Loaded loaded = load(options);
    CHECK(loaded.project.name == "me");
    CHECK(loaded.project.services.at("web").image == "me");
}

TEST_CASE("files and documents are merged in order") {
    const TemporaryDirectory root;
    root.write("a/one.yaml", "services:\n  web: {image: one, tty: "
                             "true}\n---\nservices:\n  web: {image: two}\n");
    root.write("b/two.yaml", "services:\n  web: {hostname: h}\n  db: {image: db, "
                             "volumes: [\"./data:/data\"]}\n");
    LoadOptions options = options_in(root.path());
    options.files = {"a/one.yaml", "b/two.yaml"};
    const Project project = load(options).project;
    CHECK(project.services.at("web").image == "two");
    CHECK(project.services.at("web").hostname == "h");
    CHECK(project.services.at("web").tty);
    CHECK(project.services.at("db").volumes.front().source == (root.path() / "a/data").string());
}

TEST_CASE("errors of every file and phase come together") {
    const TemporaryDirectory root;
    root.write("one.yaml", "services:\n  web:\n    image: ${NONE:?}\n    ttyy: "
                           "true\n    networks: [nowhere]\n");
    root.write("two.yaml", "services:\n  db:\n    image: x\n    tty: 5\n");
    LoadOptions options = options_in(root.path());
    options.files = {"one.yaml", "two.yaml"};
    std::vector<std::string> places;
    try {
        (void)load(options);
    } catch (const LoadError &error) {
        for (const Diagnostic &each : error.diagnostics())
            places.push_back(to_string(each.location));
    }
    CHECK(places
          == std::vector<std::string>{"one.yaml:3:12", "one.yaml:4:5", "one.yaml:5:16", "two.yaml:4:10"});
}

TEST_CASE("a syntax error does not hide the errors of other files") {
    const TemporaryDirectory root;
    root.write("one.yaml", "services:\n  web: [\n");
    root.write("two.yaml", "services:\n  db:\n    image: x\n    ttyy: 5\n");
    LoadOptions options = options_in(root.path());
    options.files = {"one.yaml", "two.yaml"};
    const std::string text = shown(options);
    CHECK_THAT(text, Catch::Contains("a \"]\" is missing"));
    CHECK_THAT(text, Catch::Contains("two.yaml:4:5: error: unknown attribute \"ttyy\""));
}

TEST_CASE("no file and empty files are said so") {
    const TemporaryDirectory root;
    CHECK_THROWS_WITH(load(options_in(root.path() / "nowhere")), "no configuration file provided: not found");
    root.write("compose.yaml", "# nothing yet\n");
    CHECK_THROWS_WITH(load(options_in(root.path())), "empty compose file");
    LoadOptions options = options_in(root.path());
    options.files = {"missing.yaml"};
    CHECK(shown(options)
          == "missing.yaml: error: cannot read this file: No such file or directory\n"
             "hint: check the name and the directory\n");
}

TEST_CASE("variables stay as they are written when interpolation is off") {
    const TemporaryDirectory root;
    root.write("compose.yaml", "services:\n  web:\n    image: nginx:${TAG:-x}\n  "
                               "  ports: [\"${PORT}:80\"]\n");
    LoadOptions options = options_in(root.path());
    options.no_interpolate = true;
    const Loaded loaded = load(options);
    CHECK(loaded.canonical.find("services")->find("web")->find("image")->text == "nginx:${TAG:-x}");
    CHECK(loaded.warnings.all().empty());
}

TEST_CASE("env files of the targeted services and all they depend on are read, and no others") {
    const TemporaryDirectory root;
    root.write("compose.yaml", "services:\n"
                               "  web: {image: x, links: [db], pid: 'service:clock'}\n"
                               "  db: {image: x, env_file: db.env, depends_on: [disk]}\n"
                               "  disk: {image: x, env_file: db.env}\n"
                               "  clock: {image: x, env_file: db.env}\n"
                               "  other: {image: x, env_file: gone.env}\n");
    root.write("db.env", "A=1\n");
    LoadOptions options = options_in(root.path());
    options.services = {"web"};
    const Loaded loaded = load(options);
    const Node &services = *loaded.canonical.find("services");
    for (const char *name : {"db", "disk", "clock"}) {
        INFO(name);
        const Node *environment = services.find(name)->find("environment");
        REQUIRE(environment != nullptr);
        CHECK(environment->find("A")->text == "1");
    }
    options.services = {"web", "other"};
    CHECK_THROWS_AS(load(options), LoadError);
}

TEST_CASE("a project is located by name without a Compose file") {
    const TemporaryDirectory root;
    root.write("Some.Dir/note", "");
    CHECK(locate(options_in(root.path() / "Some.Dir")).name == "somedir");
    CHECK(locate(options_in(root.path() / "Some.Dir")).files.empty());
    root.write("Some.Dir/compose.yaml", "name: given\nservices: {}\n");
    const ProjectContext context = locate(options_in(root.path() / "Some.Dir"));
    CHECK(context.name == "given");
    CHECK(context.files.size() == 1);
    CHECK(context.environment.at("COMPOSE_PROJECT_NAME") == "given");
    LoadOptions named = options_in(root.path() / "Some.Dir");
    named.project_name = "flag";
    CHECK(locate(named).name == "flag");
}

TEST_CASE("a project is located beside a file that is no YAML where its lines tell the name") {
    const TemporaryDirectory root;
    const auto located = [&](const std::string &text) {
        root.write("shop/compose.yaml", text);
        return locate(options_in(root.path() / "shop")).name;
    };
    CHECK(located("services: [\n") == "shop");
    CHECK(located("name: given\nservices: [\n") == "given");
    CHECK(located("name: one\nservices: {}\n---\nservices: [\n") == "one");
    CHECK_THROWS_AS(located("name: ${NAME}\nservices: [\n"), LoadError);
    CHECK_THROWS_AS(located("name: one\nservices: [\n---\nname: two\n"), LoadError);
    root.write("shop/compose.override.yaml", "name: over\n");
    CHECK(located("name: given\nservices: [\n") == "over");
    root.write("shop/.env", "COMPOSE_PROJECT_NAME=variable\n");
    CHECK(located("name: ${NAME}\nservices: [\n") == "variable");
}

TEST_CASE("an unset variable that another env file defines is explained") {
    const TemporaryDirectory root;
    root.write(".env", "TAG=1\n");
    root.write("app/compose.yaml", "services:\n  web:\n    image: nginx:$TAG\n   "
                                   " env_file: web.env\n    command: $CMD\n");
    root.write("app/web.env", "X=1\nCMD=run\n");
    LoadOptions options = options_in(root.path());
    options.files = {"app/compose.yaml"};
    const auto warnings = load(options).warnings.sorted();
    REQUIRE(warnings.size() == 2);
    REQUIRE(warnings[0].notes.size() == 1);
    CHECK(to_string(warnings[0].notes[0].location) == ".env:1:1");
    CHECK(warnings[0].notes[0].text == "this .env is not read; name it with --env-file");
    REQUIRE(warnings[1].notes.size() == 1);
    CHECK(to_string(warnings[1].notes[0].location) == "app/web.env:2:1");
    CHECK_THAT(warnings[1].notes[0].text, Catch::StartsWith("env_file sets it inside service \"web\" only"));
}
