// The YAML that Compose files are mostly written in, read ten times as fast as by yaml-cpp: one document of
// block mappings and lists, scalars and flow collections of one line, comments, anchors and aliases. Whatever
// is something else, wrong or only unusual is not read at all and left to yaml-cpp, which also has the words
// for what is wrong. Pure; what is read is the same tree, place by place (tests/fuzz/common_yaml.cpp).
#pragma once

#include "compose/node.hpp"
#include "compose/parse.hpp"

#include <memory>
#include <optional>

namespace compose {

// The document; nullopt: to be read by yaml-cpp, unless there is an error now, that a limit is passed.
[[nodiscard]] std::optional<Node> parse_common_yaml(const std::shared_ptr<const Source> &source,
                                                    Diagnostics &diagnostics, const ParseLimits &limits = {});

} // namespace compose
