// The files that others name by extends and include: each is read and parsed once, and knows where it was
// named, so that an error in it can show the way there. Bounded: however the files name each other, what is
// made of them weighs no more than `most`.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/disk.hpp"
#include "compose/node.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace compose {

class SourceFiles {
  public:
    static constexpr std::size_t most = 1'000'000;

    SourceFiles(const Disk &disk, std::filesystem::path working_dir)
        : disk_(disk), working_dir_(std::move(working_dir)) {}

    // Who names a file: the value at `location`, whose path in the model is `attribute`.
    struct Reference {
        Location location;
        std::string attribute;
        std::string note; // what an error in the file says of this place, e.g. "included here"
    };

    // The documents of a file, as they are written. nullptr when it can't be read or parsed; the reason is
    // then among the diagnostics.
    [[nodiscard]] const std::vector<Node> *open(const std::filesystem::path &path, const Reference &from,
                                                Diagnostics &diagnostics);

    // The text of an env file; nullptr as above.
    [[nodiscard]] std::shared_ptr<const Source>
    open_env_file(const std::filesystem::path &path, const Reference &from, Diagnostics &diagnostics);

    [[nodiscard]] bool has_file(const std::filesystem::path &path) const { return disk_.has_file(path); }

    [[nodiscard]] std::string shown(const std::filesystem::path &path) const {
        return shown_path(path, working_dir_);
    }

    // A copy of this weight is about to be made. False, with an error, when that is too much.
    [[nodiscard]] bool charge(std::size_t weight, const Location &at, Diagnostics &diagnostics);

    // It was too much before: what is missing now is no one's mistake.
    [[nodiscard]] bool exhausted() const { return charged_ > most; }

    // Adds the way from the first file to each diagnostic in another.
    void explain(Diagnostics &diagnostics) const;

  private:
    [[nodiscard]] std::shared_ptr<const Source> read(const std::filesystem::path &path, SourceKind kind,
                                                     const Reference &from, Diagnostics &diagnostics);

    // Else with an error at each place that names it.
    [[nodiscard]] bool is_there(const std::filesystem::path &path, const Reference &from,
                                Diagnostics &diagnostics) const;

    const Disk &disk_;
    std::filesystem::path working_dir_;
    std::map<std::filesystem::path, std::optional<std::vector<Node>>> parsed_; // nullopt: wrong, and reported
    std::map<std::shared_ptr<const Source>, Note> origins_;                    // where a file was named first
    std::size_t charged_ = 0;
};

// The number of nodes from this one down, where a long text counts as several.
[[nodiscard]] std::size_t weight(const Node &node);

} // namespace compose
