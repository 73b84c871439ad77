#include "engine/build/origin_files.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/image/layers.hpp"

#include <fcntl.h>

namespace build {

std::string LayerStack::chain_id() const {
    return diff_ids.empty() ? std::string() : image::chain_ids(diff_ids).back();
}

SourceTree open_tree(const OriginFiles &files) {
    if (files.context != nullptr)
        return {base::open_dir(files.context->directory), SourceTree::Owners::root, files.context->ignored,
                files.context->name};
    if (files.layers.directories.empty())
        throw base::Error(files.name + " has no files");
    return {container::mount_overlay({files.layers.directories, {}, {}}, true),
            SourceTree::Owners::kept,
            {},
            files.name};
}

} // namespace build
