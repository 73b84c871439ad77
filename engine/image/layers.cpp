#include "engine/image/layers.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/content.hpp"
#include "engine/image/sources.hpp"

#include <sys/file.h>

#include <chrono>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace image {

namespace {

constexpr std::chrono::milliseconds lock_interval{50};

// The directory may have been renamed or removed by who held the lock before.
bool still_at(const base::UniqueFd &fd, const base::fs::path &path) {
    struct stat held {};

    struct stat named {};

    return ::fstat(fd.get(), &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino
           && held.st_dev == named.st_dev;
}

} // namespace

std::vector<std::string> chain_ids(const std::vector<std::string> &diff_ids) {
    std::vector<std::string> chain;
    for (const std::string &diff_id : diff_ids)
        chain.push_back(chain.empty() ? diff_id : "sha256:" + base::sha256_hex(chain.back() + " " + diff_id));
    return chain;
}

base::fs::path Layers::directory(const std::string &chain_id) const {
    return root_ / chain_id.substr(7);
}

base::fs::path Layers::filesystem(const std::string &chain_id) const {
    return directory(chain_id) / "fs";
}

bool Layers::exists(const std::string &chain_id) const {
    return ::access(filesystem(chain_id).c_str(), F_OK) == 0;
}

base::Bytes Layers::size(const std::string &chain_id) const {
    const auto path = directory(chain_id) / "layer.json";
    const auto text = base::read_file_if(path);
    return {text ? base::json_or<std::int64_t>(base::parse_json(*text, path.string()), "size", 0) : 0};
}

NewLayer::NewLayer(const Layers &layers, std::string chain_id, base::UniqueFd lock)
    : final_(layers.directory(chain_id)), temporary_(layers.root() / (".new-" + chain_id.substr(7))),
      chain_id_(std::move(chain_id)), lock_(std::move(lock)) {}

std::optional<NewLayer> NewLayer::begin(const Layers &layers, const std::string &chain_id,
                                        const std::function<void()> &waiting) {
    const base::fs::path temporary = layers.root() / (".new-" + chain_id.substr(7));
    for (;;) {
        if (layers.exists(chain_id))
            return std::nullopt;
        base::make_dirs(temporary, 0711);
        base::UniqueFd fd(::open(temporary.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd && errno == ENOENT)
            continue;
        if (!fd)
            base::throw_errno("open", temporary.string());
        // flock(2) can't be waited on together with a cancellation, hence the short naps.
        while (::flock(fd.get(), LOCK_EX | LOCK_NB) < 0) {
            if (errno != EWOULDBLOCK && errno != EINTR)
                base::throw_errno("lock", temporary.string());
            if (waiting)
                waiting();
            std::this_thread::sleep_for(lock_interval);
        }
        if (layers.exists(chain_id) || !still_at(fd, temporary))
            continue;
        for (const std::string &leftover : base::list_dir(temporary))
            base::remove_tree(temporary / leftover);
        return NewLayer(layers, chain_id, std::move(fd));
    }
}

NewLayer::~NewLayer() {
    if (!lock_)
        return;
    try {
        base::remove_tree(temporary_);
    } catch (const base::Error &) {
        // What could not be removed now has a name that the next collection sweeps.
        lock_.reset();
    }
}

void NewLayer::unpack(ByteSource &tar, const std::string &diff_id, const UnpackOptions &options) {
    base::make_dirs(temporary_ / "fs");
    const base::UniqueFd directory = base::open_dir(temporary_ / "fs");
    base::check(::fchmod(directory.get(), 0755), "set mode of", (temporary_ / "fs").string());
    base::Sha256 hash;
    TapSource hashed(tar, [&](std::string_view bytes) { hash.update(bytes); });
    UnpackResult result;
    {
        ThreadedSource ahead(hashed);
        result = image::unpack(ahead, directory.get(), options);
    }
    const std::string actual = "sha256:" + hash.hex();
    if (actual != diff_id)
        throw_wrong_digest("unpacked layer", diff_id, actual);
    describe(diff_id, result.bytes, result.entries);
}

void NewLayer::adopt(const base::fs::path &directory, const std::string &diff_id, const PackResult &packed) {
    if (::rename(directory.c_str(), (temporary_ / "fs").c_str()) < 0)
        base::throw_errno("make a layer of", directory.string());
    describe(diff_id, packed.bytes, packed.entries);
}

void NewLayer::describe(const std::string &diff_id, std::uint64_t bytes, std::uint64_t entries) const {
    base::write_file_atomic(temporary_ / "layer.json",
                            base::pretty_json({{"diff_id", diff_id}, {"size", bytes}, {"entries", entries}}));
}

void NewLayer::publish() {
    // One for all: a sync per file takes ten times as long.
    if (::syncfs(lock_.get()) < 0)
        base::throw_errno("sync layer", final_.string());
    if (::rename(temporary_.c_str(), final_.c_str()) < 0)
        base::throw_errno("publish layer", final_.string());
    lock_.reset();
}

} // namespace image
