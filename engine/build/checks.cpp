#include "engine/build/checks.hpp"

#include "base/suggest.hpp"
#include "engine/build/text.hpp"

#include <algorithm>
#include <array>

namespace build {

namespace {

const std::vector<std::string> all_checks{check::consistent_instruction_casing,
                                          check::copy_ignored_file,
                                          check::duplicate_stage_name,
                                          check::expose_invalid_format,
                                          check::expose_proto_casing,
                                          check::from_as_casing,
                                          check::from_platform_constant,
                                          check::invalid_base_platform,
                                          check::invalid_default_arg,
                                          check::invalid_definition_description,
                                          check::json_args_recommended,
                                          check::legacy_key_value_format,
                                          check::maintainer_deprecated,
                                          check::multiple_instructions,
                                          check::no_empty_continuation,
                                          check::redundant_target_platform,
                                          check::reserved_stage_name,
                                          check::secrets_used,
                                          check::stage_name_casing,
                                          check::undefined_arg_in_from,
                                          check::undefined_var,
                                          check::workdir_relative_path};

constexpr std::array secret_words{"apikey",   "auth",  "credential", "credentials", "key",
                                  "password", "pword", "passwd",     "secret",      "token"};
constexpr std::array harmless_words{"public", "file", "version"};

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.emplace_back(trim(text.substr(0, end)));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

template <std::size_t N>
bool is_one_of(const std::array<const char *, N> &words, const std::string &word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

} // namespace

Checks::Checks(const std::optional<Directive> &directive, base::Diagnostics &diagnostics) {
    if (!directive)
        return;
    for (const std::string &option : split(directive->value, ';'))
        configure(option, *directive, diagnostics);
}

void Checks::configure(const std::string &option, const Directive &directive,
                       base::Diagnostics &diagnostics) {
    const std::size_t equals = option.find('=');
    const std::string key(trim(std::string_view(option).substr(0, equals)));
    const std::string value(equals == std::string::npos ? std::string_view()
                                                        : trim(std::string_view(option).substr(equals + 1)));
    if (key == "error" && (is_true(value) || is_false(value))) {
        errors_ = is_true(value);
    } else if ((key == "skip" || key == "experimental") && !value.empty()) {
        for (const std::string &name : split(value, ',')) {
            if (name != "all" && std::find(all_checks.begin(), all_checks.end(), name) == all_checks.end())
                diagnostics.warning(directive.location, {}, "there is no check \"" + name + "\"",
                                    base::did_you_mean(name, all_checks));
            (key == "skip" ? skipped_ : experimental_).insert(name);
        }
        all_skipped_ = skipped_.contains("all");
    } else {
        diagnostics.error(directive.location, {}, "\"" + option + "\" is no option of the check directive",
                          "write `# check=skip=NAME,NAME;error=true`");
    }
}

void Checks::report(base::Diagnostics &diagnostics, const char *name, const base::Location &location,
                    const std::string &message, std::string hint) const {
    if (all_skipped_ || skipped_.contains(name))
        return;
    const std::string text = message + " (" + name + ")";
    if (errors_)
        diagnostics.error(location, {}, text, std::move(hint));
    else
        diagnostics.warning(location, {}, text, std::move(hint));
}

bool names_secret(std::string_view variable) {
    bool secret = false;
    for (const std::string &word : split(lower(variable), '_')) {
        if (is_one_of(harmless_words, word))
            return false;
        secret = secret || is_one_of(secret_words, word);
    }
    return secret;
}

} // namespace build
