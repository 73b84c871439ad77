#include "engine/container/program_builder.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace container {

int ProgramBuilder::own(base::UniqueFd fd) {
    owned_.push_back(std::move(fd));
    return borrow(owned_.back().get());
}

int ProgramBuilder::borrow(int fd) {
    slots_.push_back(fd);
    return static_cast<int>(slots_.size()) - 1;
}

int ProgramBuilder::empty_slot() {
    return borrow(-1);
}

char *ProgramBuilder::text(std::string value) {
    return texts_.emplace_back(std::move(value)).data();
}

char *const *ProgramBuilder::texts(const std::vector<std::string> &values) {
    std::vector<char *> &array = arrays_.emplace_back();
    for (const std::string &value : values)
        array.push_back(text(value));
    array.push_back(nullptr);
    return array.data();
}

Step &ProgramBuilder::add(Op op, StartStage stage) {
    return steps_.emplace_back(Step{op, stage});
}

Step &ProgramBuilder::add(Op op, StartStage stage, std::string a) {
    Step &step = add(op, stage);
    step.a = text(std::move(a));
    return step;
}

Step &ProgramBuilder::add_slot(Op op, StartStage stage, int slot) {
    Step &step = add(op, stage);
    step.slot = slot;
    return step;
}

void ProgramBuilder::seal(std::vector<int> more) {
    std::vector<int> kept = slots_;
    kept.insert(kept.end(), more.begin(), more.end());
    std::sort(kept.begin(), kept.end());
    unsigned next = 0;
    for (const int fd : kept) {
        if (fd < 0)
            continue;
        const auto used = static_cast<unsigned>(fd);
        if (used > next)
            gaps_.push_back({next, used - 1});
        next = std::max(next, used + 1);
    }
    gaps_.push_back({next, std::numeric_limits<unsigned>::max()});

    filter_program = {static_cast<unsigned short>(filter.size()), filter.data()};
    program.steps = steps_.data();
    program.step_count = steps_.size();
    program.slots = slots_.data();
    program.gaps = gaps_.data();
    program.gap_count = gaps_.size();
    program.groups = groups.data();
    program.group_count = groups.size();
    program.limits = limits.data();
    program.filter = &filter_program;
}

void ProgramBuilder::close_owned() {
    owned_.clear();
}

std::string ProgramBuilder::subject(std::size_t index) const {
    if (index >= steps_.size())
        return {};
    const Step &step = steps_[index];
    if (step.subject != nullptr)
        return step.subject;
    return step.a != nullptr ? step.a : "";
}

} // namespace container
