#include "engine/build/sbom.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/build/in_toto.hpp"

namespace build {

namespace {

using base::Json;

constexpr const char *spdx = "https://spdx.dev/Document";
constexpr const char *statement_types = "https://in-toto.io/Statement/"; // with the version behind it

bool is_statement(const Json &json) {
    return base::json_or<std::string>(json, "_type", "").starts_with(statement_types);
}

} // namespace

SbomDocument parse_sbom_document(std::string_view text, const std::string &subject) {
    const Json json = base::parse_json(text, subject);
    if (!json.is_object())
        throw base::Error(subject + " is no JSON object");
    if (!is_statement(json))
        return {spdx, base::dump_json(json)};
    const auto predicate = json.find("predicate");
    if (predicate == json.end() || !predicate->is_object())
        throw base::Error(subject + " is a statement without a predicate");
    return {base::json_or<std::string>(json, "predicateType", spdx), base::dump_json(*predicate)};
}

std::string join_sbom_documents(const std::vector<SbomDocument> &documents) {
    Json list = Json::array();
    for (const SbomDocument &document : documents)
        list.push_back(Json::array({document.predicate_type, document.predicate}));
    return base::dump_json(list);
}

std::vector<SbomDocument> split_sbom_documents(std::string_view text) {
    const std::string subject = "the cached sbom";
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    const auto pairs = base::json_as<Pairs>(base::parse_json(text, subject));
    if (!pairs || pairs->empty())
        throw base::Error(subject + " is damaged");
    std::vector<SbomDocument> documents;
    documents.reserve(pairs->size());
    for (const auto &[type, predicate] : *pairs)
        documents.push_back({type, predicate});
    return documents;
}

std::vector<image::Statement> sbom_statements(const std::vector<SbomDocument> &documents,
                                              const std::vector<image::Reference> &names,
                                              const image::Descriptor &image) {
    std::vector<image::Statement> statements;
    statements.reserve(documents.size());
    for (const SbomDocument &document : documents)
        statements.push_back(statement_about(names, image, document.predicate_type,
                                             base::parse_json(document.predicate, "the sbom")));
    return statements;
}

} // namespace build
