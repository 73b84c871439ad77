// The build checks: warnings about what is allowed and better done otherwise, by the names BuildKit gave
// them.
// `# check=skip=NAME,...;error=true` configures them.
#pragma once

#include "base/diagnostic.hpp"
#include "engine/build/directives.hpp"

#include <set>
#include <string>
#include <vector>

namespace build {

namespace check {

inline constexpr const char *consistent_instruction_casing = "ConsistentInstructionCasing";
inline constexpr const char *copy_ignored_file = "CopyIgnoredFile";
inline constexpr const char *duplicate_stage_name = "DuplicateStageName";
inline constexpr const char *expose_invalid_format = "ExposeInvalidFormat";
inline constexpr const char *expose_proto_casing = "ExposeProtoCasing";
inline constexpr const char *from_as_casing = "FromAsCasing";
inline constexpr const char *from_platform_constant = "FromPlatformFlagConstDisallowed";
inline constexpr const char *invalid_base_platform = "InvalidBaseImagePlatform";
inline constexpr const char *invalid_default_arg = "InvalidDefaultArgInFrom";
inline constexpr const char *invalid_definition_description = "InvalidDefinitionDescription";
inline constexpr const char *json_args_recommended = "JSONArgsRecommended";
inline constexpr const char *legacy_key_value_format = "LegacyKeyValueFormat";
inline constexpr const char *maintainer_deprecated = "MaintainerDeprecated";
inline constexpr const char *multiple_instructions = "MultipleInstructionsDisallowed";
inline constexpr const char *no_empty_continuation = "NoEmptyContinuation";
inline constexpr const char *redundant_target_platform = "RedundantTargetPlatform";
inline constexpr const char *reserved_stage_name = "ReservedStageName";
inline constexpr const char *secrets_used = "SecretsUsedInArgOrEnv";
inline constexpr const char *stage_name_casing = "StageNameCasing";
inline constexpr const char *undefined_arg_in_from = "UndefinedArgInFrom";
inline constexpr const char *undefined_var = "UndefinedVar";
inline constexpr const char *workdir_relative_path = "WorkdirRelativePath";

} // namespace check

class Checks {
  public:
    // Everything is checked, and nothing is an error.
    Checks() = default;
    // A malformed directive is an error.
    Checks(const std::optional<Directive> &directive, base::Diagnostics &diagnostics);

    // Warns, with the check's name, unless it is skipped; an error where the file wants it so.
    void report(base::Diagnostics &diagnostics, const char *name, const base::Location &location,
                const std::string &message, std::string hint) const;

    // Whether the file asks for a check that is not made otherwise.
    [[nodiscard]] bool is_experimental(const std::string &name) const {
        return experimental_.contains(name) || experimental_.contains("all");
    }

  private:
    void configure(const std::string &option, const Directive &directive, base::Diagnostics &diagnostics);

    std::set<std::string> skipped_, experimental_;
    bool all_skipped_ = false;
    bool errors_ = false;
};

// Whether a variable of that name looks as if it held a secret: API_KEY does, KEY_FILE does not.
[[nodiscard]] bool names_secret(std::string_view variable);

} // namespace build
