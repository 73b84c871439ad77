// Both env file grammars and the expansion of variables on arbitrary bytes.
#include "compose/dotenv.hpp"
#include "compose/read_source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace compose;
    Diagnostics diagnostics;
    const auto source = check_source(std::string(reinterpret_cast<const char *>(data), size), ".env",
                                     SourceKind::env_file, diagnostics);
    if (source == nullptr)
        return 0;
    const Lookup lookup = [](const std::string &name) -> const std::string * {
        static const std::string value = "$value";
        return name.size() == 1 ? &value : nullptr;
    };
    (void)parse_env_file(source, lookup, diagnostics);
    (void)parse_raw_env_file(source, lookup, diagnostics);
    for (const Diagnostic &each : diagnostics.sorted())
        (void)render(each, false);
    return 0;
}
