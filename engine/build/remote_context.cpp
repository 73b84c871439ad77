// Build contexts that are not on this machine.
#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/added_archive.hpp"
#include "engine/build/remote_files.hpp"
#include "engine/build/remote_place.hpp"
#include "engine/build/step_directory.hpp"

#include <sys/stat.h>

#include <fcntl.h>

namespace build {

namespace {

base::fs::path unpacked(const base::Paths &paths, const RemoteFiles &file) {
    const std::string name = base::sha256_hex("context 1\n" + file.key);
    if (base::fs::exists(remote_root(paths) / name))
        return remote_root(paths) / name;
    const StepDirectory scratch(paths);
    const base::fs::path made = scratch.path() / "files";
    base::make_dirs(made);
    const base::UniqueFd from = base::open_file(file.directory / file.name, O_RDONLY);
    if (is_archive(from.get(), file.name)) {
        const base::UniqueFd to = base::open_dir(made);
        unpack_archive(from.get(), file.name, to.get(), std::pair<uid_t, gid_t>{0, 0});
    } else {
        base::fs::copy_file(file.directory / file.name, made / "Dockerfile");
    }
    keep_remote(paths, made, name);
    return remote_root(paths) / name;
}

} // namespace

std::filesystem::path fetch_context(const base::Paths &paths, const std::string &context, int cancel_fd) {
    sweep_steps(paths);
    const Cancellation cancellation(cancel_fd);
    if (const auto repository = parse_git_context(context))
        return fetch_repository(paths, *repository, cancellation).directory;
    return unpacked(paths, fetch_web_file(paths, context, {}, cancellation));
}

} // namespace build
