#include "verbs/output_file.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "terminal/terminal.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace cli {

void write_output(const std::string &path, const std::function<void(int, const std::string &)> &write) {
    if (path.empty()) {
        if (is_terminal(STDOUT_FILENO))
            throw base::Error("refusing to write an archive to the terminal",
                              "give -o FILE, or redirect the output");
        write(STDOUT_FILENO, "standard output");
        return;
    }
    const std::string temporary = path + ".part";
    try {
        const base::UniqueFd file = base::open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        write(file.get(), path);
        std::filesystem::rename(temporary, path);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

} // namespace cli
