#include "engine/image/ingest.hpp"

#include "base/error.hpp"
#include "engine/image/decompress.hpp"
#include "engine/image/members.hpp"
#include "engine/image/sources.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace image {

Ingest::Ingest(const Store &store)
    : store_(store), hold_(store.hold()), content_(store.paths()), layers_(store.paths()) {
    content_.initialize();
}

Manifest Ingest::manifest(const std::string &digest) const {
    const auto text = content_.document(digest);
    if (!text)
        throw base::Error("manifest " + digest + " is not in the image store");
    auto document = parse_manifest(*text, "", digest);
    if (!std::holds_alternative<Manifest>(document))
        throw base::Error("manifest " + digest + " is a list, not the manifest of one image");
    return std::get<Manifest>(std::move(document));
}

void Ingest::unpack_layer(const Descriptor &layer, const std::string &diff_id, const std::string &chain_id,
                          const std::string &subject, const UnpackTick &tick) const {
    auto fresh = NewLayer::begin(layers_, chain_id, [&] {
        if (tick)
            tick(0);
    });
    if (!fresh)
        return;
    const base::fs::path path = content_.path(layer.digest);
    const base::UniqueFd fd = base::open_file(path, O_RDONLY);
    FdSource file(fd.get(), path.string());
    std::int64_t consumed = 0;
    TapSource counted(file, [&](std::string_view bytes) {
        consumed += static_cast<std::int64_t>(bytes.size());
        if (tick)
            tick(consumed);
    });
    try {
        const auto tar = decompress(counted, subject);
        fresh->unpack(*tar, diff_id, {});
    } catch (const base::SystemError &error) {
        throw base::SystemError("unpack " + subject + ": " + error.stage(), error.code(), error.subject(),
                                error.hint());
    }
    fresh->publish();
}

Descriptor Ingest::add_layer(const base::fs::path &directory, const std::vector<std::string> &below,
                             const PackOptions &options) const {
    BlobWriter blob(content_);
    PackResult packed;
    {
        const base::UniqueFd dir = base::open_dir(directory);
        packed = pack(
            dir.get(), [&](std::string_view bytes) { blob.write(bytes); }, options);
    }
    Descriptor layer;
    layer.media_type = media_type::oci_layer;
    layer.size = blob.size();
    layer.digest = blob.commit();
    std::vector<std::string> chain = below;
    chain.push_back(layer.digest);
    if (auto fresh = NewLayer::begin(layers_, chain_ids(chain).back())) {
        fresh->adopt(directory, layer.digest, packed);
        fresh->publish();
    }
    return layer;
}

Descriptor Ingest::put_manifest(const ImageConfig &config, const std::vector<Descriptor> &layers) const {
    const std::string text = config.json();
    const Manifest manifest{
        media_type::oci_manifest,
        {media_type::oci_config, content_.put(text), static_cast<std::int64_t>(text.size()), {}, {}},
        layers};
    const std::string manifest_text = manifest.json();
    return {media_type::oci_manifest,
            content_.put(manifest_text),
            static_cast<std::int64_t>(manifest_text.size()),
            config.platform,
            {}};
}

Descriptor Ingest::put_list(const ManifestList &list) const {
    const std::string text = list.json();
    return {media_type::oci_index, content_.put(text), static_cast<std::int64_t>(text.size()), {}, {}};
}

std::int64_t Ingest::check_whole(const Manifest &manifest, ImageConfig &config) const {
    const auto text = content_.document(manifest.config.digest);
    if (!text)
        throw base::Error("configuration " + manifest.config.digest + " is not in the image store");
    config = ImageConfig::parse(*text, manifest.config.digest);
    std::int64_t size = 0;
    for (const std::string &chain_id : chain_ids(config.diff_ids)) {
        if (!layers_.exists(chain_id))
            throw base::Error("layer " + chain_id + " is not in the image store");
        size += layers_.size(chain_id).value;
    }
    return size;
}

Image Ingest::publish(IndexEntry entry, const std::vector<std::string> &names) const {
    // The blobs were written without a sync each.
    const base::UniqueFd directory = base::open_dir(content_.root());
    if (::syncfs(directory.get()) < 0)
        base::throw_errno("sync", content_.root().string());

    entry.manifest.annotations.clear();
    Index::update(store_.paths(), [&](Index &index) {
        if (names.empty())
            index.publish(entry);
        for (const std::string &name : names) {
            entry.name = index.keeps_name(name, entry) ? std::string() : name;
            index.publish(entry);
        }
    });
    Image image = store_.get(entry.image_id);
    image.manifest_digest = entry.manifest.digest;
    image.list = entry.list;
    return image;
}

Image Ingest::commit(const Descriptor &manifest, const std::vector<std::string> &names,
                     const std::string &source) {
    const Manifest parsed = this->manifest(manifest.digest);
    ImageConfig config;
    const std::int64_t size = check_whole(parsed, config);
    IndexEntry entry{manifest, parsed.config.digest, {}, source, size, {}, {}};
    entry.manifest.platform = config.platform;
    return publish(std::move(entry), names);
}

Image Ingest::commit_list(const Descriptor &list, const std::vector<std::string> &names) {
    const std::string subject = "the list " + list.digest;
    IndexEntry entry;
    entry.list = list;
    const std::vector<Member> members = members_of(content_, entry);
    const Member *best = best_member(members, Platform::host());
    for (const Member &member : members) {
        for (const Descriptor &blob : member.blobs())
            if (!content_.size(blob.digest))
                throw base::Error("blob " + blob.digest + " of " + subject + " is not in the image store");
        if (member.attestation)
            continue;
        if (best == nullptr)
            best = &member;
        ImageConfig config;
        const std::int64_t size = check_whole(member.parsed, config);
        if (best != &member)
            continue;
        entry.manifest = member.manifest;
        entry.manifest.platform = config.platform;
        entry.image_id = member.image_id();
        entry.size = size;
    }
    const auto text = content_.document(list.digest);
    const auto document = parse_manifest(text.value_or(""), "", subject);
    if (best == nullptr || members.size() != std::get<ManifestList>(document).manifests.size())
        throw base::Error(subject + " has no image, or one that is not in the image store");
    return publish(std::move(entry), names);
}

} // namespace image
