// Mount points: what a container needs and the image lacks is made in its file system, and would end up in
// the layer. Blocks.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace build {

class MountStubs {
  public:
    // root: the file system before the step, -1 for an empty one. targets: absolute.
    MountStubs(int root, const std::vector<std::string> &targets);

    // Takes the missing ones away again from the upper directory of the overlay, which is not mounted any
    // more, as long as they are empty; and the directories around them that would be in it for no other
    // reason. root: as before.
    void remove(int upper, int root) const;

  private:
    std::vector<std::string> missing_; // relative, longest first
};

} // namespace build
