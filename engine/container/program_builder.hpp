// Builds a ChildProgram: owns the strings, descriptors and tables that the child will use. Must stay alive,
// and in place, until the child has executed its program or is gone.
#pragma once

#include "base/fd.hpp"
#include "engine/container/child_program.hpp"

#include <deque>
#include <string>
#include <vector>

namespace container {

class ProgramBuilder {
  public:
    ProgramBuilder() = default;
    ProgramBuilder(const ProgramBuilder &) = delete;
    ProgramBuilder &operator=(const ProgramBuilder &) = delete;

    // Slots name descriptors. Owned ones are closed here once the child has its copies.
    [[nodiscard]] int own(base::UniqueFd fd);
    [[nodiscard]] int borrow(int fd);
    [[nodiscard]] int empty_slot();

    // A copy that lives as long as this.
    [[nodiscard]] char *text(std::string value);
    [[nodiscard]] char *const *texts(const std::vector<std::string> &values);

    Step &add(Op op, StartStage stage);
    Step &add(Op op, StartStage stage, std::string a);
    Step &add_slot(Op op, StartStage stage, int slot);

    // Descriptors above are kept in the child, and these; call last.
    void seal(std::vector<int> more);
    void close_owned();

    // What step `index` was about.
    [[nodiscard]] std::string subject(std::size_t index) const;

    ChildProgram program;
    std::vector<gid_t> groups;
    std::vector<rlimit> limits;
    std::vector<sock_filter> filter;
    sock_fprog filter_program{};

  private:
    std::vector<Step> steps_;
    std::vector<int> slots_;
    std::vector<base::UniqueFd> owned_;
    std::deque<std::string> texts_;
    std::deque<std::vector<char *>> arrays_;
    std::vector<DescriptorRange> gaps_;
};

} // namespace container
