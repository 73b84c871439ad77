// The whole load pipeline on arbitrary bytes: it may refuse them, but neither crash nor take long. The bytes
// are one Compose file; what comes after a form feed is a second one, merged over it.
#include "compose/interpolate.hpp"
#include "compose/merge.hpp"
#include "compose/parse.hpp"
#include "compose/phases.hpp"
#include "compose/read_source.hpp"

#include <string>

namespace {

const std::map<std::string, std::string> environment{{"A", "value"}, {"E", ""}, {"N", "8080"}};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace compose;
    const std::string text(reinterpret_cast<const char *>(data), size);
    const std::size_t split = std::min(text.find('\f'), text.size());
    Diagnostics diagnostics;
    Interpolator interpolator(environment, diagnostics);
    LoadOptions options;
    options.working_dir = "/nonexistent";
    const NormaliseContext context{"fuzz", options.working_dir, environment, options};
    Node merged = Node::mapping();
    for (const std::string &part : {text.substr(0, split), text.substr(std::min(split + 1, text.size()))}) {
        const auto source = check_source(part, "compose.yaml", SourceKind::yaml, diagnostics);
        if (source == nullptr)
            continue;
        for (Node &document : parse_yaml(source, diagnostics)) {
            interpolator.interpolate(document);
            check_schema(document, diagnostics);
            canonicalise(document, diagnostics);
            merge(merged, std::move(document), diagnostics);
        }
    }
    normalise(merged, context, diagnostics);
    validate(merged, context, diagnostics);
    if (!diagnostics.has_errors()) {
        (void)decode(merged, context, diagnostics);
        present(merged, context);
    }
    for (const Diagnostic &each : diagnostics.sorted())
        (void)render(each, false);
    return 0;
}
