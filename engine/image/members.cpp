#include "engine/image/members.hpp"

#include "base/error.hpp"
#include "engine/image/lookup.hpp"
#include "engine/image/reference.hpp"

namespace image {

namespace {

constexpr std::size_t most_members = 128; // more are no image that somebody built

Member read_member(const Descriptor &manifest, std::string text, const std::string &subject) {
    const std::string named = "the manifest " + manifest.digest.substr(0, 19) + " of " + subject;
    if (manifest.size != static_cast<std::int64_t>(text.size()))
        throw base::Error(named + " has " + std::to_string(text.size()) + " bytes, its list says "
                              + std::to_string(manifest.size),
                          "build or save the image again");
    Member member{manifest, std::move(text), {}, is_attestation(manifest)};
    if (member.attestation) {
        member.parsed = parse_attestation(member.text, named);
        return member;
    }
    auto document = parse_manifest(member.text, manifest.media_type, named);
    auto *parsed = std::get_if<Manifest>(&document);
    if (parsed == nullptr)
        throw base::Error(subject + ": its manifest list names another list instead of an image",
                          "only one list, of images, is supported");
    member.parsed = std::move(*parsed);
    return member;
}

} // namespace

std::vector<Descriptor> Member::blobs() const {
    std::vector<Descriptor> blobs{manifest, parsed.config};
    blobs.insert(blobs.end(), parsed.layers.begin(), parsed.layers.end());
    return blobs;
}

std::vector<Member> read_members(std::string_view text, const Documents &documents,
                                 const std::string &subject) {
    const ManifestDocument document = parse_manifest(text, "", subject);
    const auto *list = std::get_if<ManifestList>(&document);
    if (list == nullptr)
        throw base::Error(subject + " is not a list of images");
    if (list->manifests.size() > most_members)
        throw base::Error(subject + " is a list of " + std::to_string(list->manifests.size())
                              + " images, more than the " + std::to_string(most_members)
                              + " that are supported",
                          "make an image for fewer platforms");
    std::vector<Member> members;
    for (const Descriptor &manifest : list->manifests)
        if (auto found = documents(manifest.digest))
            members.push_back(read_member(manifest, *std::move(found), subject));
    return members;
}

std::vector<Member> members_of(const Content &content, const IndexEntry &entry) {
    const auto documents = [&](const std::string &digest) { return content.document(digest); };
    if (entry.list) {
        const auto text = content.document(entry.list->digest);
        return text ? read_members(*text, documents, "the list " + entry.list->digest)
                    : std::vector<Member>{};
    }
    auto text = content.document(entry.manifest.digest);
    if (!text)
        return {};
    auto document = parse_manifest(*text, "", entry.manifest.digest);
    auto *parsed = std::get_if<Manifest>(&document);
    if (parsed == nullptr)
        return {};
    return {{entry.manifest, *std::move(text), std::move(*parsed), false}};
}

const Member *best_member(const std::vector<Member> &members, const Platform &platform) {
    const Member *best = nullptr;
    int best_distance = 0;
    for (const Member &member : members) {
        if (member.attestation || !member.manifest.platform)
            continue;
        const int distance = platform.distance_to(*member.manifest.platform);
        if (distance >= 0 && (best == nullptr || distance < best_distance)) {
            best = &member;
            best_distance = distance;
        }
    }
    return best;
}

MemberMatch find_member(const Content &content, const Index &index, std::string_view id) {
    MemberMatch match;
    const auto prefix = id_prefix(id);
    if (!prefix)
        return match;
    for (const IndexEntry &entry : index.entries) {
        if (!entry.list)
            continue;
        for (Member &member : members_of(content, entry)) {
            if (member.attestation || !member.image_id().starts_with(*prefix))
                continue;
            if (match.entry != nullptr && match.member.image_id() != member.image_id())
                throw_ambiguous_id(*prefix);
            match = {&entry, std::move(member)};
        }
    }
    return match;
}

void throw_no_image_of_its_own(const Content &content, const Index &index, std::string_view name_or_id) {
    const MemberMatch match = find_member(content, index, name_or_id);
    if (match.entry == nullptr)
        throw_unknown_image(name_or_id);
    const std::string whole =
        match.entry->name.empty() ? match.entry->image_id : Reference::parse(match.entry->name).familiar();
    throw base::Error(std::string(name_or_id) + " is what the image " + whole + " has for "
                          + match.member.manifest.platform.value_or(Platform{}).text(),
                      "name the whole image");
}

} // namespace image
