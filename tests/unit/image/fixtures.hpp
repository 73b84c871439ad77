// What the image tests share: a store in a directory of its own, and tar archives made by hand, honest or
// not.
#pragma once

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/paths.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/tar_entry.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace image::test {

// Removed with the object.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        const char *base_directory = std::getenv("COMPOSE_TEST_DIR");
        path_ = base::fs::path(base_directory == nullptr ? "/dev/shm" : base_directory)
                / ("compose-image-" + base::random_hex(12));
        base::make_dirs(path_);
    }

    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;

    ~TemporaryDirectory() { base::remove_tree(path_); }

    [[nodiscard]] const base::fs::path &path() const { return path_; }

    [[nodiscard]] base::Paths paths() const { return {path_ / "state", path_ / "run"}; }

  private:
    base::fs::path path_;
};

// Writes members as told, whatever they are.
class TarBuilder {
  public:
    using Pax = std::vector<std::pair<std::string, std::string>>;

    TarBuilder &file(const std::string &name, std::string_view content, unsigned mode = 0644) {
        return member(name, '0', content, "", mode);
    }

    TarBuilder &directory(const std::string &name, unsigned mode = 0755) {
        return member(name, '5', "", "", mode);
    }

    TarBuilder &symlink(const std::string &name, const std::string &target) {
        return member(name, '2', "", target, 0777);
    }

    TarBuilder &hard_link(const std::string &name, const std::string &target) {
        return member(name, '1', "", target, 0644);
    }

    TarBuilder &device(const std::string &name, char type, unsigned major, unsigned minor) {
        major_ = major;
        minor_ = minor;
        return member(name, type, "", "", 0600);
    }

    // Records for the next member.
    TarBuilder &pax(const Pax &records) {
        std::string text;
        for (const auto &[key, value] : records) {
            const std::size_t body = key.size() + value.size() + 3;
            std::size_t length = body + std::to_string(body).size();
            length = body + std::to_string(length).size();
            text += std::to_string(length) + " " + key + "=" + value + "\n";
        }
        return member("PaxHeaders/x", 'x', text, "", 0644);
    }

    TarBuilder &owner(unsigned uid, unsigned gid) {
        uid_ = uid;
        gid_ = gid;
        return *this;
    }

    TarBuilder &member(const std::string &name, char type, std::string_view content, const std::string &link,
                       unsigned mode) {
        raw_header(name, type, content.size(), link, mode);
        data_ += content;
        data_.append((512 - content.size() % 512) % 512, '\0');
        return *this;
    }

    // A header that promises size bytes which the caller may or may not append.
    TarBuilder &raw_header(const std::string &name, char type, std::uint64_t size, const std::string &link,
                           unsigned mode) {
        char block[512] = {};
        std::memcpy(block, name.data(), std::min<std::size_t>(name.size(), 100));
        std::snprintf(block + 100, 8, "%07o", mode);
        std::snprintf(block + 108, 8, "%07o", uid_);
        std::snprintf(block + 116, 8, "%07o", gid_);
        std::snprintf(block + 124, 12, "%011llo", static_cast<unsigned long long>(size));
        std::snprintf(block + 136, 12, "%011o", 1000000000U);
        std::memcpy(block + 157, link.data(), std::min<std::size_t>(link.size(), 100));
        block[156] = type;
        std::memcpy(block + 257, "ustar\00000", 8);
        std::snprintf(block + 329, 8, "%07o", major_);
        std::snprintf(block + 337, 8, "%07o", minor_);
        std::memset(block + 148, ' ', 8);
        unsigned sum = 0;
        for (const char c : block)
            sum += static_cast<unsigned char>(c);
        std::snprintf(block + 148, 8, "%06o", sum);
        data_.append(block, sizeof block);
        major_ = minor_ = 0;
        return *this;
    }

    TarBuilder &raw(std::string_view bytes) {
        data_ += bytes;
        return *this;
    }

    [[nodiscard]] std::string finish() const { return data_ + std::string(1024, '\0'); }

    [[nodiscard]] const std::string &unfinished() const { return data_; }

  private:
    std::string data_;
    unsigned uid_ = 0;
    unsigned gid_ = 0;
    unsigned major_ = 0;
    unsigned minor_ = 0;
};

inline base::UniqueFd memory_file(std::string_view data) {
    return base::make_memfd("test", data.data(), data.size());
}

} // namespace image::test
