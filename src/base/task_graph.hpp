// Tasks that wait for each other, in threads.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace base {

struct Task {
    std::vector<std::size_t> after; // indices of earlier tasks, which end first
    std::function<void()> run;
};

// Runs each task once those it is after have ended, at most `limit` at a time (0: all that can), and returns
// when every task has ended. When one throws, `stop` is called so that the running ones can end early, those
// that have not begun are left out, and what was thrown first is thrown again.
void run_tasks(const std::vector<Task> &tasks, std::size_t limit, const std::function<void()> &stop);

} // namespace base
