// The value of --chmod: "755", or "u=rwX,go=rX" as chmod(1) takes it. Pure.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

namespace build {

class FileMode {
  public:
    // nullopt for what is neither.
    [[nodiscard]] static std::optional<FileMode> parse(std::string_view text);

    // The permission bits of a file that has `mode`.
    [[nodiscard]] mode_t apply(mode_t mode, bool is_directory) const;

  private:
    // One operation of a clause, e.g. the "=rw" of "u=rw".
    struct Change {
        mode_t whom = 0; // the bits it may touch
        char operation = '=';
        mode_t bits = 0;              // for everybody; whom chooses
        bool executable_only = false; // "X"
        char copied_from = 0;         // 'u', 'g', 'o': the bits that these have
    };

    [[nodiscard]] static bool parse_clause(std::string_view clause, std::vector<Change> &changes);

    std::optional<mode_t> whole_; // octal
    std::vector<Change> changes_;
};

} // namespace build
