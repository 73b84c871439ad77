// The keeper's executable as data: KEEPER_BINARY is the path of the built program.
#include "engine/container/keeper/keeper_blob.hpp"

asm(".section .rodata\n"
    ".balign 16\n"
    ".global compose_keeper_begin\n"
    "compose_keeper_begin:\n"
    ".incbin \"" KEEPER_BINARY "\"\n"
    ".global compose_keeper_end\n"
    "compose_keeper_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char compose_keeper_begin[];
extern const char compose_keeper_end[];
}

namespace container {

std::string_view keeper_executable() {
    return {compose_keeper_begin, static_cast<std::size_t>(compose_keeper_end - compose_keeper_begin)};
}

} // namespace container
