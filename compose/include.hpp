// The `include` of one document: what it asks for, and how the resources of an included project join those of
// the document. Pure.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/node.hpp"
#include "compose/phases.hpp"

#include <optional>
#include <string>
#include <vector>

namespace compose {

// A path as it is written, with its place in the file and in the model.
struct WrittenPath {
    std::string text;
    Location location;
    std::string attribute; // "include[0].path[1]"
};

struct Include {
    std::vector<WrittenPath> files; // at least one; the later ones go over the first
    std::optional<WrittenPath> directory;
    std::vector<WrittenPath> env_files; // empty: the directory's .env
};

// Takes the attribute out of the document. What is not of the type it should be is left out: the schema
// tells.
[[nodiscard]] std::vector<Include> take_includes(Node &document);

// Copies services, networks and the like. What the document defines itself goes over what is included, with a
// warning when that changes it; the same thing included over two ways is one.
void import_resources(Node &document, Node included, Diagnostics &diagnostics, Values values);

} // namespace compose
