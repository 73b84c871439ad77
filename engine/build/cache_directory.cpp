#include "engine/build/cache_directory.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "engine/build/cancellable_lock.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/build/step_directory.hpp"
#include "engine/container/copy_tree.hpp"
#include "engine/container/rootfs.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <optional>
#include <unistd.h>

namespace build {

namespace {

constexpr std::uint32_t default_mode = 0755;

// The first content: a directory of a stage or image.
void fill(const base::fs::path &directory, const RunStep::From &from, const OpenOrigin &open) {
    if (from.mount.from.empty() || from.origin.kind == Origin::Kind::nothing)
        return;
    const OriginFiles files = open(from.origin);
    const SourceTree tree = open_tree(files);
    const std::string source = clean_path("/" + from.mount.source);
    const base::UniqueFd content =
        container::open_in_root(tree.root(), source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!content)
        throw base::Error("the directory \"" + source + "\" is not in " + files.name,
                          "name a directory with source=");
    const base::UniqueFd to = base::open_dir(directory);
    container::CopyOptions options;
    options.durable = false;
    container::copy_tree(content.get(), to.get(), directory.string(), options);
}

void make(const base::fs::path &directory, const CacheRequest &request) {
    // Not the lock of who uses it: that may be held for as long as a command runs.
    const base::fs::path making = directory.parent_path() / "making";
    const base::UniqueFd alone = base::open_file(making, O_RDWR | O_CREAT, 0600);
    lock_or_cancel(alone.get(), LOCK_EX, making.string(), request.cancellation);
    if (::access(directory.c_str(), F_OK) == 0)
        return;
    const base::fs::path unfinished = directory.string() + ".new";
    base::remove_tree(unfinished);
    base::make_dirs(unfinished);
    fill(unfinished, request.from, request.open);
    const Mount &mount = request.from.mount;
    base::check(::chown(unfinished.c_str(), mount.uid.value_or(0), mount.gid.value_or(0)), "set owner of",
                directory.string());
    base::check(::chmod(unfinished.c_str(), mount.mode.value_or(default_mode)), "set mode of",
                directory.string());
    if (::rename(unfinished.c_str(), directory.c_str()) < 0)
        base::throw_errno("create", directory.string());
}

// Empty when another has it and it is not worth waiting for.
std::optional<CacheDirectory> open_one(const base::fs::path &place, int how, bool wait,
                                       const CacheRequest &request) {
    base::make_dirs(place, 0700);
    CacheDirectory result{place / "data", base::open_dir(place)};
    if (wait)
        lock_or_cancel(result.lock.get(), how, place.string(), request.cancellation);
    else if (!try_lock(result.lock.get(), how, place.string()))
        return std::nullopt;
    make(result.path, request);
    return result;
}

} // namespace

CacheDirectory open_cache(const CacheRequest &request) {
    const Mount &mount = request.from.mount;
    const base::fs::path root = build_directory(request.paths) / "mounts";
    const std::string name = base::sha256_hex(mount.id);
    if (mount.sharing == Mount::Sharing::shared)
        return *open_one(root / name, LOCK_SH, true, request);
    if (mount.sharing == Mount::Sharing::locked)
        return *open_one(root / name, LOCK_EX, true, request);
    for (std::size_t number = 0;; ++number)
        if (auto free = open_one(root / (name + "." + std::to_string(number)), LOCK_EX, false, request))
            return *std::move(free);
}

} // namespace build
