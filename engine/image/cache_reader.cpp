#include "engine/image/cache_reader.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/image/archive_files.hpp"
#include "engine/image/decompress.hpp"
#include "engine/image/download.hpp"
#include "engine/image/sources.hpp"

#include <fcntl.h>
#include <vector>

namespace image {

namespace {

constexpr std::int64_t largest_config = 64 << 20;

class RegistryCache : public CacheReader {
  public:
    RegistryCache(const base::Paths &paths, Reference reference, const TransferOptions &options)
        : CacheReader(paths), reference_(std::move(reference)), options_(options),
          subject_("the cache " + reference_.familiar()), settings_(http_settings(options, subject_)) {}

    CacheDocument load(const Platform &platform) override {
        HttpClient http(settings_);
        return from_first_endpoint(
            options_.registries.endpoints(reference_.registry), [&](const Endpoint &endpoint) {
                registry_ = std::make_unique<RegistryClient>(endpoint, reference_, retry_policy(options_));
                return read(http, platform);
            });
    }

  private:
    CacheDocument read(HttpClient &http, const Platform &platform) {
        const std::string wanted = reference_.digest.empty() ? reference_.tag : reference_.digest;
        auto parsed = parse_cache_manifest(registry_->manifest(http, wanted).body, platform, subject_);
        if (const auto *one = std::get_if<Descriptor>(&parsed))
            parsed = parse_cache_manifest(registry_->manifest(http, one->digest).body, platform, subject_);
        const auto *manifest = std::get_if<CacheManifest>(&parsed);
        if (manifest == nullptr)
            throw base::Error(subject_ + ": a list names another list");
        if (manifest->config.size > largest_config)
            throw base::Error(subject_ + ": its configuration is larger than 64 MiB");
        fetch_with(http, manifest->config);
        const auto text = base::read_file(content().path(manifest->config.digest));
        return parse_cache_config(text, *manifest, subject_).value_or(CacheDocument{});
    }

    void fetch(const Descriptor &blob) override {
        HttpClient http(settings_);
        fetch_with(http, blob);
    }

    void fetch_with(HttpClient &http, const Descriptor &blob) {
        const Downloader downloader{*registry_, content(), retry_policy(options_), subject_, settings_.check};
        static_cast<void>(downloader.fetch(http, blob));
    }

    Reference reference_;
    const TransferOptions &options_;
    std::string subject_;
    HttpSettings settings_;
    std::unique_ptr<RegistryClient> registry_; // the one that has it
};

class DirectoryCache : public CacheReader {
  public:
    DirectoryCache(const base::Paths &paths, const base::fs::path &directory, std::string tag,
                   std::string digest)
        : CacheReader(paths), subject_("the cache in " + directory.string()), tag_(std::move(tag)),
          digest_(std::move(digest)), files_(base::open_dir(directory), false) {}

    CacheDocument load(const Platform &platform) override {
        const std::string digest = digest_.empty() ? digest_of_tag() : digest_;
        auto parsed = parse_cache_manifest(document(digest), platform, subject_);
        if (const auto *one = std::get_if<Descriptor>(&parsed))
            parsed = parse_cache_manifest(document(one->digest), platform, subject_);
        const auto *manifest = std::get_if<CacheManifest>(&parsed);
        if (manifest == nullptr)
            throw base::Error(subject_ + ": a list names another list");
        return parse_cache_config(document(manifest->config.digest), *manifest, subject_)
            .value_or(CacheDocument{});
    }

  private:
    [[nodiscard]] std::string document(const std::string &digest) const {
        auto text = files_.document(layout_name(digest));
        if (!text)
            throw base::Error(subject_ + " has no " + layout_name(digest), "write it again with `cache_to`");
        if (const std::string actual = "sha256:" + base::sha256_hex(*text); actual != digest)
            throw_wrong_digest(subject_, digest, actual);
        return *std::move(text);
    }

    [[nodiscard]] std::string digest_of_tag() const {
        const auto index = files_.json("index.json");
        if (index && index->is_object() && index->contains("manifests") && (*index)["manifests"].is_array())
            for (const base::Json &item : (*index)["manifests"]) {
                const Descriptor manifest = parse_descriptor(item, subject_);
                const auto name = manifest.annotations.find(tag_annotation);
                if (name != manifest.annotations.end() && name->second == tag_)
                    return manifest.digest;
            }
        throw base::Error(subject_ + " has no tag " + tag_, "write it with `cache_to`");
    }

    void fetch(const Descriptor &blob) override {
        static_cast<void>(files_.store(content(), layout_name(blob.digest), blob.digest));
    }

    std::string subject_;
    std::string tag_;
    std::string digest_;
    ArchiveFiles files_;
};

} // namespace

Descriptor CacheReader::bring(const CacheDocument::Layer &layer) {
    if (const auto size = content_.size(layer.diff_id))
        return {media_type::oci_layer, layer.diff_id, *size, {}, {}};
    fetch(layer.blob);
    if (layer.blob.digest != layer.diff_id) {
        const base::fs::path path = content_.path(layer.blob.digest);
        const base::UniqueFd fd = base::open_file(path, O_RDONLY);
        FdSource file(fd.get(), path.string());
        const auto tar = decompress(file, "layer " + layer.blob.digest);
        BlobWriter plain(content_);
        std::vector<char> buffer(1 << 20);
        while (const std::size_t count = tar->read(buffer.data(), buffer.size()))
            plain.write({buffer.data(), count});
        plain.commit(layer.diff_id);
    }
    return {media_type::oci_layer, layer.diff_id, content_.size(layer.diff_id).value_or(0), {}, {}};
}

std::unique_ptr<CacheReader> registry_cache(const base::Paths &paths, const Reference &reference,
                                            const TransferOptions &options) {
    return std::make_unique<RegistryCache>(paths, reference, options);
}

std::unique_ptr<CacheReader> directory_cache(const base::Paths &paths, const base::fs::path &directory,
                                             const std::string &tag, const std::string &digest) {
    return std::make_unique<DirectoryCache>(paths, directory, tag, digest);
}

} // namespace image
