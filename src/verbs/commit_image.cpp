#include "verbs/commit_image.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "engine/build/mount_stubs.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/image/changes.hpp"
#include "engine/image/pack.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/unpack.hpp"
#include "verbs/context.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::string_view labels_of_projects = "com.docker.compose.";

image::Image image_of(const image::Store &store, const container::Spec &spec) {
    if (auto image = store.find(spec.image_id))
        return *std::move(image);
    throw base::Error("image " + spec.image_name + ", which " + spec.name
                          + " was made from, is no longer in the store",
                      "bring it back: compose pull " + spec.service + ", or compose build " + spec.service);
}

std::string joined(const std::vector<std::string> &words) {
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

// A container knows its whole command only: what of it is the image's entrypoint stays that.
void set_command(image::ImageConfig &config, const std::vector<std::string> &argv) {
    const auto entrypoint = config.entrypoint.value_or(std::vector<std::string>());
    if (entrypoint.size() > argv.size() || !std::equal(entrypoint.begin(), entrypoint.end(), argv.begin())) {
        config.entrypoint.reset();
        config.cmd = argv;
        return;
    }
    const std::vector<std::string> rest(argv.begin() + static_cast<std::ptrdiff_t>(entrypoint.size()),
                                        argv.end());
    if (!rest.empty() || config.cmd)
        config.cmd = rest;
}

// The link to /proc/mounts becomes an empty file, as the others are that go when the image has none.
void empty_the_mtab(int changes) {
    const base::UniqueFd etc = container::open_in_root(changes, "/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    std::array<char, 64> target{};
    if (!etc || ::readlinkat(etc.get(), "mtab", target.data(), target.size() - 1) < 0
        || std::string_view(target.data()) != "/proc/mounts")
        return;
    base::check(::unlinkat(etc.get(), "mtab", 0), "remove", "/etc/mtab");
    const base::UniqueFd empty(::openat(etc.get(), "mtab", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!empty)
        base::throw_errno("create", "/etc/mtab");
}

} // namespace

ImageCommit::ImageCommit(const base::Paths &paths, supervisor::ContainerInfo info, CommitOptions options)
    : store_(paths), ingest_(store_), info_(std::move(info)), options_(std::move(options)),
      image_(image_of(store_, info_.spec)), config_(config_of_container()),
      place_(ingest_.content().new_temporary()) {}

ImageCommit::~ImageCommit() {
    try {
        base::remove_tree(place_);
    } catch (const base::Error &) {
        return; // its name is one that the next collection sweeps
    }
}

image::ImageConfig ImageCommit::config_of_container() const {
    const container::Process &process = info_.spec.process;
    image::ImageConfig config = image_.config;
    set_command(config, process.argv);
    config.env = process.env;
    config.user = process.user;
    if (process.cwd != "/")
        config.working_dir = process.cwd;
    for (const auto &[key, value] : info_.spec.labels)
        config.labels[key] = value;
    // Those of this project, also where the image was built by it, would make containers of the new one its
    // own.
    std::erase_if(config.labels,
                  [](const auto &label) { return label.first.starts_with(labels_of_projects); });
    if (!options_.author.empty())
        config.author = options_.author;
    for (const std::string &change : options_.changes)
        image::apply_change(config, change);
    return config;
}

// What is packed while the container is removed lacks files.
void ImageCommit::require_container() const {
    if (!base::fs::exists(info_.directory / "container.json"))
        throw base::Error("container " + info_.spec.name + " was removed while it was committed",
                          "create it again with: compose up -d " + info_.spec.service);
}

void ImageCommit::copy_changes() {
    base::make_dirs(files());
    const base::UniqueFd upper(
        ::open((info_.directory / "upper").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!upper) {
        require_container();
        base::throw_errno("open", (info_.directory / "upper").string());
    }
    const base::UniqueFd tar = base::open_file(archive(), O_WRONLY | O_CREAT | O_EXCL);
    image::PackOptions how;
    how.owner = [this](uid_t uid, gid_t gid) {
        const container::Owner inside = container::inside_owner(info_.spec, {uid, gid});
        return std::pair(inside.uid, inside.gid);
    };
    how.on_change = [](const std::string &sentence) { warn(sentence); };
    (void)image::pack(
        upper.get(), [&](std::string_view bytes) { base::write_all(tar.get(), bytes, archive().string()); },
        how);
    require_container();
}

void ImageCommit::unpack_changes() const {
    const base::UniqueFd tar = base::open_file(archive(), O_RDONLY);
    image::FdSource source(tar.get(), archive().string());
    const base::UniqueFd directory = base::open_dir(files());
    base::check(::fchmod(directory.get(), 0755), "set mode of", files().string());
    (void)image::unpack(source, directory.get());
}

// What every container gets in its file system to be mounted on, or to say what it is.
void ImageCommit::remove_own_files() const {
    std::vector<std::string> targets{"/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
                                     "/etc/mtab",  "/proc",         "/dev",
                                     "/sys",       "/.dockerenv",   "/sbin/docker-init"};
    for (const container::Mount &mount : info_.spec.mounts)
        targets.push_back(mount.target);
    for (const container::GrantedFile &file : info_.spec.files)
        targets.push_back(file.target);
    const base::UniqueFd below = info_.spec.layers.empty()
                                     ? base::UniqueFd()
                                     : container::mount_overlay({info_.spec.layers, {}, {}}, true);
    const base::UniqueFd changes = base::open_dir(files());
    empty_the_mtab(changes.get());
    build::MountStubs(below.get(), targets).remove(changes.get(), below.get());
}

image::Image ImageCommit::finish() {
    unpack_changes();
    remove_own_files();
    std::vector<image::Descriptor> layers = ingest_.manifest(image_.manifest_digest).layers;
    config_.created = base::now();
    image::HistoryEntry entry{config_.created, joined(info_.spec.process.argv), options_.author,
                              options_.message, true};
    if (!base::list_dir(files()).empty()) {
        layers.push_back(ingest_.add_layer(files(), config_.diff_ids, {}));
        config_.diff_ids.push_back(layers.back().digest);
        entry.empty_layer = false;
    }
    config_.history.push_back(std::move(entry));
    std::vector<std::string> names;
    if (options_.name)
        names.push_back(options_.name->canonical());
    return ingest_.commit(ingest_.put_manifest(config_, layers), names);
}

} // namespace cli
