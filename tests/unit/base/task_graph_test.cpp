#include "base/task_graph.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>

using base::run_tasks;
using base::Task;

namespace {

void never() {
    FAIL("nothing failed");
}

} // namespace

TEST_CASE("tasks run after those they wait for", "[task_graph]") {
    std::mutex mutex;
    std::string order;
    const auto note = [&](char name) {
        return [&, name] {
            const std::lock_guard lock(mutex);
            order += name;
        };
    };
    run_tasks({{{}, note('a')}, {{0}, note('b')}, {{1}, note('c')}, {{0, 1, 2}, note('d')}}, 0, never);
    CHECK(order == "abcd");
    run_tasks({}, 0, never);
    run_tasks({{{}, note('e')}}, 0, never);
    CHECK(order == "abcde");
}

TEST_CASE("tasks that wait for nothing run together", "[task_graph]") {
    std::promise<void> here;
    std::promise<void> there;
    run_tasks({{{},
                [&] {
                    here.set_value();
                    there.get_future().wait();
                }},
               {{},
                [&] {
                    there.set_value();
                    here.get_future().wait();
                }}},
              0, never);
}

TEST_CASE("no more tasks run than the limit says", "[task_graph]") {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    const Task task{{}, [&] {
                        const int now = ++running;
                        int before = most;
                        while (before < now && !most.compare_exchange_weak(before, now)) {
                        }
                        --running;
                    }};
    run_tasks(std::vector<Task>(20, task), 2, never);
    CHECK(most <= 2);
    CHECK(running == 0);
}

TEST_CASE("what fails first ends the rest and is thrown", "[task_graph]") {
    std::promise<void> stopped;
    std::atomic<bool> late = false;
    const auto run = [&] {
        run_tasks({{{},
                    [&] {
                        stopped.get_future().wait();
                        throw std::runtime_error("second");
                    }},
                   {{}, [] { throw std::runtime_error("first"); }},
                   {{1}, [&] { late = true; }}},
                  0, [&] { stopped.set_value(); });
    };
    CHECK_THROWS_WITH(run(), "first");
    CHECK_FALSE(late);
}
