// The images for several platforms of an archive, of which everything is in it.
#pragma once

#include "engine/image/archive_files.hpp"
#include "engine/image/members.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace image {

class ArchiveLists {
  public:
    struct Whole {
        Descriptor list;
        std::string text;
        std::set<std::string> image_ids;
        std::set<std::string> names; // canonical; "" when it is there without one, too
    };

    // @param files kept by reference.
    explicit ArchiveLists(const ArchiveFiles &files) : files_(files) {}

    // Takes the list in if it is whole and has an image. @throws base::Error for one that no image can have.
    void add(const std::string &name, const std::string &digest, const std::string &text);

    [[nodiscard]] std::vector<Member> members(const std::string &text) const;

    // Null when there is none. @param image_id which is in it.
    [[nodiscard]] const Whole *find(const std::string &digest) const;
    [[nodiscard]] const Whole *find(const std::vector<std::string> &names, const std::string &image_id) const;

  private:
    const ArchiveFiles &files_;
    std::map<std::string, Whole> lists_; // by digest
};

} // namespace image
