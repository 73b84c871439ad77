#include "engine/image/push.hpp"

#include "base/digest.hpp"
#include "base/json.hpp"
#include "engine/image/content.hpp"
#include "engine/image/index.hpp"
#include "engine/image/layer_workers.hpp"
#include "engine/image/outgoing_layer.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/upload.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace image {

namespace {

constexpr std::chrono::milliseconds event_interval{50};

// Which other repository of the registry has a blob of our store, as far as is known: where the images that
// have it were pulled from or pushed to.
std::map<std::string, std::string> blobs_elsewhere(const Content &content, const Index &index,
                                                   const Reference &target) {
    std::map<std::string, std::string> repositories;
    for (const IndexEntry &entry : index.entries) {
        if (entry.source.empty())
            continue;
        const Reference source = Reference::parse(entry.source);
        const auto text = content.document(entry.manifest.digest);
        if (source.registry != target.registry || source.repository == target.repository || !text)
            continue;
        const auto document = parse_manifest(*text, "", entry.manifest.digest);
        if (const auto *manifest = std::get_if<Manifest>(&document))
            for (const Descriptor &layer : manifest->layers)
                repositories[layer.digest] = source.repository;
    }
    return repositories;
}

// The same image may have been pulled by several names with several manifests.
std::string manifest_of_name(const Index &index, const Reference &reference, const Image &image) {
    for (const IndexEntry &entry : index.entries)
        if (entry.image_id == image.id && entry.name == reference.canonical())
            return entry.manifest.digest;
    return image.manifest_digest;
}

class Push {
  public:
    Push(Store &store, const Reference &reference, const PushOptions &options)
        : store_(store), content_(store.paths()), reference_(reference), options_(options),
          subject_(reference.familiar()), hold_(store.hold()), image_(store.get(reference.canonical())) {
        const Index index = Index::read(store.paths());
        const auto text = content_.document(manifest_of_name(index, reference, image_));
        if (!text)
            throw base::Error("the manifest of " + subject_ + " is missing from the store",
                              "build, pull or load the image again");
        manifest_text_ = *text;
        const auto document = parse_manifest(manifest_text_, "", "the manifest of " + subject_);
        if (!std::holds_alternative<Manifest>(document))
            throw base::Error(subject_ + " has a manifest list where its manifest should be");
        manifest_ = std::get<Manifest>(document);
        const auto elsewhere = blobs_elsewhere(content_, index, reference);
        for (const Descriptor &layer : manifest_.layers)
            if (std::none_of(layers_.begin(), layers_.end(),
                             [&](const auto &other) { return other.stored().digest == layer.digest; })) {
                layers_.emplace_back(store.paths(), layer, subject_);
                if (const auto found = elsewhere.find(layer.digest); found != elsewhere.end())
                    mount_from_[layer.digest] = found->second;
            }
    }

    Pushed run() {
        std::vector<Endpoint> endpoints = options_.registries.endpoints(reference_.registry);
        std::erase_if(endpoints, [](const Endpoint &endpoint) { return endpoint.mirror; });
        return from_first_endpoint(endpoints, [&](const Endpoint &endpoint) { return run_at(endpoint); });
    }

  private:
    Pushed run_at(const Endpoint &endpoint) {
        std::set<std::string> sources;
        for (const auto &[digest, repository] : mount_from_)
            sources.insert(repository);
        RegistryClient registry(endpoint, reference_, retry_policy(options_), Access::push,
                                {sources.begin(), sources.end()});
        const Uploader uploader(registry, subject_);
        LayerWorkers workers(http_settings(options_, subject_));
        for (const OutgoingLayer &layer : layers_)
            report(layer, PushPhase::waiting, 0);
        workers.run(layers_.size(), options_.parallel, [&](HttpClient &http, std::size_t i) {
            send_layer(http, uploader, layers_[i], workers.check());
        });

        HttpClient http(http_settings(options_, subject_));
        send_config(http, uploader);
        const std::string text = outgoing_manifest();
        const Pushed pushed{"sha256:" + base::sha256_hex(text), static_cast<std::int64_t>(text.size())};
        uploader.put_manifest(http, reference_.tag, text, manifest_.media_type);
        const std::string source = reference_.canonical_repository() + "@" + pushed.digest;
        Index::update(store_.paths(),
                      [&](Index &index) { index.set_source(reference_.canonical(), image_.id, source); });
        return pushed;
    }

    void send_layer(HttpClient &http, const Uploader &uploader, OutgoingLayer &layer,
                    const std::function<void()> &check) {
        report(layer, PushPhase::preparing, 0);
        const std::int64_t total = layer.stored().size;
        if (layer.sent() && uploader.has(http, layer.sent()->digest))
            return report(layer, PushPhase::exists, total);
        auto last = std::chrono::steady_clock::time_point{};
        Upload upload;
        upload.open = [&] {
            return layer.open([&](std::int64_t bytes) {
                check();
                const auto now = std::chrono::steady_clock::now();
                if (now - last < event_interval)
                    return;
                last = now;
                report(layer, PushPhase::pushing, bytes);
            });
        };
        if (layer.sent()) {
            upload.digest = layer.sent()->digest;
            upload.size = layer.sent()->size;
            if (const auto found = mount_from_.find(layer.stored().digest); found != mount_from_.end())
                upload.mount_from = found->second;
        }
        const Uploaded done = uploader.send(http, upload);
        layer.set_sent(done.digest, done.size);
        report(layer, done.mounted ? PushPhase::mounted : PushPhase::pushed, total);
    }

    void send_config(HttpClient &http, const Uploader &uploader) const {
        const std::string &digest = manifest_.config.digest;
        if (uploader.has(http, digest))
            return;
        const auto text = content_.document(digest);
        if (!text)
            throw base::Error("the configuration of " + subject_ + " is missing from the store",
                              "build, pull or load the image again");
        Upload upload;
        upload.open = [&] { return std::make_unique<MemorySource>(*text); };
        upload.digest = digest;
        upload.size = static_cast<std::int64_t>(text->size());
        (void)uploader.send(http, upload);
    }

    // The stored bytes when every layer was sent as it is: the digest then stays the same.
    [[nodiscard]] std::string outgoing_manifest() const {
        if (std::none_of(layers_.begin(), layers_.end(),
                         [](const OutgoingLayer &layer) { return layer.is_compressed_to_send(); }))
            return manifest_text_;
        base::Json json = base::parse_json(manifest_text_, subject_);
        json["mediaType"] = manifest_.media_type;
        for (std::size_t i = 0; i < manifest_.layers.size(); ++i) {
            const auto layer = std::find_if(layers_.begin(), layers_.end(), [&](const auto &other) {
                return other.stored().digest == manifest_.layers[i].digest;
            });
            json["layers"][i]["mediaType"] = layer->sent()->media_type;
            json["layers"][i]["digest"] = layer->sent()->digest;
            json["layers"][i]["size"] = layer->sent()->size;
        }
        return base::dump_json(json);
    }

    void report(const OutgoingLayer &layer, PushPhase phase, std::int64_t bytes) {
        if (!options_.on_event)
            return;
        const std::lock_guard lock(event_mutex_);
        options_.on_event({layer.stored().digest.substr(7, 12), phase, bytes, layer.stored().size});
    }

    Store &store_;
    Content content_;
    const Reference &reference_;
    const PushOptions &options_;
    std::string subject_;
    base::FileLock hold_;
    Image image_;
    std::string manifest_text_;
    Manifest manifest_;
    std::vector<OutgoingLayer> layers_;             // each once
    std::map<std::string, std::string> mount_from_; // digest in the store -> repository
    std::mutex event_mutex_;
};

} // namespace

const char *phase_name(PushPhase phase) {
    switch (phase) {
    case PushPhase::waiting:
        return "Waiting";
    case PushPhase::preparing:
        return "Preparing";
    case PushPhase::pushing:
        return "Pushing";
    case PushPhase::pushed:
        return "Pushed";
    case PushPhase::exists:
        return "Layer already exists";
    case PushPhase::mounted:
        return "Mounted from another repository";
    }
    return "";
}

Pushed push(Store &store, const Reference &reference, const PushOptions &options) {
    if (!reference.digest.empty())
        throw base::Error("cannot push " + reference.familiar() + ": a name with a digest",
                          "push it by a name with a tag");
    return Push(store, reference, options).run();
}

} // namespace image
