#include "engine/image/store.hpp"

#include "base/error.hpp"
#include "engine/image/content.hpp"
#include "engine/image/index.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/lookup.hpp"
#include "engine/image/members.hpp"

#include <algorithm>

namespace image {

namespace {

// That of the name, if it was found by one: the same image may have come with several manifests.
const IndexEntry &entry_of(const Index &index, const Match &match) {
    const IndexEntry *best = nullptr;
    for (const IndexEntry &entry : index.entries)
        if (entry.image_id == match.image_id && (best == nullptr || entry.name == match.name))
            best = &entry;
    return *best;
}

// What the index says of the image, by whichever name it is found.
void add_entries(Image &image, const Index &index, const std::string &id) {
    for (const IndexEntry &entry : index.entries) {
        if (entry.image_id != id)
            continue;
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
}

// False when a part of the image is missing: then it has to be fetched again.
bool add_content(const base::Paths &paths, Image &image) {
    const auto config = Content(paths).document(image.id);
    if (!config)
        return false;
    image.config = ImageConfig::parse(*config, "the configuration of image " + image.id);
    const Layers layers(paths);
    for (const std::string &chain_id : chain_ids(image.config.diff_ids)) {
        if (!layers.exists(chain_id))
            return false;
        image.layers.push_back(layers.filesystem(chain_id));
    }
    return true;
}

std::optional<Image> assemble(const base::Paths &paths, const Index &index, const Match &match) {
    const IndexEntry &entry = entry_of(index, match);
    Image image;
    image.id = match.image_id;
    image.manifest_digest = entry.manifest.digest;
    image.size.value = entry.size;
    image.list = entry.list;
    add_entries(image, index, image.id);
    return add_content(paths, image) ? std::optional(std::move(image)) : std::nullopt;
}

// One of a list, other than the one that its entry is of.
std::optional<Image> assemble(const base::Paths &paths, const Index &index, const IndexEntry &whole,
                              const Member &member) {
    if (member.image_id() == whole.image_id)
        return assemble(paths, index, Match{whole.image_id, whole.name});
    Image image;
    image.id = member.image_id();
    image.manifest_digest = member.manifest.digest;
    image.list = whole.list;
    add_entries(image, index, whole.image_id);
    if (!add_content(paths, image))
        return std::nullopt;
    for (const std::string &chain_id : chain_ids(image.config.diff_ids))
        image.size.value += Layers(paths).size(chain_id).value;
    return image;
}

// What was pulled under the digest that this one was pulled under, for another platform.
const IndexEntry *sibling_for(const Index &index, const IndexEntry &entry, const Platform &platform) {
    const IndexEntry *best = nullptr;
    int best_distance = 0;
    for (const IndexEntry &other : index.entries) {
        if (entry.source.empty() || other.source != entry.source || !other.manifest.platform)
            continue;
        const int distance = platform.distance_to(*other.manifest.platform);
        if (distance >= 0 && (best == nullptr || distance < best_distance)) {
            best = &other;
            best_distance = distance;
        }
    }
    return best;
}

} // namespace

base::FileLock Store::hold() const {
    return base::FileLock::acquire_shared(paths_.lock("images-use"));
}

std::optional<Image> Store::find(std::string_view name_or_id) const {
    const Index index = Index::read(paths_);
    if (const auto match = look_up(index, name_or_id))
        return assemble(paths_, index, *match);
    const MemberMatch match = find_member(Content(paths_), index, name_or_id);
    return match.entry != nullptr ? assemble(paths_, index, *match.entry, match.member) : std::nullopt;
}

std::optional<Image> Store::find(std::string_view name_or_id, const Platform &platform) const {
    const Index index = Index::read(paths_);
    const auto match = look_up(index, name_or_id);
    if (!match)
        return std::nullopt;
    const IndexEntry &entry = entry_of(index, *match);
    if (entry.list) {
        const std::vector<Member> members = members_of(Content(paths_), entry);
        if (const Member *member = best_member(members, platform))
            return assemble(paths_, index, entry, *member);
    }
    if (platform.distance_to(entry.manifest.platform.value_or(Platform::host())) == 0)
        return assemble(paths_, index, *match);
    const IndexEntry *sibling = sibling_for(index, entry, platform);
    if (sibling != nullptr && sibling->image_id != match->image_id)
        return assemble(paths_, index, Match{sibling->image_id, sibling->name});
    auto image = assemble(paths_, index, *match);
    return image && platform.distance_to(image->config.platform) >= 0 ? std::move(image) : std::nullopt;
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
        if (auto image = assemble(paths_, index, Match{id, {}}))
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
            throw_no_image_of_its_own(Content(paths_), index, name_or_id);
        IndexEntry named = entry_of(index, *match);
        named.name = name.canonical();
        named.checked.clear();
        index.publish(std::move(named));
    });
}

} // namespace image
