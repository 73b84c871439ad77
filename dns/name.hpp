// A domain name: 0-127 labels of 1-63 arbitrary bytes, held in the uncompressed wire form (RFC 1035, 3.1)
// without the closing empty label. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dns {

class Name {
  public:
    static constexpr std::size_t max_wire_size = 255; // the closing empty label included

    Name() = default; // the root

    // "db.example.com", with or without a trailing dot; no escapes. nullopt when a label is empty or too
    // long, or the whole is too long.
    static std::optional<Name> from_text(std::string_view text);

    // Appends a label. false, and nothing is changed, when it is empty or does not fit.
    bool append(std::string_view label);

    // Presentation form without the trailing dot; bytes outside the printable ones, dots and backslashes are
    // escaped as \DDD and \C. "." for the root.
    [[nodiscard]] std::string text() const;

    // Labels with their length bytes.
    [[nodiscard]] const std::string &wire() const { return wire_; }

    // With ASCII letters in lower case: equal names have equal lower() (RFC 4343).
    [[nodiscard]] Name lower() const;

    // What precedes `suffix`, compared as bytes; nullopt when this does not end with it or nothing precedes.
    [[nodiscard]] std::optional<Name> without_suffix(const Name &suffix) const;

    auto operator<=>(const Name &) const = default;

  private:
    std::string wire_;
};

} // namespace dns
