#include "supervisor/log_file.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

#include <algorithm>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace supervisor {

namespace {

namespace fs = std::filesystem;

fs::path rotated(const fs::path &directory, int index) {
    return directory / ("log." + std::to_string(index));
}

} // namespace

LogFile::LogFile(fs::path directory, LogLimits limits) : directory_(std::move(directory)), limits_(limits) {
    open();
}

void LogFile::open() {
    fd_ = base::open_file(directory_ / "log", O_WRONLY | O_CREAT | O_APPEND, 0640);
    size_ = static_cast<std::uint64_t>(
        base::check(::lseek(fd_.get(), 0, SEEK_END), "measure log", directory_.string()));
}

bool LogFile::rotate_for(std::size_t coming) {
    if (size_ == 0 || size_ + coming <= max_size())
        return false;
    std::error_code ignored;
    if (limits_.max_files <= 1) {
        fs::remove(directory_ / "log", ignored);
    } else {
        fs::remove(rotated(directory_, limits_.max_files - 1), ignored);
        for (int i = limits_.max_files - 2; i >= 1; --i)
            fs::rename(rotated(directory_, i), rotated(directory_, i + 1), ignored);
        fs::rename(directory_ / "log", rotated(directory_, 1));
    }
    open();
    return true;
}

void LogFile::append(std::string_view records) {
    base::write_all(fd_.get(), records, (directory_ / "log").string());
    size_ += records.size();
}

void LogFile::truncate(std::uint64_t size) {
    if (size >= size_)
        return;
    base::check(::ftruncate(fd_.get(), static_cast<off_t>(size)), "cut log", directory_.string());
    size_ = size;
}

std::vector<fs::path> LogFile::files(const fs::path &directory) {
    std::vector<fs::path> result;
    int oldest = 0;
    for (std::error_code none; fs::exists(rotated(directory, oldest + 1), none);)
        ++oldest;
    for (int i = oldest; i >= 1; --i)
        result.push_back(rotated(directory, i));
    result.push_back(directory / "log");
    return result;
}

} // namespace supervisor
