#include "engine/image/store.hpp"

#include "base/error.hpp"
#include "engine/image/content.hpp"
#include "engine/image/index.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/lookup.hpp"

#include <algorithm>

namespace image {

namespace {

// nullopt when a part of the image is missing: then it has to be fetched again.
std::optional<Image> assemble(const base::Paths &paths, const Index &index, const std::string &id) {
    const Content content(paths);
    const Layers layers(paths);
    Image image;
    image.id = id;
    for (const IndexEntry &entry : index.entries) {
        if (entry.image_id != id)
            continue;
        if (image.manifest_digest.empty())
            image.manifest_digest = entry.manifest.digest;
        image.size.value = entry.size;
        if (const auto checked = base::parse_rfc3339(entry.checked))
            image.checked = std::max(image.checked.value_or(*checked), *checked);
        if (!entry.name.empty() && entry.name.find('@') == std::string::npos)
            image.names.push_back(Reference::parse(entry.name).familiar());
        if (!entry.source.empty())
            image.digests.push_back(Reference::parse(entry.source).familiar());
    }
    std::sort(image.names.begin(), image.names.end());
    std::sort(image.digests.begin(), image.digests.end());
    image.digests.erase(std::unique(image.digests.begin(), image.digests.end()), image.digests.end());

    const auto config = content.document(id);
    if (!config)
        return std::nullopt;
    image.config = ImageConfig::parse(*config, "the configuration of image " + id);
    for (const std::string &chain_id : chain_ids(image.config.diff_ids)) {
        if (!layers.exists(chain_id))
            return std::nullopt;
        image.layers.push_back(layers.filesystem(chain_id));
    }
    return image;
}

// That of the name, if it was found by one: the same image may have come with several manifests.
const IndexEntry &entry_of(const Index &index, const Match &match) {
    const IndexEntry *best = nullptr;
    for (const IndexEntry &entry : index.entries)
        if (entry.image_id == match.image_id && (best == nullptr || entry.name == match.name))
            best = &entry;
    return *best;
}

} // namespace

base::FileLock Store::hold() const {
    return base::FileLock::acquire_shared(paths_.lock("images-use"));
}

std::optional<Image> Store::find(std::string_view name_or_id) const {
    const Index index = Index::read(paths_);
    const auto match = look_up(index, name_or_id);
    return match ? assemble(paths_, index, match->image_id) : std::nullopt;
}

Image Store::get(std::string_view name_or_id) const {
    auto image = find(name_or_id);
    if (!image)
        throw_unknown_image(name_or_id);
    return *std::move(image);
}

std::vector<Image> Store::list() const {
    const Index index = Index::read(paths_);
    std::set<std::string> ids;
    for (const IndexEntry &entry : index.entries)
        ids.insert(entry.image_id);
    std::vector<Image> images;
    for (const std::string &id : ids)
        if (auto image = assemble(paths_, index, id))
            images.push_back(*std::move(image));
    std::stable_sort(images.begin(), images.end(),
                     [](const Image &a, const Image &b) { return a.config.created > b.config.created; });
    return images;
}

void Store::tag(std::string_view name_or_id, const Reference &name) {
    if (!name.digest.empty())
        throw base::Error("cannot tag an image as " + name.familiar() + ": a name with a digest",
                          "give a name and a tag");
    Index::update(paths_, [&](Index &index) {
        const auto match = look_up(index, name_or_id);
        if (!match)
            throw_unknown_image(name_or_id);
        IndexEntry named = entry_of(index, *match);
        named.name = name.canonical();
        named.checked.clear();
        index.publish(std::move(named));
    });
}

} // namespace image
