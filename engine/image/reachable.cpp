#include "engine/image/reachable.hpp"

#include "engine/image/config.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/members.hpp"
#include "engine/image/reference.hpp"

namespace image {

namespace {

std::string hex_of(const std::string &digest) {
    return digest.substr(digest.find(':') + 1);
}

} // namespace

void Reachable::add(const Reachable &other) {
    blobs.insert(other.blobs.begin(), other.blobs.end());
    layers.insert(other.layers.begin(), other.layers.end());
}

Reachable reach_config(const Content &content, const std::string &image_id) {
    Reachable reachable;
    reachable.blobs.insert(hex_of(image_id));
    if (const auto text = content.document(image_id))
        for (const std::string &chain_id : chain_ids(ImageConfig::parse(*text, image_id).diff_ids))
            reachable.layers.insert(hex_of(chain_id));
    return reachable;
}

Reachable reach_image(const Content &content, const IndexEntry &entry) {
    Reachable reachable = reach_config(content, entry.image_id);
    reachable.blobs.insert(hex_of(entry.manifest.digest));
    if (entry.list)
        reachable.blobs.insert(hex_of(entry.list->digest));
    for (const Member &member : members_of(content, entry)) {
        for (const Descriptor &blob : member.blobs())
            reachable.blobs.insert(hex_of(blob.digest));
        if (!member.attestation && member.image_id() != entry.image_id)
            reachable.add(reach_config(content, member.image_id()));
    }
    return reachable;
}

Reachable reach_step(const CachedStep &step) {
    Reachable reachable;
    std::vector<std::string> chain = step.below;
    if (step.layer) {
        chain.push_back(step.layer->digest);
        reachable.blobs.insert(hex_of(step.layer->digest));
    }
    for (const std::string &chain_id : chain_ids(chain))
        reachable.layers.insert(hex_of(chain_id));
    return reachable;
}

Reachable reach_all(const Content &content, const Index &index, const LayerCache &cache,
                    const std::set<std::string> &used) {
    Reachable reachable;
    for (const CachedStep &step : cache.all())
        reachable.add(reach_step(step));
    for (const IndexEntry &entry : index.entries)
        reachable.add(reach_image(content, entry));
    for (const std::string &id : used)
        if (is_sha256_digest(id))
            reachable.add(reach_config(content, id));
    return reachable;
}

} // namespace image
