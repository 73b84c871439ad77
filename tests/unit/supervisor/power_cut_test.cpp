// What a power cut leaves of files that were not synced: nothing, zeros, or their beginning.
#include "base/json.hpp"
#include "engine/container/create.hpp"
#include "scratch.hpp"
#include "supervisor/observer.hpp"
#include "supervisor/volume_store.hpp"

#include <catch2/catch.hpp>

namespace {

const std::string project = "shop";

std::string id(char digit) {
    return std::string(64, digit);
}

struct Store : Scratch {
    base::Paths paths{path / "state", path / "run"};

    std::filesystem::path make_container(char digit) const {
        container::Spec spec;
        spec.id = id(digit);
        spec.project = project;
        spec.service = "web";
        spec.created = base::now();
        const auto directory = paths.container(project, spec.id);
        base::make_dirs(directory);
        base::write_file_atomic(directory / "container.json", base::pretty_json(to_json(spec)));
        return directory;
    }

    [[nodiscard]] std::vector<supervisor::ContainerInfo> containers() const {
        return supervisor::read_containers(paths, project);
    }
};

} // namespace

TEST_CASE("a container whose state was not whole when the power went has exited, nobody knows how") {
    const Store store;
    const auto directory = store.make_container('a');
    supervisor::StateRecord running;
    running.status = plan::Status::running;
    supervisor::write_state(directory, running);
    const std::string whole = base::read_file(directory / "state.json");
    for (const std::string &left : {std::string(), std::string(8, '\0'), whole.substr(0, whole.size() / 2)}) {
        base::write_file_atomic(directory / "state.json", left);
        const auto containers = store.containers();
        REQUIRE(containers.size() == 1);
        CHECK(containers[0].state.status == plan::Status::exited);
        CHECK_FALSE(containers[0].state.exit_known);
        CHECK(containers[0].state.exit_code == 255);
        CHECK(containers[0].state.created == containers[0].spec.created);
    }
}

TEST_CASE("a container without a state was only created") {
    const Store store;
    (void)store.make_container('a');
    const auto containers = store.containers();
    REQUIRE(containers.size() == 1);
    CHECK(containers[0].state.status == plan::Status::created);
    CHECK(containers[0].state.created == containers[0].spec.created);
}

TEST_CASE("a container whose specification was not on disk yet does not exist, and is swept away") {
    const Store store;
    (void)store.make_container('a');
    base::write_file_atomic(store.make_container('b') / "container.json", "");
    base::make_dirs(store.paths.project(project) / "containers" / ("." + id('c')) / "upper");
    CHECK(store.containers().size() == 1);
    CHECK(container::sweep(store.paths, project) == std::vector<std::string>{"." + id('c'), id('b')});
    CHECK(base::list_dir(store.paths.project(project) / "containers") == std::vector<std::string>{id('a')});
}

TEST_CASE("a volume whose record was not on disk yet is made whole again around its data") {
    const Store store;
    const supervisor::VolumeRecord volume{.name = "data", .labels = {{"key", "value"}}};
    supervisor::create_volume(store.paths, volume);
    base::write_file_atomic(store.paths.volume("data") / "_data" / "file", "kept");
    base::write_file_atomic(store.paths.volume("data") / "volume.json", "");
    CHECK(supervisor::read_volumes(store.paths).empty());
    CHECK_FALSE(supervisor::volume_exists(store.paths, "data"));
    supervisor::create_volume(store.paths, volume);
    const auto volumes = supervisor::read_volumes(store.paths);
    REQUIRE(volumes.size() == 1);
    CHECK(volumes[0].labels == volume.labels);
    CHECK(base::read_file(store.paths.volume("data") / "_data" / "file") == "kept");
}
