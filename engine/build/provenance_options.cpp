#include "engine/build/provenance_options.hpp"

#include "base/error.hpp"

#include <sstream>

namespace build {

namespace {

constexpr const char *version = "v1"; // of the predicate

class Parser {
  public:
    Parser(std::string_view text, const std::string &what) : text_(text), what_(what) {}

    std::optional<ProvenanceOptions> run() {
        ProvenanceOptions options;
        bool wanted = true;
        std::istringstream items(text_);
        for (std::string item; std::getline(items, item, ',');) {
            const std::size_t equals = item.find('=');
            const std::string key = item.substr(0, equals);
            const std::string value = equals == std::string::npos ? "" : item.substr(equals + 1);
            if (key == "mode")
                options.max = one_of(item, value, "max", "min");
            else if (key == "builder-id")
                options.builder_id = value;
            else if (key == "reproducible")
                options.reproducible = one_of(item, value, "true", "false");
            else if (key == "disabled")
                wanted = !one_of(item, value, "true", "false");
            else if ((key == "version" && value != version) || !is_known(key))
                refuse(item);
        }
        return wanted ? std::optional(options) : std::nullopt;
    }

  private:
    // Some are for builds that write files instead of images.
    static bool is_known(const std::string &key) {
        return key == "version" || key == "type" || key == "filename" || key == "inline-only";
    }

    [[nodiscard]] bool one_of(const std::string &item, const std::string &value, const char *yes,
                              const char *no) const {
        if (value != yes && value != no)
            refuse(item);
        return value == yes;
    }

    [[noreturn]] void refuse(const std::string &item) const {
        throw base::Error(what_ + " is \"" + text_ + "\", in which \"" + item + "\" means nothing",
                          "give true, false, mode=min or mode=max, with builder-id=URL or reproducible=true");
    }

    const std::string text_;
    const std::string &what_;
};

} // namespace

std::optional<ProvenanceOptions> parse_provenance(std::string_view text, const std::string &what) {
    if (text.empty() || text == "false" || text == "0")
        return std::nullopt;
    if (text == "true" || text == "1")
        return ProvenanceOptions{};
    return Parser(text, what).run();
}

} // namespace build
