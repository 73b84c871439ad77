#include "engine/container/init_program.hpp"

#include "base/digest.hpp"
#include "base/file.hpp"

#include <string_view>

extern "C" {
extern const char compose_init_begin[];
extern const char compose_init_end[];
}

namespace container {

std::filesystem::path install_init(const base::Paths &paths) {
    const std::string_view program(compose_init_begin,
                                   static_cast<std::size_t>(compose_init_end - compose_init_begin));
    static const std::string name = "init-" + base::sha256_hex(program).substr(0, 16);
    const std::filesystem::path directory = paths.state() / "lib";
    std::filesystem::path path = directory / name;
    if (!std::filesystem::exists(path)) {
        base::make_dirs(directory);
        base::write_file_atomic(path, program, 0755);
    }
    return path;
}

} // namespace container
