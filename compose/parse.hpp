// YAML text to trees. Anchors, aliases and << are resolved here; locations point at what was written, for an
// alias at the anchor's text. Bounded: no file, however hostile, makes more than `max_nodes` nodes or
// `max_text` bytes of scalars.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/node.hpp"
#include "compose/source.hpp"

#include <memory>
#include <vector>

namespace compose {

struct ParseLimits {
    std::size_t max_nodes = 100'000; // alias expansions and kept anchors count
    std::size_t max_text = std::size_t{32} << 20;
    std::size_t max_depth = 64;
};

// The documents of one file as yaml-cpp reads them.
[[nodiscard]] std::vector<Node> parse_any_yaml(const std::shared_ptr<const Source> &source,
                                               Diagnostics &diagnostics, const ParseLimits &limits = {});

// The documents of one file in order, each a mapping; empty documents are left out. What is wrong is added to
// the diagnostics: after a syntax error the documents before it are returned.
[[nodiscard]] std::vector<Node> parse_yaml(const std::shared_ptr<const Source> &source,
                                           Diagnostics &diagnostics, const ParseLimits &limits = {});

} // namespace compose
