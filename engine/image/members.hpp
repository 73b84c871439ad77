// What is in the list of an image for several platforms: the image for each, and what was attested of them.
#pragma once

#include "engine/image/content.hpp"
#include "engine/image/index.hpp"
#include "engine/image/manifest.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace image {

struct Member {
    Descriptor manifest; // as the list has it
    std::string text;    // of the manifest
    Manifest parsed;
    bool attestation = false;

    // What the store knows the image by. @pre not an attestation.
    [[nodiscard]] const std::string &image_id() const { return parsed.config.digest; }

    // Manifest, configuration and layers.
    [[nodiscard]] std::vector<Descriptor> blobs() const;
};

// The text of a manifest by its digest; nullopt when it is missing.
using Documents = std::function<std::optional<std::string>(const std::string &digest)>;

// In the list's order; what is missing is left out.
// @param text of the list. @throws base::Error naming `subject`: it is no list, one with too many members,
// with another list in it or with wrong sizes, or one of its manifests is malformed.
[[nodiscard]] std::vector<Member> read_members(std::string_view text, const Documents &documents,
                                               const std::string &subject);

// Of an image of the store. Without a list it is the one; empty when its manifest is missing.
[[nodiscard]] std::vector<Member> members_of(const Content &content, const IndexEntry &entry);

// The one that runs best on the platform; null when none does.
[[nodiscard]] const Member *best_member(const std::vector<Member> &members, const Platform &platform);

// An image of the store that is one of a list, but not the one this host runs.
struct MemberMatch {
    const IndexEntry *entry = nullptr; // one that has the list; null: there is no such image
    Member member;
};

// @param id full or a prefix, with or without "sha256:". @throws base::Error when it fits several.
[[nodiscard]] MemberMatch find_member(const Content &content, const Index &index, std::string_view id);

// For what is done to images as a whole. @pre look_up() found nothing.
[[noreturn]] void throw_no_image_of_its_own(const Content &content, const Index &index,
                                            std::string_view name_or_id);

} // namespace image
