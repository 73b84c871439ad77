#include "engine/image/push.hpp"

#include "base/digest.hpp"
#include "base/json.hpp"
#include "engine/image/changed_digests.hpp"
#include "engine/image/content.hpp"
#include "engine/image/index.hpp"
#include "engine/image/layer_workers.hpp"
#include "engine/image/members.hpp"
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
        if (source.registry != target.registry || source.repository == target.repository)
            continue;
        for (const Member &member : members_of(content, entry))
            for (const Descriptor &layer : member.parsed.layers)
                repositories[layer.digest] = source.repository;
    }
    return repositories;
}

class Push {
  public:
    Push(Store &store, const Reference &reference, const PushOptions &options)
        : store_(store), content_(store.paths()), reference_(reference), options_(options),
          subject_(reference.familiar()), hold_(store.hold()), image_(store.get(reference.canonical())) {
        take_members();
        const auto elsewhere = blobs_elsewhere(content_, Index::read(store.paths()), reference);
        for (const Member &member : members_)
            for (const Descriptor &layer : member.parsed.layers) {
                if (member.attestation || is_known(layer))
                    continue;
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
    void take_members() {
        IndexEntry entry;
        entry.manifest.digest = image_.manifest_digest;
        entry.list = image_.list;
        members_ = members_of(content_, entry);
        std::size_t wanted = 1;
        if (image_.list) {
            list_text_ = content_.document(image_.list->digest).value_or("");
            const auto document = parse_manifest(list_text_, "", "the list of " + subject_);
            wanted = std::get<ManifestList>(document).manifests.size();
        }
        if (members_.size() != wanted)
            throw_missing("a manifest");
    }

    [[noreturn]] void throw_missing(const std::string &what) const {
        throw base::Error(what + " of " + subject_ + " is missing from the store",
                          "build, pull or load the image again");
    }

    [[nodiscard]] bool is_known(const Descriptor &layer) const {
        return std::any_of(layers_.begin(), layers_.end(),
                           [&](const auto &other) { return other.stored().digest == layer.digest; });
    }

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
        const Pushed pushed = send_documents(http, uploader);
        const std::string source = reference_.canonical_repository() + "@" + pushed.digest;
        Index::update(store_.paths(),
                      [&](Index &index) { index.set_source(reference_.canonical(), image_.id, source); });
        return pushed;
    }

    // What others name before what names them; the tag comes last.
    Pushed send_documents(HttpClient &http, const Uploader &uploader) const {
        ChangedDigests changed;
        for (const Member &member : members_)
            if (!member.attestation) {
                send_document(http, uploader, stored_document(member.parsed.config.digest));
                const std::string text = outgoing_manifest(member);
                if (!image_.list)
                    return send_last(http, uploader, text, member.parsed.media_type);
                uploader.put_manifest(http, changed.add(member.manifest.digest, text), text,
                                      member.parsed.media_type);
            }
        for (const Member &member : members_)
            if (member.attestation)
                send_attestation(http, uploader, member, changed);
        return send_last(http, uploader, changed.apply(list_text_, subject_), image_.list->media_type);
    }

    Pushed send_last(HttpClient &http, const Uploader &uploader, const std::string &text,
                     const std::string &type) const {
        uploader.put_manifest(http, reference_.tag, text, type);
        return {"sha256:" + base::sha256_hex(text), static_cast<std::int64_t>(text.size())};
    }

    // It tells of a manifest by its digest, which is another one when layers were compressed.
    void send_attestation(HttpClient &http, const Uploader &uploader, const Member &member,
                          ChangedDigests &changed) const {
        std::vector<Descriptor> blobs = member.parsed.layers;
        blobs.push_back(member.parsed.config); // names the layers
        for (const Descriptor &blob : blobs) {
            const std::string text = changed.apply(stored_document(blob.digest), subject_);
            changed.add(blob.digest, text);
            send_document(http, uploader, text);
        }
        const std::string text = changed.apply(member.text, subject_);
        uploader.put_manifest(http, changed.add(member.manifest.digest, text), text,
                              member.parsed.media_type);
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

    [[nodiscard]] std::string stored_document(const std::string &digest) const {
        auto text = content_.document(digest);
        if (!text)
            throw_missing("a document");
        return *std::move(text);
    }

    static void send_document(HttpClient &http, const Uploader &uploader, const std::string &text) {
        Upload upload;
        upload.open = [&] { return std::make_unique<MemorySource>(text); };
        upload.digest = "sha256:" + base::sha256_hex(text);
        upload.size = static_cast<std::int64_t>(text.size());
        if (!uploader.has(http, upload.digest))
            (void)uploader.send(http, upload);
    }

    // The stored bytes when every layer was sent as it is: the digest then stays the same.
    [[nodiscard]] std::string outgoing_manifest(const Member &member) const {
        base::Json json = base::parse_json(member.text, subject_);
        bool changed = false;
        for (std::size_t i = 0; i < member.parsed.layers.size(); ++i) {
            const auto layer = std::find_if(layers_.begin(), layers_.end(), [&](const auto &other) {
                return other.stored().digest == member.parsed.layers[i].digest;
            });
            if (!layer->is_compressed_to_send())
                continue;
            changed = true;
            json["layers"][i]["mediaType"] = layer->sent()->media_type;
            json["layers"][i]["digest"] = layer->sent()->digest;
            json["layers"][i]["size"] = layer->sent()->size;
        }
        json["mediaType"] = member.parsed.media_type;
        return changed ? base::dump_json(json) : member.text;
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
    std::vector<Member> members_; // of the list, or the one
    std::string list_text_;
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
