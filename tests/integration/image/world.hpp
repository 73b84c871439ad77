// A store, and images to pull made from nothing.
#pragma once

#include "engine/image/archive.hpp"
#include "engine/image/content.hpp"
#include "engine/image/pull.hpp"
#include "integration/image/registry.hpp"

namespace image::test {

struct World {
    TemporaryDirectory place;
    Store store{place.paths()};

    [[nodiscard]] PullOptions options() const {
        PullOptions result;
        result.registries = {};
        result.backoff = std::chrono::milliseconds(1);
        return result;
    }

    [[nodiscard]] PullOptions mirrored(const std::string &url) const {
        PullOptions result = options();
        result.registries.mirrors["docker.io"] = {url};
        return result;
    }

    [[nodiscard]] bool is_clean() const {
        return store.list().empty() && base::list_dir(Content(place.paths()).temporaries()).empty();
    }
};

// A docker-save archive of an image with one layer; made in a store of its own.
inline base::fs::path make_archive(const base::fs::path &directory, const std::string &name,
                                   const std::string &content) {
    const TemporaryDirectory elsewhere;
    Store store(elsewhere.paths());
    ImportOptions options;
    options.name = Reference::parse(name);
    options.changes = {"CMD [\"run\"]"};
    const auto tar = memory_file(TarBuilder().directory("etc").file("etc/content", content).finish());
    (void)import_rootfs(store, tar.get(), options);
    const base::fs::path file = directory / (base::random_hex(8) + ".tar");
    const auto fd = base::open_file(file, O_WRONLY | O_CREAT | O_TRUNC);
    save(store, {name}, fd.get());
    return file;
}

} // namespace image::test
