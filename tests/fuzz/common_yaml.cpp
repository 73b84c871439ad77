// What the reader of common YAML reads is the tree that yaml-cpp reads, with every place and without a word
// of complaint.
#include "compose/common_yaml.hpp"

#include "compose/read_source.hpp"
#include "unit/compose/same_tree.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace compose;
    Diagnostics diagnostics;
    const auto source = check_source(std::string(reinterpret_cast<const char *>(data), size), "compose.yaml",
                                     SourceKind::yaml, diagnostics);
    if (source == nullptr)
        return 0;
    const std::optional<Node> common = parse_common_yaml(source, diagnostics);
    if (!common)
        return 0; // a limit, perhaps: both have the same
    const std::vector<Node> any = parse_any_yaml(source, diagnostics);
    if (!diagnostics.all().empty() || any.size() != 1 || !test::same_tree(*common, any.front()))
        std::abort();
    return 0;
}
