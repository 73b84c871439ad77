// Programs of other processors: whether the kernel has an interpreter for them (binfmt_misc, as a rule with
// qemu).
#pragma once

#include "engine/image/platform.hpp"

#include <string>
#include <string_view>

namespace image {

// Whether this machine runs programs of the platform, by itself or by an interpreter. True when that can't be
// found out: starting one tells. Reads binfmt_misc, mounted or not.
[[nodiscard]] bool can_run(const Platform &platform);

// What the user can do where it can't.
[[nodiscard]] std::string emulation_hint(const Platform &platform);

// How a program of the platform begins; empty for one whose ELF header is not known.
[[nodiscard]] std::string elf_header(const Platform &platform);

// Whether a record of binfmt_misc is enabled and means programs that begin so.
[[nodiscard]] bool interprets(std::string_view record, std::string_view header);

} // namespace image
