#include "engine/image/cache_writer.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/image/archive_files.hpp"
#include "engine/image/cache_document.hpp"
#include "engine/image/layer_workers.hpp"
#include "engine/image/outgoing_layer.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/upload.hpp"

#include <algorithm>
#include <fcntl.h>
#include <set>
#include <unistd.h>
#include <vector>

namespace image {

namespace {

// The layers of the steps, each once, on their way.
class Outgoing {
  public:
    Outgoing(const base::Paths &paths, const CacheSteps &steps) : steps_(steps) {
        for (const auto &[key, step] : steps.steps)
            if (step.layer && place_.try_emplace(step.layer->digest, layers.size()).second)
                layers.emplace_back(paths, *step.layer, "the cache");
    }

    // @pre every layer was sent.
    [[nodiscard]] CacheDocument document() const {
        CacheDocument document;
        for (const OutgoingLayer &layer : layers)
            document.layers.push_back({layer.sent().value(), layer.stored().digest});
        for (const auto &[key, step] : steps_.steps)
            document.steps[key] = {step.created,
                                   step.layer ? std::optional(place_.at(step.layer->digest)) : std::nullopt};
        return document;
    }

    std::vector<OutgoingLayer> layers;

  private:
    const CacheSteps &steps_;
    std::map<std::string, std::size_t> place_;
};

Descriptor descriptor_of(const char *type, const std::string &text) {
    return {type, "sha256:" + base::sha256_hex(text), static_cast<std::int64_t>(text.size()), {}, {}};
}

void send_layer(HttpClient &http, const Uploader &uploader, OutgoingLayer &layer,
                const std::function<void()> &check) {
    if (layer.sent() && uploader.has(http, layer.sent()->digest))
        return;
    Upload upload;
    upload.open = [&] { return layer.open([&](std::int64_t) { check(); }); };
    if (layer.sent()) {
        upload.digest = layer.sent()->digest;
        upload.size = layer.sent()->size;
    }
    const Uploaded done = uploader.send(http, upload);
    layer.set_sent(done.digest, done.size);
}

class CacheDirectory {
  public:
    CacheDirectory(const base::fs::path &directory, std::function<void()> check)
        : directory_(directory), check_(std::move(check)) {
        base::make_dirs(blobs());
        lock_.emplace(base::FileLock::acquire(directory / ".lock"));
        sweep();
        base::write_file_atomic(directory / "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    }

    void add(OutgoingLayer &layer) const {
        if (layer.sent() && has(*layer.sent()))
            return;
        const base::fs::path temporary = blobs() / (".new-" + base::random_hex(8));
        try {
            const auto [digest, size] = copy(layer, temporary);
            base::fs::rename(temporary, file(digest));
            layer.set_sent(digest, size);
        } catch (...) {
            ::unlink(temporary.c_str());
            throw;
        }
    }

    void add(const Descriptor &document, const std::string &text) const {
        base::write_file_atomic(file(document.digest), text);
    }

    // Gives the manifest the tag, and removes what nothing needs any more.
    void publish(const Descriptor &manifest, const std::string &tag) const {
        base::Json others = base::Json::array();
        std::set<std::string> replaced;
        const ArchiveFiles files(base::open_dir(directory_), false);
        const auto index = files.json("index.json");
        if (index && index->is_object() && index->contains("manifests") && (*index)["manifests"].is_array())
            for (const base::Json &item : (*index)["manifests"]) {
                const Descriptor each = parse_descriptor(item, directory_.string());
                const auto name = each.annotations.find(tag_annotation);
                if (name != each.annotations.end() && name->second == tag)
                    collect(files, each.digest, replaced);
                else
                    others.push_back(item);
            }
        std::set<std::string> needed;
        collect(files, manifest.digest, needed);
        bool all_known = true;
        for (const base::Json &item : others)
            all_known = collect(files, item["digest"].get<std::string>(), needed) && all_known;
        Descriptor named = manifest;
        named.annotations[tag_annotation] = tag;
        others.push_back(descriptor_json(named));
        base::write_file_atomic(directory_ / "index.json",
                                base::pretty_json({{"schemaVersion", 2},
                                                   {"mediaType", media_type::oci_index},
                                                   {"manifests", std::move(others)}}));
        for (const std::string &digest : replaced)
            if (all_known && !needed.contains(digest))
                ::unlink(file(digest).c_str());
    }

  private:
    // What killed writers have left.
    void sweep() const {
        for (const std::string &name : base::list_dir(blobs()))
            if (!is_sha256_digest("sha256:" + name))
                ::unlink((blobs() / name).c_str());
    }

    [[nodiscard]] base::fs::path blobs() const { return directory_ / "blobs" / "sha256"; }

    [[nodiscard]] base::fs::path file(const std::string &digest) const {
        return directory_ / layout_name(digest);
    }

    [[nodiscard]] bool has(const Descriptor &blob) const {
        std::error_code missing;
        return base::fs::file_size(file(blob.digest), missing) == static_cast<std::uintmax_t>(blob.size);
    }

    std::pair<std::string, std::int64_t> copy(const OutgoingLayer &layer, const base::fs::path &to) const {
        const base::UniqueFd fd = base::open_file(to, O_WRONLY | O_CREAT | O_EXCL);
        const auto source = layer.open([this](std::int64_t) { check_(); });
        base::Sha256 hash;
        std::int64_t size = 0;
        std::vector<char> buffer(1 << 20);
        while (const std::size_t count = source->read(buffer.data(), buffer.size())) {
            const std::string_view bytes(buffer.data(), count);
            base::write_all(fd.get(), bytes, to.string());
            hash.update(bytes);
            size += static_cast<std::int64_t>(count);
        }
        return {"sha256:" + hash.hex(), size};
    }

    // A manifest and what it names. @returns false for one that is no cache's and no image's.
    static bool collect(const ArchiveFiles &files, const std::string &digest, std::set<std::string> &blobs) {
        const auto text = files.document(layout_name(digest));
        if (!text)
            return true;
        try {
            const auto parsed = parse_cache_manifest(*text, Platform::host(), digest);
            const auto *manifest = std::get_if<CacheManifest>(&parsed);
            if (manifest == nullptr)
                return false;
            blobs.insert({digest, manifest->config.digest});
            for (const Descriptor &layer : manifest->layers)
                blobs.insert(layer.digest);
            return true;
        } catch (const base::Error &) {
            return false;
        }
    }

    base::fs::path directory_;
    std::function<void()> check_;
    std::optional<base::FileLock> lock_;
};

} // namespace

void write_registry_cache(const base::Paths &paths, const CacheSteps &steps, const Reference &reference,
                          const TransferOptions &options) {
    const std::string subject = "the cache " + reference.familiar();
    std::vector<Endpoint> endpoints = options.registries.endpoints(reference.registry);
    std::erase_if(endpoints, [](const Endpoint &endpoint) { return endpoint.mirror; });
    from_first_endpoint(endpoints, [&](const Endpoint &endpoint) {
        RegistryClient registry(endpoint, reference, retry_policy(options), Access::push);
        const Uploader uploader(registry, subject);
        Outgoing outgoing(paths, steps);
        LayerWorkers workers(http_settings(options, subject));
        workers.run(outgoing.layers.size(), options.parallel, [&](HttpClient &http, std::size_t i) {
            send_layer(http, uploader, outgoing.layers[i], workers.check());
        });
        HttpClient http(http_settings(options, subject));
        const CacheDocument document = outgoing.document();
        const std::string text = document.config_json();
        const Descriptor config = descriptor_of(media_type::build_cache, text);
        if (!uploader.has(http, config.digest)) {
            Upload upload;
            upload.open = [&] { return std::make_unique<MemorySource>(text); };
            upload.digest = config.digest;
            upload.size = config.size;
            static_cast<void>(uploader.send(http, upload));
        }
        uploader.put_manifest(http, reference.tag, document.manifest_json(config), media_type::oci_manifest);
        return 0;
    });
}

void write_directory_cache(const base::Paths &paths, const CacheSteps &steps, const base::fs::path &directory,
                           const std::string &tag, const std::function<void()> &check) {
    const CacheDirectory to(directory, check);
    Outgoing outgoing(paths, steps);
    for (OutgoingLayer &layer : outgoing.layers)
        to.add(layer);
    const CacheDocument document = outgoing.document();
    const std::string config_text = document.config_json();
    const Descriptor config = descriptor_of(media_type::build_cache, config_text);
    to.add(config, config_text);
    const std::string text = document.manifest_json(config);
    const Descriptor manifest = descriptor_of(media_type::oci_manifest, text);
    to.add(manifest, text);
    to.publish(manifest, tag);
}

} // namespace image
