// Documents name others by digest: when one changes on its way to a registry, those that name it change with
// it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace image {

class ChangedDigests {
  public:
    // What had this digest is this text from now on. @returns the digest it has.
    std::string add(const std::string &before, std::string_view text);

    // The JSON document with new digests in place of the old ones, in whatever strings they are, and the
    // sizes that descriptors give with them; the same bytes when it names nothing that changed.
    // @throws base::Error naming `subject` when it is no JSON.
    [[nodiscard]] std::string apply(const std::string &document, const std::string &subject) const;

  private:
    struct After {
        std::string hex;
        std::int64_t size = 0;
    };

    std::map<std::string, After> after_; // by the hex digits of before
};

} // namespace image
