// A template and what it makes of some data: no input crashes, hangs or grows without bound.
#include "base/error.hpp"
#include "base/json.hpp"
#include "go_template/template.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const base::Json row{{"A", "some text"},
                         {"B", 42},
                         {"C", -1.5},
                         {"D", true},
                         {"L", {"a", "b", "c"}},
                         {"M", {{"k", "v"}, {"n", nullptr}, {"o", {{"p", 1}}}}},
                         {go_template::method("Label"), {{"key", "value"}}}};
    try {
        const go_template::Template parsed(std::string(reinterpret_cast<const char *>(data), size));
        try {
            static_cast<void>(parsed.render(row));
        } catch (const base::Error &) {
            // Of the data.
        }
        static_cast<void>(parsed.header({{"A", "AN A"}, {"B", "A B"}}));
    } catch (const base::Error &) {
        // No template.
    }
    return 0;
}
