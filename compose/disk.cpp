#include "compose/disk.hpp"

namespace compose {

namespace {

class FileSystem final : public Disk {
  public:
    [[nodiscard]] bool has_file(const std::filesystem::path &path) const override {
        std::error_code ignored;
        return std::filesystem::exists(path, ignored) && !std::filesystem::is_directory(path, ignored);
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
