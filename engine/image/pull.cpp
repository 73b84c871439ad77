#include "engine/image/pull.hpp"

#include "base/error.hpp"
#include "engine/image/download.hpp"
#include "engine/image/fetch_layers.hpp"
#include "engine/image/index.hpp"
#include "engine/image/ingest.hpp"

#include <algorithm>

namespace image {

namespace {

constexpr std::int64_t largest_config = 8 << 20;

// What `use` makes of the first endpoint that serves the reference: mirrors are tried before the registry.
template <typename Use>
auto from_registry(const Reference &reference, const PullOptions &options, const Use &use) {
    return from_first_endpoint(options.registries.endpoints(reference.registry),
                               [&](const Endpoint &endpoint) {
                                   RegistryClient registry(endpoint, reference, retry_policy(options));
                                   return use(registry);
                               });
}

class Pull {
  public:
    Pull(Store &store, const Reference &reference, const PullOptions &options)
        : store_(store), reference_(reference), options_(options), subject_(reference.familiar()),
          platform_(options.platform.value_or(Platform::host())), settings_(http_settings(options, subject_)),
          policy_(retry_policy(options)) {}

    Image run() {
        auto present = store_.find(reference_.canonical(), platform_);
        if (present && !reference_.digest.empty())
            return *std::move(present);
        HttpClient http(settings_);
        Ingest ingest(store_);
        return from_registry(reference_, options_, [&](RegistryClient &registry) {
            if (!present || !is_current(http, registry, *present))
                present = fetch(http, registry, ingest);
            Index::update(store_.paths(), [&](Index &index) { index.check(reference_.canonical()); });
            return *std::move(present);
        });
    }

    ImageConfig config() {
        HttpClient http(settings_);
        Ingest ingest(store_);
        return from_registry(reference_, options_, [&](RegistryClient &registry) {
            return describe(http, registry, ingest).config;
        });
    }

  private:
    struct Described {
        std::string digest; // of what the reference names, a manifest or a list
        std::string body;   // of the manifest
        Manifest manifest;
        ImageConfig config;
    };

    [[nodiscard]] std::string wanted() const {
        return reference_.digest.empty() ? reference_.tag : reference_.digest;
    }

    [[nodiscard]] std::string source_of(const std::string &digest) const {
        return reference_.canonical_repository() + "@" + digest;
    }

    [[nodiscard]] Downloader downloader(RegistryClient &registry, Ingest &ingest) const {
        return {registry, ingest.content(), policy_, subject_, settings_.check};
    }

    // A HEAD costs nothing against a registry's pull limit.
    bool is_current(HttpClient &http, RegistryClient &registry, const Image &present) const {
        const std::string digest = registry.manifest(http, wanted(), "HEAD").digest;
        return is_sha256_digest(digest)
               && std::find(present.digests.begin(), present.digests.end(),
                            Reference::parse(source_of(digest)).familiar())
                      != present.digests.end();
    }

    // Manifest and configuration, checked against each other and against what is asked for.
    Described describe(HttpClient &http, RegistryClient &registry, Ingest &ingest) {
        auto answer = registry.manifest(http, wanted());
        const std::string digest = answer.digest;
        ManifestDocument document = parse_manifest(answer.body, answer.content_type, subject_);
        if (const auto *list = std::get_if<ManifestList>(&document)) {
            answer = registry.manifest(http, list->select(platform_, subject_).digest);
            document = parse_manifest(answer.body, answer.content_type, subject_);
        }
        const auto *manifest = std::get_if<Manifest>(&document);
        if (manifest == nullptr)
            throw base::Error(subject_ + ": its manifest list names another list instead of an image");

        if (manifest->config.size > largest_config)
            throw base::Error(subject_ + ": its configuration is larger than 8 MiB");
        (void)downloader(registry, ingest).fetch(http, manifest->config);
        const auto text = ingest.content().document(manifest->config.digest);
        ImageConfig config = ImageConfig::parse(text.value_or(""), "the configuration of " + subject_);
        if (config.diff_ids.size() != manifest->layers.size())
            throw base::Error(subject_ + ": its manifest has " + std::to_string(manifest->layers.size())
                              + " layers, its configuration " + std::to_string(config.diff_ids.size()));
        if (platform_.distance_to(config.platform) < 0)
            throw base::Error(subject_ + " is an image for " + config.platform.text() + ", not for "
                                  + platform_.text(),
                              "ask for its platform, or name an image for this one");
        return {digest, std::move(answer.body), *manifest, std::move(config)};
    }

    Image fetch(HttpClient &http, RegistryClient &registry, Ingest &ingest) {
        const Described image = describe(http, registry, ingest);
        fetch_layers(downloader(registry, ingest), ingest, image.manifest, image.config, settings_, options_);
        const Descriptor stored{image.manifest.media_type,
                                ingest.content().put(image.body),
                                static_cast<std::int64_t>(image.body.size()),
                                image.config.platform,
                                {}};
        std::vector<std::string> names;
        if (reference_.digest.empty())
            names.push_back(reference_.canonical());
        return ingest.commit(stored, names, source_of(image.digest));
    }

    Store &store_;
    const Reference &reference_;
    const PullOptions &options_;
    std::string subject_;
    Platform platform_;
    HttpSettings settings_;
    RetryPolicy policy_;
};

} // namespace

const char *phase_name(PullPhase phase) {
    switch (phase) {
    case PullPhase::waiting:
        return "Waiting";
    case PullPhase::downloading:
        return "Downloading";
    case PullPhase::verifying:
        return "Verifying Checksum";
    case PullPhase::extracting:
        return "Extracting";
    case PullPhase::done:
        return "Pull complete";
    case PullPhase::exists:
        return "Already exists";
    }
    return "";
}

Image pull(Store &store, const Reference &reference, const PullOptions &options) {
    return Pull(store, reference, options).run();
}

ImageConfig fetch_config(Store &store, const Reference &reference, const PullOptions &options) {
    return Pull(store, reference, options).config();
}

std::string registry_digest(const Reference &reference, const PullOptions &options) {
    if (!reference.digest.empty())
        return reference.digest;
    const std::string subject = reference.familiar();
    HttpClient http(http_settings(options, subject));
    return from_registry(reference, options, [&](RegistryClient &registry) {
        const std::string told = registry.manifest(http, reference.tag, "HEAD").digest;
        return told.empty() ? registry.manifest(http, reference.tag).digest : told;
    });
}

} // namespace image
