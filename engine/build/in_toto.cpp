#include "engine/build/in_toto.hpp"

#include "base/json.hpp"

namespace build {

namespace {

using base::Json;

constexpr const char *statement_type = "https://in-toto.io/Statement/v1";

} // namespace

std::string package_url(const image::Reference &name, const image::Platform &platform) {
    std::string text = "pkg:docker/" + name.familiar_repository();
    if (!name.tag.empty())
        text += "@" + name.tag;
    text += name.digest.empty() ? "?" : "?digest=" + name.digest + "&";
    text += "platform=";
    for (const char c : platform.text())
        text += c == '/' ? std::string("%2F") : std::string(1, c);
    return text;
}

image::Statement statement_about(const std::vector<image::Reference> &names, const image::Descriptor &image,
                                 const std::string &predicate_type, Json predicate) {
    const Json digest{{"sha256", image.digest.substr(image.digest.find(':') + 1)}};
    Json subjects = Json::array();
    for (const image::Reference &name : names)
        subjects.push_back(
            {{"name", package_url(name, image.platform.value_or(image::Platform{}))}, {"digest", digest}});
    if (subjects.empty())
        subjects.push_back({{"name", "_"}, {"digest", digest}});
    return {predicate_type, base::dump_json({{"_type", statement_type},
                                             {"predicateType", predicate_type},
                                             {"subject", std::move(subjects)},
                                             {"predicate", std::move(predicate)}})};
}

} // namespace build
