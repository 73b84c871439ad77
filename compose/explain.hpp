// Where a value of the loaded model comes from: `config --explain PATH`. Pure.
#pragma once

#include "compose/load.hpp"

#include <string>
#include <vector>

namespace compose {

struct Explanation {
    std::string path;               // "services.web.ports[0].target"
    std::string value;              // on one line, as YAML
    Location location;              // unknown when no file gives it
    std::vector<Location> replaced; // what it overrode, the latest first

    struct Variable {
        std::string name;
        std::string value;
        Location location; // unknown: from the environment
    };

    std::vector<Variable> variables; // that its text uses
};

// The value at path or, for a mapping or list, every value below it. Keys may hold dots: the longest that
// fits is taken. @throws base::Error when there is no such path, with what is near.
[[nodiscard]] std::vector<Explanation> explain(const Loaded &loaded, const std::string &path);

} // namespace compose
