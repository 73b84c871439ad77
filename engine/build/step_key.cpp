// What the result of a step depends on.
#include "base/digest.hpp"
#include "base/error.hpp"
#include "engine/build/content_digest.hpp"
#include "engine/build/layer_step.hpp"
#include "engine/build/run_mounts.hpp"

namespace build {

namespace {

// Every value with its length in front, so that no two lists of values look the same.
class KeyBuilder {
  public:
    KeyBuilder &add(std::string_view value) {
        const std::string length = std::to_string(value.size()) + ":";
        hash_.update(length);
        hash_.update(value);
        return *this;
    }

    KeyBuilder &add(const std::vector<std::string> &values) {
        add(std::to_string(values.size()));
        for (const std::string &value : values)
            add(value);
        return *this;
    }

    KeyBuilder &flag(bool value) { return add(value ? "1" : "0"); }

    std::string finish() { return "sha256:" + hash_.hex(); }

  private:
    base::Sha256 hash_;
};

std::string files_key(const OriginFiles &files, const CopyStep &copy, const IgnoreRules &excluded) {
    const SourceTree tree = open_tree(files);
    std::vector<std::vector<Selected>> sources;
    for (const std::string &source : copy.sources)
        sources.push_back(tree.select(source));
    StatCache none;
    return content_digest(tree, sources, excluded, files.context != nullptr ? *files.context->cache : none);
}

} // namespace

std::string LayerStep::key() const {
    KeyBuilder key;
    key.add("compose build 1").add(below_.chain_id()).add(below_.without_change).add(platform_.text());
    const auto &epoch = workshop_.options.source_date_epoch;
    key.add(epoch ? std::to_string(*epoch) : std::string());
    key.add(std::visit([this](const auto &action) { return key_of(action); }, step_.action));
    return key.finish();
}

std::string LayerStep::key_of(const ConfigStep &) const {
    return {};
}

std::string LayerStep::key_of(const WorkdirStep &workdir) const {
    return KeyBuilder().add("workdir").add(workdir.path).add(step_.user).finish();
}

std::string LayerStep::key_of(const RunStep &run) const {
    KeyBuilder key;
    key.add("run").add(run.argv).add(step_.env).add(step_.workdir).add(step_.user);
    key.add(run.script ? run.script->name : std::string());
    key.add(run.script ? run.script->content : std::string());
    key.add(run.network).add(workshop_.options.network).flag(run.insecure);
    for (const auto &[name, address] : workshop_.options.extra_hosts)
        key.add(name).add(address);
    return key.add(mounts_key(run, workshop_.open)).finish();
}

std::string LayerStep::key_of(const CopyStep &copy) const {
    KeyBuilder key;
    key.add(copy.add ? "add" : "copy").add(copy.sources).add(copy.destination);
    key.flag(copy.into_directory).flag(copy.parents).add(copy.chown).add(copy.chmod);
    key.flag(copy.add && copy.add->unpack.value_or(true));
    for (const InlineFile &file : copy.contents)
        key.add(file.name).add(file.content);
    return key.add(selection_key(copy)).finish();
}

std::string LayerStep::selection_key(const CopyStep &copy) const {
    if (copy.sources.empty())
        return {};
    base::Diagnostics diagnostics;
    const IgnoreRules excluded(copy.excludes, step_.location, diagnostics);
    if (diagnostics.has_errors())
        throw base::LoadError(diagnostics.sorted());
    const OriginFiles files = workshop_.open(copy.origin);
    if (files.context != nullptr)
        return files_key(files, copy, excluded);
    // Layers never change, so neither does what is found in them.
    const std::string fact = KeyBuilder()
                                 .add("files 1")
                                 .add(files.layers.chain_id())
                                 .add(copy.sources)
                                 .add(copy.excludes)
                                 .finish();
    if (auto known = workshop_.cache.find_fact(fact))
        return *std::move(known);
    std::string found = files_key(files, copy, excluded);
    workshop_.cache.put_fact(fact, found);
    return found;
}

} // namespace build
