// The phases around interpolation, in the order load() runs them. Each works on the tree in place, adds what
// is wrong to the diagnostics and leaves a tree the next phase can still read, so that one run shows every
// error.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/load.hpp"
#include "compose/model.hpp"
#include "compose/node.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace compose {

// Warns of strings without quotes that YAML 1.1 reads as booleans or numbers in base 60 (no, 22:22). Runs
// before interpolation, on what is written.
void check_plain_scalars(const Node &file, Diagnostics &diagnostics);

// Unknown attributes, wrong types and attributes that are not supported yet, of one interpolated file. What
// has a value in `before`, the files merged so far, may be nothing here: merging keeps the value.
void check_schema(const Node &file, Diagnostics &diagnostics, const Node *before = nullptr);

// Whether what several files may give together is complete, such as the condition of a dependency.
void check_complete(const Node &merged, Diagnostics &diagnostics);

// Whether variables have their values already, or stay as they are written (config --no-interpolate).
enum class Values { interpolated, as_written };

// What ranges of ports may grow to, in all files together: "1-65535" is one line.
struct PortBudget {
    static constexpr std::size_t whole = 100'000;
    std::size_t left = whole;
    bool exceeded = false; // and reported
};

// Short forms become long forms, so that merging meets one shape per attribute. Tags are kept, no default is
// added. Runs on each file before it is merged. Values that
// are as written keep their form; only what becomes an object changes.
void canonicalise(Node &file, Diagnostics &diagnostics, Values values, PortBudget &budget);
void canonicalise(Node &file, Diagnostics &diagnostics, Values values = Values::interpolated);

struct NormaliseContext {
    std::string project_name;
    std::filesystem::path project_directory;
    const std::map<std::string, std::string> &environment;
    const LoadOptions &options;
    // "secrets.NAME" and "configs.NAME" whose variable only the environment of an included file sets.
    std::map<std::string, std::string> included_contents = {};
};

// Names, the implicit default network, absolute paths, env_file resolution, implicit dependencies and the
// defaults Docker Compose prints.
void normalise(Node &merged, const NormaliseContext &context, Diagnostics &diagnostics);

// Cross references, exclusive attributes, cycles and duplicates, of the services that profiles enable.
void validate(const Node &normalised, const NormaliseContext &context, Diagnostics &diagnostics);

// The typed model. Applies the profile filter.
[[nodiscard]] Project decode(const Node &normalised, const NormaliseContext &context);

// Leaves what `config` prints, in Docker Compose's order: drops disabled services, unused networks and the
// like (unless all_resources), and empty values. Runs last, also with no_normalize.
void present(Node &normalised, const NormaliseContext &context);

} // namespace compose
