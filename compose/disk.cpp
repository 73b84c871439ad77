#include "compose/disk.hpp"

#include <algorithm>

namespace compose {

namespace {

// For "did you mean"; a directory of more is no place one knows by heart.
constexpr std::size_t most_names = 1000;

class FileSystem final : public Disk {
  public:
    [[nodiscard]] bool has_file(const std::filesystem::path &path) const override {
        std::error_code ignored;
        return std::filesystem::exists(path, ignored) && !std::filesystem::is_directory(path, ignored);
    }

    [[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path &directory) const override {
        std::vector<std::string> names;
        std::error_code ignored;
        std::filesystem::directory_iterator entry(directory, ignored);
        for (; entry != std::filesystem::directory_iterator() && names.size() < most_names;
             entry.increment(ignored))
            names.push_back(entry->path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }

    [[nodiscard]] std::shared_ptr<const Source> read(const std::filesystem::path &path, std::string shown,
                                                     SourceKind kind,
                                                     Diagnostics &diagnostics) const override {
        return read_source(path, std::move(shown), kind, diagnostics);
    }
};

} // namespace

const Disk &file_system() {
    static const FileSystem instance;
    return instance;
}

} // namespace compose
