#include "engine/build/copy_sources.hpp"

#include "base/file.hpp"
#include "engine/build/content_digest.hpp"
#include "engine/build/key_builder.hpp"
#include "engine/build/remote_sources.hpp"

#include <algorithm>

namespace build {

namespace {

bool is_fetched(const CopyStep &step, const std::string &source) {
    return step.add && is_remote_source(source);
}

} // namespace

CopySources::CopySources(const Workshop &workshop, const CopyStep &step, const IgnoreRules &excluded)
    : workshop_(workshop), step_(step), excluded_(excluded) {
    for (const std::string &source : step.sources) {
        if (!is_fetched(step, source)) {
            const SourceTree &tree = local_tree();
            sources_.push_back(
                {&tree, source, tree.select(source), step.add && step.add->unpack.value_or(true)});
            continue;
        }
        const RemoteFiles files = workshop.remote.get(source, *step.add);
        fetched_.push_back(files.key + "/" + files.name);
        const SourceTree &tree = trees_.emplace_back(base::open_dir(files.directory),
                                                     SourceTree::Owners::root, IgnoreRules{}, source);
        // A name is no pattern here.
        sources_.push_back(
            {&tree, source, tree.select_exactly(files.name), step.add->unpack.value_or(false)});
    }
}

const SourceTree &CopySources::local_tree() {
    if (local_ == nullptr)
        local_ = &trees_.emplace_back(open_tree(workshop_.open(step_.origin)));
    return *local_;
}

std::string CopySources::local_key() const {
    if (local_ == nullptr)
        return {};
    std::vector<std::vector<Selected>> selected;
    for (const CopySource &source : sources_)
        if (source.tree == local_)
            selected.push_back(source.selected);
    const OriginFiles files = workshop_.open(step_.origin);
    StatCache none;
    return content_digest(*local_, selected, excluded_,
                          files.context != nullptr ? *files.context->cache : none);
}

std::string CopySources::key() const {
    if (fetched_.empty())
        return local_key();
    return KeyBuilder().add(fetched_).add(local_key()).finish();
}

std::string copy_key(const Workshop &workshop, const CopyStep &step, const IgnoreRules &excluded) {
    if (step.sources.empty())
        return {};
    const bool all_fetched = std::all_of(step.sources.begin(), step.sources.end(),
                                         [&](const std::string &source) { return is_fetched(step, source); });
    const OriginFiles files = all_fetched ? OriginFiles{} : workshop.open(step.origin);
    if (all_fetched || files.context != nullptr)
        return CopySources(workshop, step, excluded).key();
    // Layers never change, so neither does what is found in them.
    const std::string fact = KeyBuilder()
                                 .add("files 1")
                                 .add(files.layers.chain_id())
                                 .add(step.sources)
                                 .add(step.excludes)
                                 .finish();
    if (auto known = workshop.cache.find_fact(fact))
        return *std::move(known);
    std::string found = CopySources(workshop, step, excluded).key();
    workshop.cache.put_fact(fact, found);
    return found;
}

} // namespace build
