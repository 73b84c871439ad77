#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/image/archive.hpp"
#include "engine/image/content.hpp"
#include "engine/image/manifest.hpp"
#include "engine/image/members.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/tar_writer.hpp"

#include <algorithm>
#include <fcntl.h>
#include <map>

namespace image {

namespace {

using base::Json;

struct Saved {
    Descriptor root; // the list, or the one manifest
    Manifest parsed; // of the one that this host runs best
    std::vector<Member> members;
    std::vector<std::string> names; // canonical
};

std::string blob_name(const std::string &digest) {
    return "blobs/sha256/" + digest.substr(7);
}

Saved saved_image(const Content &content, const Image &image) {
    IndexEntry entry;
    entry.manifest = {"",
                      image.manifest_digest,
                      content.size(image.manifest_digest).value_or(0),
                      image.config.platform,
                      {}};
    entry.list = image.list;
    Saved saved{image.list.value_or(entry.manifest), {}, members_of(content, entry), {}};
    const auto mine = std::find_if(saved.members.begin(), saved.members.end(), [&](const Member &member) {
        return member.manifest.digest == image.manifest_digest;
    });
    if (mine == saved.members.end())
        throw base::Error("the manifest of image " + image.id + " is missing from the store",
                          "pull or load the image again");
    saved.parsed = mine->parsed;
    if (!image.list)
        saved.root.media_type = saved.parsed.media_type;
    return saved;
}

// An image asked for by its id is saved without a name.
std::optional<std::string> asked_by_name(const std::string &text, const Image &image) {
    if (text.starts_with("sha256:") || is_sha256_digest("sha256:" + text))
        return std::nullopt;
    const Reference reference = Reference::parse(text);
    const bool named =
        std::find(image.names.begin(), image.names.end(), reference.familiar()) != image.names.end();
    return named ? std::optional(reference.canonical()) : std::nullopt;
}

// Images in the order they were named first, each once, with the names it was asked for by.
std::vector<Saved> collect(const Store &store, const std::vector<std::string> &names) {
    const Content content(store.paths());
    std::vector<Saved> result;
    std::map<std::string, std::size_t> position;
    for (const std::string &name : names) {
        const Image image = store.get(name);
        const std::string &key = image.list ? image.list->digest : image.id;
        auto [known, is_new] = position.try_emplace(key, result.size());
        if (is_new)
            result.push_back(saved_image(content, image));
        if (const auto canonical = asked_by_name(name, image))
            result[known->second].names.push_back(*canonical);
    }
    return result;
}

Json index_json(const std::vector<Saved> &images) {
    Json list = Json::array();
    for (const Saved &image : images) {
        Descriptor descriptor = image.root;
        if (image.names.empty())
            list.push_back(descriptor_json(descriptor));
        for (const std::string &name : image.names) {
            descriptor.annotations["io.containerd.image.name"] = name;
            descriptor.annotations["org.opencontainers.image.ref.name"] = Reference::parse(name).familiar();
            list.push_back(descriptor_json(descriptor));
        }
    }
    return {{"schemaVersion", 2}, {"mediaType", media_type::oci_index}, {"manifests", std::move(list)}};
}

Json docker_json(const std::vector<Saved> &images) {
    Json list = Json::array();
    for (const Saved &image : images) {
        Json tags = Json::array();
        for (const std::string &name : image.names)
            tags.push_back(Reference::parse(name).familiar());
        Json layers = Json::array();
        for (const Descriptor &layer : image.parsed.layers)
            layers.push_back(blob_name(layer.digest));
        list.push_back({{"Config", blob_name(image.parsed.config.digest)},
                        {"RepoTags", std::move(tags)},
                        {"Layers", std::move(layers)}});
    }
    return list;
}

} // namespace

void save(const Store &store, const std::vector<std::string> &names, int fd) {
    if (names.empty())
        throw base::Error("no image to save was named");
    const auto hold = store.hold();
    const Content content(store.paths());
    const std::vector<Saved> images = collect(store, names);

    std::map<std::string, std::string> blobs; // name in the archive -> digest
    for (const Saved &image : images) {
        blobs[blob_name(image.root.digest)] = image.root.digest;
        for (const Member &member : image.members)
            for (const Descriptor &blob : member.blobs()) {
                blobs[blob_name(blob.digest)] = blob.digest;
                if (content.size(blob.digest) != blob.size)
                    throw base::Error("blob " + blob.digest + " is missing from the store",
                                      "pull or load the image again");
            }
    }

    TarWriter tar(fd, "the archive");
    tar.directory("blobs");
    tar.directory("blobs/sha256");
    for (const auto &[name, digest] : blobs) {
        const base::UniqueFd blob = base::open_file(content.path(digest), O_RDONLY);
        FdSource source(blob.get(), content.path(digest).string());
        tar.file(name, static_cast<std::uint64_t>(content.size(digest).value_or(0)), source);
    }
    tar.file("index.json", base::dump_json(index_json(images)));
    tar.file("manifest.json", base::dump_json(docker_json(images)));
    tar.file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    tar.finish();
}

} // namespace image
