// A Dockerfile and the plan of it, .dockerignore, and addresses of sources: no input crashes, hangs or grows
// without bound. What the parser accepts the planner must accept or report.
#include "base/error.hpp"
#include "engine/build/file_checks.hpp"
#include "engine/build/file_mode.hpp"
#include "engine/build/ignore_rules.hpp"
#include "engine/build/parse.hpp"
#include "engine/build/plan.hpp"
#include "engine/build/remote_source.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto source = std::make_shared<base::Source>(
        base::Source{"Dockerfile", std::string(reinterpret_cast<const char *>(data), size)});
    base::Diagnostics diagnostics;
    const build::Dockerfile file = build::parse_dockerfile(source, diagnostics);

    build::BuildRequest request;
    request.args = {{"HTTP_PROXY", "http://proxy"}, {"A", "some value"}, {"B", "a/b/c.tar.gz"}};
    request.build_platform = request.target_platform = image::Platform::parse("linux/amd64");
    request.contexts = {"ctx"};
    const auto config_of = [](const build::Origin &origin) {
        image::ImageConfig config;
        config.env = {"PATH=/bin", "V=value"};
        if (origin.name == "trigger")
            config.on_build = {"RUN x", "COPY --from=a b c"};
        return config;
    };
    static_cast<void>(build::images_needed(file, request, diagnostics));
    static_cast<void>(build::make_plan(file, request, config_of, diagnostics));

    base::Diagnostics ignored;
    const build::IgnoreRules rules(source, ignored);
    static_cast<void>(rules.ignores("a/b/c.txt"));
    static_cast<void>(rules.ignores_all_below("a/b"));

    build::check_ignored_files(file, rules, diagnostics);
    try {
        static_cast<void>(build::parse_git_context(source->text));
    } catch (const base::Error &) {
        // A query that means nothing.
    }
    static_cast<void>(build::name_of_web_file("http://" + source->text));
    static_cast<void>(build::without_login(source->text));
    if (const auto mode = build::FileMode::parse(source->text))
        static_cast<void>(mode->apply(0644, false));

    for (const base::Diagnostic &diagnostic : diagnostics.sorted())
        static_cast<void>(base::render(diagnostic, false));
    return 0;
}
