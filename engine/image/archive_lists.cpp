#include "engine/image/archive_lists.hpp"

#include "base/json.hpp"

#include <algorithm>

namespace image {

namespace {

constexpr const char *subject = "the archive's list of images";

} // namespace

std::vector<Member> ArchiveLists::members(const std::string &text) const {
    return read_members(
        text, [this](const std::string &digest) { return files_.document(layout_name(digest)); }, subject);
}

void ArchiveLists::add(const std::string &name, const std::string &digest, const std::string &text) {
    if (const auto known = lists_.find(digest); known != lists_.end()) {
        known->second.names.insert(name);
        return;
    }
    const base::Json json = base::parse_json(text, subject);
    const std::string type = base::json_or<std::string>(json, "mediaType", media_type::oci_index);
    Whole whole{{type, digest, static_cast<std::int64_t>(text.size()), {}, {}}, text, {}, {name}};
    const std::vector<Member> all = members(text);
    bool is_whole = all.size() == json["manifests"].size();
    for (const Member &member : all) {
        for (const Descriptor &blob : member.blobs())
            is_whole = is_whole && files_.has(layout_name(blob.digest));
        if (!member.attestation)
            whole.image_ids.insert(member.image_id());
    }
    if (is_whole && !whole.image_ids.empty())
        lists_.emplace(digest, std::move(whole));
}

const ArchiveLists::Whole *ArchiveLists::find(const std::string &digest) const {
    const auto found = lists_.find(digest);
    return found == lists_.end() ? nullptr : &found->second;
}

const ArchiveLists::Whole *ArchiveLists::find(const std::vector<std::string> &names,
                                              const std::string &image_id) const {
    const std::vector<std::string> wanted = names.empty() ? std::vector<std::string>{""} : names;
    for (const auto &[digest, whole] : lists_) {
        const bool is_named =
            std::all_of(wanted.begin(), wanted.end(),
                        [&, &all = whole.names](const auto &name) { return all.contains(name); });
        if (is_named && whole.image_ids.contains(image_id))
            return &whole;
    }
    return nullptr;
}

} // namespace image
