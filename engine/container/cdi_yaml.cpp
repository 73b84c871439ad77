#include "engine/container/cdi_yaml.hpp"

#include "base/error.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdint>
#include <optional>

namespace container {

namespace {

constexpr int deepest = 64;
// Aliases of aliases make a small file huge.
constexpr std::size_t most_values = 100'000;

std::optional<std::int64_t> integer(const std::string &text) {
    const bool negative = text.starts_with('-');
    std::string_view digits(text);
    if (negative || text.starts_with('+'))
        digits.remove_prefix(1);
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0o")) {
        base = digits[1] == 'x' ? 16 : 8;
        digits.remove_prefix(2);
    } else if (digits.size() > 1 && digits.starts_with('0')) {
        base = 8;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.starts_with('-'))
        return std::nullopt;
    return negative ? -value : value;
}

base::Json scalar(const YAML::Node &node) {
    const std::string &text = node.Scalar();
    const bool plain = node.Tag() == "?" || node.Tag().empty();
    if (!plain)
        return text;
    if (text == "true" || text == "false")
        return text == "true";
    if (const auto number = integer(text))
        return *number;
    return text;
}

class Converter {
  public:
    explicit Converter(const std::string &file) : file_(file) {}

    base::Json convert(const YAML::Node &node, int depth) {
        if (depth > deepest || ++count_ > most_values)
            throw base::Error(file_ + ": is nested too deep or too large to be a CDI specification",
                              "remove its aliases");
        switch (node.Type()) {
        case YAML::NodeType::Scalar:
            return scalar(node);
        case YAML::NodeType::Sequence: {
            base::Json list = base::Json::array();
            for (const YAML::Node &item : node)
                list.push_back(convert(item, depth + 1));
            return list;
        }
        case YAML::NodeType::Map: {
            base::Json object = base::Json::object();
            for (const auto &member : node) {
                if (!member.first.IsScalar())
                    throw base::Error(file_ + ": a name in it is not a text", "write NAME: VALUE");
                object[member.first.Scalar()] = convert(member.second, depth + 1);
            }
            return object;
        }
        default:
            return nullptr;
        }
    }

  private:
    const std::string &file_;
    std::size_t count_ = 0;
};

} // namespace

base::Json json_of_yaml(const std::string &text, const std::string &file) {
    try {
        return Converter(file).convert(YAML::Load(text), 0);
    } catch (const YAML::Exception &error) {
        throw base::Error(file + ": not valid YAML: " + error.what(), "correct it, or generate it again");
    }
}

} // namespace container
