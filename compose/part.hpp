// What is read together: the files of the project, or those of one `include`.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace compose {

struct Part {
    std::string file;                // the first of them, absolute, or "-"
    std::filesystem::path directory; // where relative paths begin, absolute
    std::map<std::string, std::string> environment;
    const Part *includer = nullptr; // that of the file that includes these
};

} // namespace compose
