#include "verbs/system_verbs.hpp"
#include "verbs/verbs.hpp"

namespace cli {

void add_system(Command &root, Context &context) {
    Command system = root.subcommand("system", "Show and free space on the disk");
    add_system_df(system, context);
    add_system_prune(system, context);
}

} // namespace cli
