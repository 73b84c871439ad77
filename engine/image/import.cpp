#include "base/error.hpp"
#include "engine/image/archive.hpp"
#include "engine/image/changes.hpp"
#include "engine/image/decompress.hpp"
#include "engine/image/ingest.hpp"
#include "engine/image/sources.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <vector>

namespace image {

namespace {

struct StoredLayer {
    Descriptor blob;
    std::string diff_id;
};

// gzip and zstd streams are kept as they are; other tools can't read layers in xz or bzip2.
StoredLayer store_layer(const Content &content, ByteSource &input) {
    BlobWriter raw(content);
    BlobWriter plain(content);
    TapSource copied(input, [&](std::string_view bytes) { raw.write(bytes); });
    Compression compression = Compression::none;
    const auto tar = decompress(copied, "the archive", &compression);
    const bool keep = compression == Compression::gzip || compression == Compression::zstd;
    base::Sha256 hash;
    std::vector<char> buffer(1 << 20);
    while (const std::size_t count = tar->read(buffer.data(), buffer.size())) {
        hash.update({buffer.data(), count});
        if (compression != Compression::none && !keep)
            plain.write({buffer.data(), count});
    }
    while (copied.read(buffer.data(), buffer.size()) > 0) {
        // Bytes behind the compressed stream belong to the blob.
    }
    StoredLayer layer;
    layer.diff_id = "sha256:" + hash.hex();
    BlobWriter &writer = keep || compression == Compression::none ? raw : plain;
    layer.blob.size = writer.size();
    layer.blob.digest = writer.commit();
    layer.blob.media_type = compression == Compression::gzip   ? media_type::oci_layer_gzip
                            : compression == Compression::zstd ? media_type::oci_layer_zstd
                                                               : media_type::oci_layer;
    return layer;
}

base::Timestamp creation_time() {
    if (const char *epoch = std::getenv("SOURCE_DATE_EPOCH"); epoch != nullptr && *epoch != '\0')
        return base::Timestamp(std::chrono::seconds(std::atoll(epoch)));
    return base::now();
}

Image import_into(Store &store, int fd, const ImportOptions &options, ImageConfig config) {
    Ingest ingest(store);
    FdSource input(fd, "the archive");
    const StoredLayer layer = store_layer(ingest.content(), input);
    config.diff_ids = {layer.diff_id};
    config.history = {
        {config.created, {}, {}, options.message.empty() ? "Imported from -" : options.message, false}};
    ingest.unpack_layer(layer.blob, layer.diff_id, layer.diff_id, "the archive");

    const Descriptor manifest = ingest.put_manifest(config, {layer.blob});
    std::vector<std::string> names;
    if (options.name)
        names.push_back(options.name->canonical());
    return ingest.commit(manifest, names);
}

} // namespace

Image import_rootfs(Store &store, int fd, const ImportOptions &options) {
    ImageConfig config;
    config.platform = options.platform.normalized();
    config.created = creation_time();
    for (const std::string &change : options.changes)
        apply_change(config, change);
    try {
        return import_into(store, fd, options, std::move(config));
    } catch (...) {
        (void)store.collect_garbage(); // what was stored of a bad archive
        throw;
    }
}

Image import_rootfs(Store &store, const base::fs::path &tar, const ImportOptions &options) {
    const base::UniqueFd fd = base::open_file(tar, O_RDONLY);
    return import_rootfs(store, fd.get(), options);
}

} // namespace image
