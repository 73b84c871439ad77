#include "base/error.hpp"
#include "base/json.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/archive.hpp"
#include "engine/image/archive_files.hpp"
#include "engine/image/archive_lists.hpp"
#include "engine/image/ingest.hpp"
#include "engine/image/sources.hpp"

#include <sys/stat.h>

#include <fcntl.h>
#include <map>
#include <unistd.h>

namespace image {

namespace {

using base::Json;

class Loader {
  public:
    Loader(const Store &store, const ArchiveFiles &files, Platform platform)
        : ingest_(store), files_(files), platform_(std::move(platform)), lists_(files) {}

    // @param whole keep lists, where everything in them is there.
    std::vector<Image> run(bool whole) {
        const auto docker = files_.json("manifest.json");
        const auto index = files_.json("index.json");
        try {
            if (index)
                find_manifests(parse_list(*index, "index.json"), whole);
            if (docker && docker->is_array())
                return load_docker(*docker);
            if (index)
                return load_layout(parse_list(*index, "index.json"));
        } catch (const nlohmann::json::exception &error) {
            throw base::Error(std::string("malformed image archive: ") + error.what());
        }
        throw base::Error("not an image archive: it holds neither manifest.json nor index.json",
                          "to make an image from the tar of a root file system use compose image import");
    }

  private:
    static ManifestList parse_list(const Json &json, const std::string &subject) {
        auto document =
            parse_manifest(base::dump_json(json), media_type::oci_index, "the archive's " + subject);
        if (auto *list = std::get_if<ManifestList>(&document))
            return std::move(*list);
        throw base::Error("the archive's " + subject + " is not a list of images");
    }

    [[nodiscard]] std::string required(const std::string &name, const std::string &expected) const {
        auto text = files_.document(name);
        if (!text)
            throw base::Error("the archive has no " + name, "it is incomplete: save or export it again");
        const std::string actual = "sha256:" + base::sha256_hex(*text);
        if (!expected.empty() && actual != expected)
            throw_wrong_digest("the archive's " + name, expected, actual);
        return *std::move(text);
    }

    // An archive that is both has the real manifests beside manifest.json; with them the digest survives.
    void find_manifests(const ManifestList &list, bool whole) {
        for (const Descriptor &descriptor : list.manifests) {
            const auto text = files_.document(layout_name(descriptor.digest));
            if (!text || "sha256:" + base::sha256_hex(*text) != descriptor.digest)
                continue;
            const auto document = parse_manifest(*text, descriptor.media_type, descriptor.digest);
            if (const auto *manifest = std::get_if<Manifest>(&document))
                manifests_[manifest->config.digest] = *text;
            else if (whole)
                lists_.add(name_of(descriptor), descriptor.digest, *text);
        }
    }

    // All of it, though only one of the platforms is for this host.
    Image load_list(const ArchiveLists::Whole &whole, const std::vector<std::string> &names) {
        for (const Member &member : lists_.members(whole.text)) {
            if (!member.attestation)
                store_layers(member.parsed, "the archive's image for " + platform_of(member));
            for (const Descriptor &blob : member.blobs())
                (void)files_.store(ingest_.content(), layout_name(blob.digest), blob.digest);
        }
        (void)ingest_.content().put(whole.text);
        return ingest_.commit_list(whole.list, names);
    }

    static std::string platform_of(const Member &member) {
        return member.manifest.platform ? member.manifest.platform->text() : "an unknown platform";
    }

    std::vector<Image> load_docker(const Json &list) {
        std::vector<Image> images;
        for (const Json &item : list) {
            std::vector<std::string> names;
            if (item.contains("RepoTags") && item["RepoTags"].is_array())
                for (const Json &tag : item["RepoTags"])
                    names.push_back(Reference::parse(tag.get<std::string>()).canonical());
            images.push_back(load_docker_image(item, names));
        }
        return images;
    }

    Image load_docker_image(const Json &item, const std::vector<std::string> &names) {
        const std::string text = required(item.at("Config").get<std::string>(), "");
        const std::string id = ingest_.content().put(text);
        if (const auto *whole = lists_.find(names, id))
            return load_list(*whole, names);
        const ImageConfig config = ImageConfig::parse(text, "configuration " + id);
        const auto files = item.at("Layers").get<std::vector<std::string>>();
        if (files.size() != config.diff_ids.size())
            throw base::Error("the archive has " + std::to_string(files.size()) + " layers for image " + id
                              + ", its configuration " + std::to_string(config.diff_ids.size()));
        Manifest manifest{media_type::oci_manifest,
                          {media_type::oci_config, id, static_cast<std::int64_t>(text.size()), {}, {}},
                          {}};
        const auto chain = chain_ids(config.diff_ids);
        for (std::size_t i = 0; i < files.size(); ++i) {
            const auto stored = files_.store(ingest_.content(), files[i]);
            const char *type = stored.compression == Compression::gzip   ? media_type::oci_layer_gzip
                               : stored.compression == Compression::zstd ? media_type::oci_layer_zstd
                                                                         : media_type::oci_layer;
            manifest.layers.push_back({type, stored.digest, stored.size, {}, {}});
            ingest_.unpack_layer(manifest.layers.back(), config.diff_ids[i], chain[i], files[i]);
        }
        const auto known = manifests_.find(id);
        return commit(known == manifests_.end() ? manifest.json() : known->second, names);
    }

    std::vector<Image> load_layout(const ManifestList &list) {
        // Entries with one name are one image for several platforms.
        std::map<std::string, ManifestList> by_name;
        for (const Descriptor &descriptor : list.manifests)
            by_name[name_of(descriptor)].manifests.push_back(descriptor);
        std::vector<Image> images;
        for (const auto &[name, candidates] : by_name) {
            const std::string subject = name.empty() ? "the archive" : name;
            std::vector<std::string> names;
            if (!name.empty())
                names.push_back(name);
            const Descriptor &chosen = candidates.select(platform_, subject);
            const auto *whole = lists_.find(chosen.digest);
            images.push_back(whole != nullptr ? load_list(*whole, names)
                                              : load_layout_image(chosen, names, subject));
        }
        return images;
    }

    static std::string name_of(const Descriptor &descriptor) {
        for (const char *key : {"io.containerd.image.name", "org.opencontainers.image.ref.name"})
            if (const auto found = descriptor.annotations.find(key); found != descriptor.annotations.end()) {
                // A bare tag ("latest") says nothing about the repository.
                if (found->second.find_first_of(":/") == std::string::npos)
                    continue;
                return Reference::parse(found->second).canonical();
            }
        return {};
    }

    Image load_layout_image(const Descriptor &chosen, const std::vector<std::string> &names,
                            const std::string &subject) {
        std::string text = required(layout_name(chosen.digest), chosen.digest);
        ManifestDocument document = parse_manifest(text, chosen.media_type, subject);
        if (const auto *list = std::get_if<ManifestList>(&document)) {
            const Descriptor inner = list->select(platform_, subject);
            text = required(layout_name(inner.digest), inner.digest);
            document = parse_manifest(text, inner.media_type, subject);
        }
        const auto *manifest = std::get_if<Manifest>(&document);
        if (manifest == nullptr)
            throw base::Error(subject + ": its manifest list names another list instead of an image");
        store_layers(*manifest, subject);
        return commit(text, names);
    }

    // Configuration and layers.
    void store_layers(const Manifest &manifest, const std::string &subject) {
        const std::string config_text = required(layout_name(manifest.config.digest), manifest.config.digest);
        (void)ingest_.content().put(config_text);
        const ImageConfig config = ImageConfig::parse(config_text, "the configuration of " + subject);
        if (config.diff_ids.size() != manifest.layers.size())
            throw base::Error(subject
                              + ": its manifest and its configuration differ in the number of layers");
        const auto chain = chain_ids(config.diff_ids);
        for (std::size_t i = 0; i < chain.size(); ++i) {
            const Descriptor &layer = manifest.layers[i];
            (void)files_.store(ingest_.content(), layout_name(layer.digest), layer.digest);
            ingest_.unpack_layer(layer, config.diff_ids[i], chain[i], "layer " + layer.digest.substr(7, 12));
        }
    }

    Image commit(const std::string &manifest_text, const std::vector<std::string> &names) {
        const auto document = parse_manifest(manifest_text, "", "manifest");
        const std::string digest = ingest_.content().put(manifest_text);
        return ingest_.commit({std::get<Manifest>(document).media_type,
                               digest,
                               static_cast<std::int64_t>(manifest_text.size()),
                               {},
                               {}},
                              names);
    }

    Ingest ingest_;
    const ArchiveFiles &files_;
    Platform platform_;
    std::map<std::string, std::string> manifests_; // configuration digest -> manifest
    ArchiveLists lists_;
};

// Where an archive is unpacked; gone with the object.
class TemporaryTree {
  public:
    explicit TemporaryTree(base::fs::path path) : path_(std::move(path)) { base::make_dirs(path_, 0700); }

    TemporaryTree(const TemporaryTree &) = delete;
    TemporaryTree &operator=(const TemporaryTree &) = delete;

    ~TemporaryTree() {
        try {
            base::remove_tree(path_);
        } catch (const base::Error &) {
            return; // its name is one that the next collection sweeps
        }
    }

    [[nodiscard]] base::UniqueFd open() const { return base::open_dir(path_); }

  private:
    base::fs::path path_;
};

std::vector<Image> load_files(const Store &store, const ArchiveFiles &files,
                              std::optional<Platform> platform) {
    return Loader(store, files, platform.value_or(Platform::host())).run(!platform);
}

std::vector<Image> load_stream(Store &store, int fd, std::optional<Platform> platform) {
    const auto hold = store.hold();
    const Content content(store.paths());
    content.initialize();
    const TemporaryTree tree(content.new_temporary());
    const base::UniqueFd directory = tree.open();
    FdSource input(fd, "the archive");
    const auto tar = decompress(input, "the archive");
    UnpackOptions options;
    options.whiteouts = Whiteouts::none;
    options.privileged = false;
    (void)unpack(*tar, directory.get(), options);
    return load_files(store, ArchiveFiles(tree.open(), true), std::move(platform));
}

} // namespace

std::vector<Image> load(Store &store, int fd, std::optional<Platform> platform) {
    try {
        return load_stream(store, fd, std::move(platform));
    } catch (...) {
        (void)store.collect_garbage(); // what was stored of a bad archive
        throw;
    }
}

std::vector<Image> load(Store &store, const base::fs::path &archive, std::optional<Platform> platform) {
    const base::UniqueFd fd = base::open_file(archive, O_RDONLY);

    struct stat status {};

    base::check(::fstat(fd.get(), &status), "look up", archive.string());
    if (!S_ISDIR(status.st_mode))
        return load(store, fd.get(), std::move(platform));
    try {
        return load_files(store, ArchiveFiles(base::open_dir(archive), false), std::move(platform));
    } catch (...) {
        (void)store.collect_garbage();
        throw;
    }
}

} // namespace image
