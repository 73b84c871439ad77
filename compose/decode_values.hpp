// Attributes of a canonical object as typed values. A missing or unreadable one is the fallback: check_schema
// has told about it already.
#pragma once

#include "compose/model.hpp"
#include "compose/node.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace compose {

[[nodiscard]] std::string get_text(const Node &object, std::string_view key, std::string fallback = {});
[[nodiscard]] std::optional<std::string> get_optional_text(const Node &object, std::string_view key);
[[nodiscard]] bool get_boolean(const Node &object, std::string_view key, bool fallback = false);
[[nodiscard]] std::optional<bool> get_optional_boolean(const Node &object, std::string_view key);
[[nodiscard]] std::optional<std::int64_t> get_integer(const Node &object, std::string_view key);
[[nodiscard]] std::optional<Bytes> get_bytes(const Node &object, std::string_view key);
[[nodiscard]] std::optional<Duration> get_duration(const Node &object, std::string_view key);
[[nodiscard]] std::optional<NanoCpus> get_cpus(const Node &object, std::string_view key);
// 0 counts as not given: what Docker Compose takes as "no limit".
[[nodiscard]] std::optional<std::int64_t> get_limit(const Node &object, std::string_view key);
[[nodiscard]] std::vector<std::string> get_texts(const Node &object, std::string_view key);
[[nodiscard]] std::map<std::string, std::string> get_map(const Node &object, std::string_view key);

// The items of a list and the members of a mapping; empty when there is no such attribute.
[[nodiscard]] const std::vector<Node> &items_of(const Node &object, std::string_view key);
[[nodiscard]] const std::vector<Member> &members_of(const Node &object, std::string_view key);

// "service:db", "host": how a namespace is shared.
[[nodiscard]] NamespaceMode get_namespace(const Node &object, std::string_view key);

} // namespace compose
