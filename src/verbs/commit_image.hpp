// An image of a container: the image it was made from, and above it a layer of what the container has
// changed. What is mounted in it (volumes, secrets, its hosts file) is not part of it. Blocks.
#pragma once

#include "engine/image/ingest.hpp"
#include "engine/image/reference.hpp"
#include "supervisor/observer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cli {

struct CommitOptions {
    std::optional<image::Reference> name;
    std::string author;
    std::string message;
    std::vector<std::string> changes; // Dockerfile instructions
};

class ImageCommit {
  public:
    // Keeps the collection of garbage away while it lives; what it copied goes with it.
    // @throws base::Error for an instruction that is wrong, and when the container's image is gone.
    ImageCommit(const base::Paths &paths, supervisor::ContainerInfo info, CommitOptions options);
    ~ImageCommit();
    ImageCommit(const ImageCommit &) = delete;
    ImageCommit &operator=(const ImageCommit &) = delete;

    // The only part during which the container should stand still. @throws base::Error when it is removed.
    void copy_changes();
    image::Image finish();

  private:
    [[nodiscard]] image::ImageConfig config_of_container() const;
    void require_container() const;
    void unpack_changes() const;
    void remove_own_files() const;

    [[nodiscard]] base::fs::path archive() const { return place_ / "changes.tar"; }

    [[nodiscard]] base::fs::path files() const { return place_ / "fs"; }

    image::Store store_;
    image::Ingest ingest_;
    supervisor::ContainerInfo info_;
    CommitOptions options_;
    image::Image image_;
    image::ImageConfig config_;
    base::fs::path place_;
};

} // namespace cli
