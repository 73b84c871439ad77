// A project in a directory of its own, which goes with the object.
#pragma once

#include "compose/load.hpp"
#include "unit/compose/support.hpp"

#include <string>
#include <vector>

namespace compose::test {

class WrittenProject {
  public:
    // Environment: HOME=/home/user and this.
    WrittenProject(const std::string &name, const std::string &value);

    void write(const std::string &name, const std::string &text) const { root_.write(name, text); }

    [[nodiscard]] Loaded loaded() const;

    // The value at "services.web.image" of what `config` would print, in flow style, with ROOT for the
    // directory; "none" when there is none. Fails the test on warnings.
    [[nodiscard]] std::string at(const std::string &path) const;

    // "FILE:LINE:COLUMN: MESSAGE", in order.
    [[nodiscard]] std::vector<std::string> warnings() const;

    LoadOptions options;

  private:
    TemporaryDirectory root_;
};

} // namespace compose::test
