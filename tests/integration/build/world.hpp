// A store of its own with a busybox image in it, and builds from a directory. Everything is gone when the
// object is.
#pragma once

#include "base/file.hpp"
#include "engine/build/builder.hpp"
#include "engine/image/store.hpp"
#include "unit/image/fixtures.hpp"

#include <string>
#include <vector>

namespace build::test {

class World {
  public:
    World();

    // A file of the context.
    void write(const std::string &path, std::string_view content = "x", mode_t mode = 0644) const;
    void remove(const std::string &path) const;

    // The Dockerfile of the next builds.
    void dockerfile(const std::string &text);

    image::Image build();
    // The rendered error of a build that must fail.
    std::string fails();

    // Of the events of the last build: those of a kind by their names, and all output.
    [[nodiscard]] std::vector<std::string> names(BuildEvent::Kind kind) const;
    [[nodiscard]] std::string output() const;

    // A file of the image as its layers have it; "" where there is none.
    [[nodiscard]] static std::string content(const image::Image &image, const std::string &path);
    // Every path of the topmost layer, sorted.
    [[nodiscard]] static std::vector<std::string> top(const image::Image &image);

    image::test::TemporaryDirectory place;
    base::fs::path context = place.path() / "context";
    image::Store store{place.paths()};
    BuildOptions options;
    std::vector<BuildEvent> events;
    base::UniqueFd steps; // inotify(7) of the directories of steps
};

// What is mounted, which cgroups of this world's steps there are, and what builds have left in the store.
// Once in a test: the names of steps are read only here.
[[nodiscard]] std::vector<std::string> leftovers(const World &world);

} // namespace build::test
