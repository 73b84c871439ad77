// A directory of one test, gone with the object.
#pragma once

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"

#include <cstdlib>
#include <filesystem>

class Scratch {
  public:
    Scratch() { base::make_dirs(path); }

    ~Scratch() { base::remove_tree(path); }

    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;

    std::filesystem::path path =
        std::filesystem::path(std::getenv("COMPOSE_TEST_DIR") != nullptr ? std::getenv("COMPOSE_TEST_DIR")
                                                                         : "/dev/shm")
        / ("supervisor-" + base::random_hex(12));
};
