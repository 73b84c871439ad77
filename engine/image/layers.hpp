// Layers unpacked: layers/HEX/fs, HEX being the chain id (what identifies a layer together with all below
// it). A layer is made under a temporary name and renamed when whole and synced, so a directory that
// exists is complete, also after a power cut. Two processes that want the same one cooperate: the second
// waits for the first.
#pragma once

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/paths.hpp"
#include "base/units.hpp"
#include "engine/image/pack.hpp"
#include "engine/image/unpack.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace image {

// One per layer, lowest first; each is "sha256:...".
[[nodiscard]] std::vector<std::string> chain_ids(const std::vector<std::string> &diff_ids);

class Layers {
  public:
    explicit Layers(const base::Paths &paths) : root_(paths.images() / "layers") {}

    [[nodiscard]] base::fs::path directory(const std::string &chain_id) const;
    [[nodiscard]] base::fs::path filesystem(const std::string &chain_id) const;
    [[nodiscard]] bool exists(const std::string &chain_id) const;
    // Bytes of regular files when it was unpacked.
    [[nodiscard]] base::Bytes size(const std::string &chain_id) const;

    [[nodiscard]] const base::fs::path &root() const { return root_; }

  private:
    base::fs::path root_;
};

// A layer being made. Holds the lock on its temporary directory; abandoned when not published.
class NewLayer {
  public:
    // nullopt when somebody published it first. Waits for another process that makes it, calling `waiting`
    // now and then, which may throw to give up.
    static std::optional<NewLayer> begin(const Layers &layers, const std::string &chain_id,
                                         const std::function<void()> &waiting = {});

    NewLayer(NewLayer &&) noexcept = default;
    NewLayer &operator=(NewLayer &&) = delete;
    ~NewLayer();

    // @throws base::Error when the stream's digest is not diff_id.
    void unpack(ByteSource &tar, const std::string &diff_id, const UnpackOptions &options);
    // Instead of unpack(): takes a directory of the same file system as it is, of which pack() made the
    // stream with that digest.
    void adopt(const base::fs::path &directory, const std::string &diff_id, const PackResult &packed);
    // Syncs it to the disk and gives it its name. Right after unpack(): whoever held one layer while waiting
    // for another could wait for ever.
    void publish();

    [[nodiscard]] const std::string &chain_id() const { return chain_id_; }

  private:
    NewLayer(const Layers &layers, std::string chain_id, base::UniqueFd lock);

    void describe(const std::string &diff_id, std::uint64_t bytes, std::uint64_t entries) const;

    base::fs::path final_;
    base::fs::path temporary_;
    std::string chain_id_;
    base::UniqueFd lock_; // flock(2) on the temporary directory
};

} // namespace image
