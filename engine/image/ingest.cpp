#include "engine/image/ingest.hpp"

#include "base/error.hpp"
#include "engine/image/decompress.hpp"
#include "engine/image/sources.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace image {

namespace {

Manifest stored_manifest(const Content &content, const std::string &digest) {
    const auto text = content.document(digest);
    if (!text)
        throw base::Error("manifest " + digest + " is not in the image store");
    auto document = parse_manifest(*text, "", digest);
    if (!std::holds_alternative<Manifest>(document))
        throw base::Error("manifest " + digest + " is a list, not the manifest of one image");
    return std::get<Manifest>(std::move(document));
}

} // namespace

Ingest::Ingest(const Store &store)
    : store_(store), hold_(store.hold()), content_(store.paths()), layers_(store.paths()) {
    content_.initialize();
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

Image Ingest::commit(const Descriptor &manifest, const std::vector<std::string> &names,
                     const std::string &source) {
    const Manifest parsed = stored_manifest(content_, manifest.digest);
    const auto config_text = content_.document(parsed.config.digest);
    if (!config_text)
        throw base::Error("configuration " + parsed.config.digest + " is not in the image store");
    const ImageConfig config = ImageConfig::parse(*config_text, parsed.config.digest);
    std::int64_t size = 0;
    for (const std::string &chain_id : chain_ids(config.diff_ids)) {
        if (!layers_.exists(chain_id))
            throw base::Error("layer " + chain_id + " is not in the image store");
        size += layers_.size(chain_id).value;
    }

    // The blobs were written without a sync each.
    const base::UniqueFd directory = base::open_dir(content_.root());
    if (::syncfs(directory.get()) < 0)
        base::throw_errno("sync", content_.root().string());

    IndexEntry entry{manifest, parsed.config.digest, {}, source, size};
    entry.manifest.annotations.clear();
    entry.manifest.platform = config.platform;
    Index::update(store_.paths(), [&](Index &index) {
        if (names.empty())
            index.publish(entry);
        for (const std::string &name : names) {
            entry.name = name;
            index.publish(entry);
        }
    });
    return store_.get(parsed.config.digest);
}

} // namespace image
