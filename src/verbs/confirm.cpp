#include "verbs/confirm.hpp"

#include "base/error.hpp"
#include "terminal/terminal.hpp"

#include <iostream>
#include <unistd.h>

namespace cli {

void confirm(const std::string &warning) {
    print(STDERR_FILENO, warning + "\nAre you sure you want to continue? [y/N] ");
    std::string answer;
    if (!std::getline(std::cin, answer)) {
        print(STDERR_FILENO, "\n");
        throw base::Error("nothing was removed: nobody answered", "without a terminal, give -f");
    }
    if (answer != "y" && answer != "Y" && answer != "yes")
        throw base::Error("nothing was removed");
}

} // namespace cli
