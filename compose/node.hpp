// The tree between text and model: a YAML document with a location on every node and every key. All phases
// from parsing to canonical form work on it, and `config` prints it.
#pragma once

#include "compose/source.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace compose {

enum class Kind : std::uint8_t { null, boolean, integer, real, string, sequence, mapping };

// !reset and !override of the merge rules (13-merge.md); cleared once merging is done.
enum class MergeTag : std::uint8_t { none, reset, replace };

struct Member;

class Node {
  public:
    Node() = default;

    static Node null(Location location = {});
    // Scalars keep the text as written; `quoted` ones are strings whatever they look like.
    static Node scalar(Kind kind, std::string text, Location location = {}, bool quoted = false);
    static Node string(std::string text, Location location = {});
    static Node boolean(bool value, Location location = {});
    static Node integer(std::int64_t value, Location location = {});
    static Node sequence(Location location = {});
    static Node mapping(Location location = {});

    Kind kind = Kind::null;
    MergeTag tag = MergeTag::none;
    bool quoted = false;
    Location location;
    std::string text;              // scalars
    std::vector<Node> items;       // sequence
    std::vector<Member> members;   // mapping, in written order, keys unique
    std::vector<Location> origins; // earlier locations whose value this one replaced, oldest first

    [[nodiscard]] bool is_null() const { return kind == Kind::null; }

    [[nodiscard]] bool is_scalar() const {
        return kind != Kind::sequence && kind != Kind::mapping && !is_null();
    }

    [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }

    [[nodiscard]] bool is_mapping() const { return kind == Kind::mapping; }

    // Mapping access; find returns nullptr when the key is missing or this is no mapping.
    [[nodiscard]] const Node *find(std::string_view key) const;
    [[nodiscard]] Node *find(std::string_view key);
    // The location of the key itself, or of this node when there is no such key.
    [[nodiscard]] Location key_location(std::string_view key) const;
    // Adds or replaces. Adding moves the other members: references to them are void.
    Node &set(std::string key, Node value, Location key_location = {});
    // True when it was there.
    bool erase(std::string_view key);
};

struct Member {
    std::string key;
    Location key_location;
    Node value;
};

// Equal but for places, tags and the order of keys.
[[nodiscard]] bool same_value(const Node &a, const Node &b);

// "services.web.ports[0]": path + key, path + index.
[[nodiscard]] std::string join_path(const std::string &path, std::string_view key);
[[nodiscard]] std::string join_path(const std::string &path, std::size_t index);

} // namespace compose
