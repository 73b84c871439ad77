#include "compose/locate.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

using namespace compose;
using test::parse;
using test::summary;
using test::TemporaryDirectory;

namespace {

// Runs find_project in a directory made for the test; paths in results are relative to it.
class World {
  public:
    World() { options.working_dir = root.path(); }

    ProjectFiles find() {
        diagnostics = Diagnostics();
        return find_project(options, diagnostics);
    }

    std::string files() {
        std::string text;
        for (const std::string &file : find().files)
            text += (text.empty() ? "" : " ") + relative(file);
        return text;
    }

    std::string value(const std::string &name) {
        const ProjectFiles project = find();
        const auto found = project.environment.find(name);
        return found == project.environment.end() ? "(unset)" : found->second;
    }

    std::string name(const std::vector<const Node *> &documents = {}) {
        return project_name(options, find(), documents);
    }

    [[nodiscard]] std::string relative(const std::filesystem::path &path) const {
        return path.is_absolute() ? path.lexically_relative(root.path()).string() : path.string();
    }

    TemporaryDirectory root;
    LoadOptions options;
    Diagnostics diagnostics;
};

} // namespace

TEST_CASE("the first of the known names is found, with its override") {
    World world;
    CHECK(world.files().empty());
    world.root.write("docker-compose.yaml", "");
    CHECK(world.files() == "docker-compose.yaml");
    world.root.write("docker-compose.override.yml", "");
    CHECK(world.files() == "docker-compose.yaml docker-compose.override.yml");
    CHECK(world.diagnostics.all().empty());
    world.root.write("compose.yml", "");
    world.root.write("compose.override.yaml", "");
    CHECK(world.files() == "compose.yml compose.override.yaml");
    REQUIRE(world.diagnostics.all().size() == 2);
    CHECK_THAT(world.diagnostics.all()[0].message, Catch::StartsWith("found several Compose files: "));
    CHECK_THAT(world.diagnostics.all()[1].message, Catch::StartsWith("found several override files: "));
}

TEST_CASE("the search goes up and its directory is the project's") {
    World world;
    world.root.write("compose.yaml", "");
    world.root.write("a/b/c/d/e/f/g/h/i/j/k/l/note", "");
    world.options.working_dir = world.root.path() / "a/b/c/d/e/f/g/h/i/j/k/l";
    CHECK(world.files() == "compose.yaml");
    CHECK(world.find().directory == world.root.path());
}

TEST_CASE("-f beats COMPOSE_FILE and both keep overrides away") {
    World world;
    world.root.write("compose.yaml", "");
    world.root.write("compose.override.yaml", "");
    world.options.environment["COMPOSE_FILE"] = "a.yaml:sub/b.yaml";
    CHECK(world.files() == "a.yaml sub/b.yaml");
    world.options.environment["COMPOSE_PATH_SEPARATOR"] = ",";
    world.options.environment["COMPOSE_FILE"] = "a.yaml,-";
    CHECK(world.files() == "a.yaml -");
    world.options.files = {"x.yaml"};
    CHECK(world.files() == "x.yaml");
}

TEST_CASE("the first file gives the project directory unless a flag does") {
    World world;
    world.options.files = {"-", "sub/a.yaml", "b.yaml"};
    CHECK(world.relative(world.find().directory) == "sub");
    world.options.project_directory = "other/";
    CHECK(world.relative(world.find().directory) == "other");
    CHECK(world.files() == "- sub/a.yaml b.yaml");
    world.options.project_directory.clear();
    world.options.files = {"-"};
    CHECK(world.find().directory == world.root.path());
}

TEST_CASE("the process environment beats .env") {
    World world;
    world.root.write("compose.yaml", "");
    world.root.write(".env", "A=file\nB=file\nC=$A\n");
    world.options.environment["A"] = "process";
    CHECK(world.value("A") == "process");
    CHECK(world.value("B") == "file");
    CHECK(world.value("C") == "process");
    CHECK(world.value("PWD") == world.root.path().string());
}

TEST_CASE(".env of the working directory comes before that of the project") {
    World world;
    world.root.write(".env", "COMPOSE_FILE=sub/compose.yaml\nA=working\n");
    world.root.write("sub/compose.yaml", "");
    world.root.write("sub/.env", "A=project\nB=project\n");
    CHECK(world.files() == "sub/compose.yaml");
    CHECK(world.value("A") == "working");
    CHECK(world.value("B") == "project");
    CHECK(world.find().env_files.size() == 2);
}

TEST_CASE("with -f only the .env beside the file is read") {
    World world;
    world.root.write(".env", "A=working\n");
    world.root.write("sub/.env", "A=project\n");
    world.options.files = {"sub/compose.yaml"};
    CHECK(world.value("A") == "project");
    CHECK(world.find().env_files.size() == 1);
}

TEST_CASE("--env-file replaces .env and the last one wins") {
    World world;
    world.root.write("compose.yaml", "");
    world.root.write(".env", "A=default\nD=default\n");
    world.root.write("one.env", "A=one\nB=one\n");
    world.root.write("home/two.env", "A=two\nC=$B\n");
    world.options.environment["HOME"] = (world.root.path() / "home").string();
    world.options.env_files = {"one.env", "~/two.env"};
    CHECK(world.value("A") == "two");
    CHECK(world.value("C") == "one");
    CHECK(world.value("D") == "(unset)");
    world.options.env_files.clear();
    world.options.environment["COMPOSE_ENV_FILES"] = "one.env,";
    CHECK(world.value("A") == "one");
    world.options.environment["COMPOSE_ENV_FILES"] = "none.env";
    (void)world.find();
    CHECK_THAT(summary(world.diagnostics), Catch::Contains("couldn't find env file: "));
}

TEST_CASE(".env can be disabled and the switch is a Go boolean") {
    World world;
    world.root.write("compose.yaml", "");
    world.root.write(".env", "A=file\n");
    world.options.environment["COMPOSE_DISABLE_ENV_FILE"] = "t";
    CHECK(world.value("A") == "(unset)");
    world.options.environment["COMPOSE_DISABLE_ENV_FILE"] = "0";
    CHECK(world.value("A") == "file");
    world.options.environment["COMPOSE_DISABLE_ENV_FILE"] = "yes";
    CHECK_THROWS_WITH(world.find(), "COMPOSE_DISABLE_ENV_FILE is \"yes\", which is neither true nor false");
}

TEST_CASE("profiles are those of the flag and of the variable") {
    World world;
    world.root.write(".env", "COMPOSE_PROFILES=\" a, ,b,\"\n");
    world.options.profiles = {"c"};
    CHECK(world.find().profiles == std::vector<std::string>{"c", "a", "b"});
}

TEST_CASE("remote files are refused") {
    World world;
    const char *file = GENERATE("oci://registry/x", "https://host/x.git", "git@host:x", "github.com/a/b");
    world.options.files = {file};
    CHECK_THROWS_WITH(world.find(), Catch::StartsWith("remote Compose files are not supported: "));
}

TEST_CASE("the project's name has an order of sources") {
    World world;
    world.root.write("My.App_1/compose.yaml", "");
    world.options.working_dir = world.root.path() / "My.App_1";
    CHECK(world.name() == "myapp_1");
    const Node first = parse("name: first\n");
    const Node second = parse("name: ${WHO:-Sec ond}\n");
    CHECK(world.name({&first, &second}) == "second");
    CHECK(world.name({&second, &first}) == "first");
    world.options.environment["COMPOSE_PROJECT_NAME"] = "variable";
    CHECK(world.name({&first}) == "variable");
    world.options.project_name = "flag";
    CHECK(world.name({&first}) == "flag");
}

TEST_CASE("an explicit project name must be valid") {
    World world;
    world.options.project_name = "My App";
    CHECK_THROWS_WITH(world.name(),
                      Catch::StartsWith("invalid project name \"My App\" (from -p): must consist"));
    world.options.project_name = "-x";
    CHECK_THROWS_AS(world.name(), base::Error);
    world.options.project_name.clear();
    world.options.environment["COMPOSE_PROJECT_NAME"] = "A";
    CHECK_THROWS_WITH(world.name(),
                      Catch::StartsWith("invalid project name \"A\" (from COMPOSE_PROJECT_NAME)"));
}
