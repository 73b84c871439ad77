#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/cdi_registry.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <cstdlib>

using namespace container;
namespace fs = std::filesystem;

namespace {

// Two directories of specifications, gone at the end.
class Directories {
  public:
    Directories() {
        std::string pattern = (fs::temp_directory_path() / "cdi-test-XXXXXX").string();
        top_ = ::mkdtemp(pattern.data());
        fs::create_directory(top_ / "one");
        fs::create_directory(top_ / "two");
    }

    Directories(const Directories &) = delete;
    Directories &operator=(const Directories &) = delete;

    ~Directories() { fs::remove_all(top_); }

    // A specification of kind v.com/c with devices that set WHO=file.device.
    void write(const std::string &file, const std::vector<std::string> &devices,
               const std::string &own_edits = "{}") const {
        std::string list;
        for (const std::string &device : devices)
            list += (list.empty() ? "" : ",") + (R"({"name": ")" + device)
                    + R"(", "containerEdits": {"env": ["WHO=)" + file + "." + device + "\"]}}";
        raw(file, R"({"cdiVersion": "0.6.0", "kind": "v.com/c", "containerEdits": )" + own_edits
                      + R"(, "devices": [)" + list + "]}");
    }

    void raw(const std::string &file, const std::string &text) const {
        base::write_file_atomic(top_ / file, text);
    }

    [[nodiscard]] const fs::path &top() const { return top_; }

    [[nodiscard]] CdiRegistry registry() const {
        return CdiRegistry({top_ / "one", top_ / "two", top_ / "none"});
    }

  private:
    fs::path top_;
};

std::vector<std::string> env_with(const CdiRegistry &registry, const std::vector<std::string> &names) {
    Spec spec;
    spec.process.env = {"WHO=image", "OTHER=x"};
    registry.add_to(spec, names);
    return spec.process.env;
}

} // namespace

TEST_CASE("a CDI device of a later directory wins") {
    const Directories directories;
    directories.write("one/a.json", {"x", "y"});
    directories.write("two/a.json", {"x"});
    const CdiRegistry registry = directories.registry();
    CHECK(registry.names() == std::vector<std::string>{"v.com/c=x", "v.com/c=y"});
    CHECK(env_with(registry, {"v.com/c=x"}) == std::vector<std::string>{"OTHER=x", "WHO=two/a.json.x"});
    CHECK(env_with(registry, {"v.com/c=y"}) == std::vector<std::string>{"OTHER=x", "WHO=one/a.json.y"});
}

TEST_CASE("a CDI device that a directory has twice is an error when it is asked for") {
    const Directories directories;
    directories.write("one/a.json", {"x", "y"});
    directories.write("one/b.json", {"x"});
    const CdiRegistry registry = directories.registry();
    CHECK(env_with(registry, {"v.com/c=y"}).back() == "WHO=one/a.json.y");
    CHECK_THROWS_WITH(env_with(registry, {"v.com/c=x"}), Catch::Contains("v.com/c=x is defined twice, in ")
                                                             && Catch::Contains("one/a.json and ")
                                                             && Catch::Contains("one/b.json"));
    // A later directory settles it.
    directories.write("two/a.json", {"x"});
    CHECK(env_with(directories.registry(), {"v.com/c=x"}).back() == "WHO=two/a.json.x");
}

TEST_CASE("the edits of a CDI file are made once, before those of its devices") {
    const Directories directories;
    directories.write("one/a.json", {"x", "y"},
                      R"({"env": ["WHO=file"], "additionalGids": [7], "mounts": [
                          {"hostPath": "/usr/lib", "containerPath": "/there"}],
                          "deviceNodes": [{"path": "/dev/null"}]})");
    Spec spec;
    spec.mounts.push_back({"/there", false, VolumeMount{.name = "replaced"}});
    directories.registry().add_to(spec, {"v.com/c=x", "v.com/c=y", "v.com/c=x"});
    CHECK(spec.process.env == std::vector<std::string>{"WHO=one/a.json.y"});
    CHECK(spec.process.group_add == std::vector<std::string>{"7"});
    REQUIRE(spec.mounts.size() == 1);
    CHECK(std::get<BindMount>(spec.mounts[0].source).source == "/usr/lib");
    REQUIRE(spec.devices.size() == 1);
    CHECK(spec.devices[0].target == "/dev/null");
}

TEST_CASE("an unknown CDI device: what was searched, what is there, and what can't be read") {
    const Directories directories;
    const std::string top = directories.top().string();
    const std::string searched = "searched " + top + "/one, " + top + "/two, " + top + "/none; ";
    CHECK(directories.registry().missing("v.com/c=q").hint() == searched + "there are no devices");
    directories.write("one/a.json", {"x"});
    directories.raw("one/b.yaml", "kind: 1");
    directories.raw("one/README", "no specification");
    fs::create_directory(directories.top() / "one" / "d.json");
    REQUIRE(::mkfifo((directories.top() / "two" / "f.json").c_str(), 0600) == 0);
    const base::Error error = directories.registry().missing("v.com/c=q");
    CHECK(std::string(error.what()) == "there is no CDI device v.com/c=q");
    CHECK(error.hint()
          == searched + "there are v.com/c=x; not read: " + top
                 + "/one/b.yaml: the file has no `cdiVersion`; not read: " + top
                 + "/two/f.json: is not a file");
    CHECK_THROWS_WITH(env_with(directories.registry(), {"v.com/c=q"}), error.what());
}

TEST_CASE("a CDI device with hooks is refused when it is asked for") {
    const Directories directories;
    directories.write("one/a.json", {"x"}, R"({"hooks": [{"hookName": "createContainer", "path": "/x"}]})");
    CHECK_THROWS_WITH(env_with(directories.registry(), {"v.com/c=x"}),
                      directories.top().string()
                          + "/one/a.json: containerEdits.hooks asks for what compose can't do yet");
}
