// What the result of a step depends on.
#include "base/diagnostic.hpp"
#include "engine/build/copy_sources.hpp"
#include "engine/build/definitions.hpp"
#include "engine/build/key_builder.hpp"
#include "engine/build/layer_step.hpp"
#include "engine/build/run_mounts.hpp"

#include <algorithm>

namespace build {

std::string LayerStep::key() const {
    KeyBuilder key;
    key.add("compose build 1").add(platform_.text());
    if (!is_linked())
        key.add(below_.chain_id()).add(below_.without_change);
    const BoundContent bound = [this](const RunStep::From &from) {
        return bound_content(from, workshop_.open);
    };
    key.add(epoch_key())
        .add(std::visit([&](const auto &action) { return key_of(action, bound); }, step_.action));
    return key.finish();
}

std::string LayerStep::definition(const std::string &below,
                                  const std::map<std::size_t, std::string> &stages) const {
    const std::vector<std::size_t> used = stages_used(step_);
    if (std::any_of(used.begin(), used.end(), [&](std::size_t stage) { return stages.at(stage).empty(); }))
        return {};
    KeyBuilder key;
    key.add("compose definition 1").add(platform_.text());
    const auto *copy = std::get_if<CopyStep>(&step_.action);
    // Whose a file is may be said by name, which the accounts of what is below give a meaning.
    if (!is_linked() || !copy->chown.empty())
        key.add(below);
    key.add(epoch_key());
    if (copy != nullptr) {
        key.add(text_key(*copy));
        if (used.empty())
            key.add(selection_key(*copy));
        else
            key.add(stages.at(used.front())).add(copy->excludes);
        return key.finish();
    }
    const BoundContent bound = [&](const RunStep::From &from) {
        return from.origin.kind == Origin::Kind::stage ? stages.at(from.origin.stage) + from.mount.source
                                                       : bound_content(from, workshop_.open);
    };
    key.add(std::visit([&](const auto &action) { return key_of(action, bound); }, step_.action));
    return key.finish();
}

std::string LayerStep::epoch_key() const {
    const auto &epoch = workshop_.options.source_date_epoch;
    return epoch ? std::to_string(*epoch) : std::string();
}

std::string LayerStep::key_of(const ConfigStep &, const BoundContent &) const {
    return {};
}

std::string LayerStep::key_of(const WorkdirStep &workdir, const BoundContent &) const {
    return KeyBuilder().add("workdir").add(workdir.path).add(step_.user).finish();
}

std::string LayerStep::key_of(const RunStep &run, const BoundContent &bound) const {
    KeyBuilder key;
    key.add("run").add(run.argv).add(step_.env).add(step_.workdir).add(step_.user);
    key.add(run.script ? run.script->name : std::string());
    key.add(run.script ? run.script->content : std::string());
    key.add(run.network).add(workshop_.options.network).flag(run.insecure);
    for (const auto &[name, address] : workshop_.options.extra_hosts)
        key.add(name).add(address);
    // Of a step without devices the key is what it was before there were any.
    for (const DeviceRequest &device : run.devices)
        key.add("device").add(device.name).flag(device.required.value_or(false));
    return key.add(mounts_key(run, bound)).finish();
}

std::string LayerStep::key_of(const CopyStep &copy, const BoundContent &) const {
    KeyBuilder key;
    key.add(text_key(copy));
    if (copy.link && !copy.chown.empty()) {
        // By the accounts of what is below, which is no part of the key.
        const FileRights rights = rights_of(copy);
        key.add(std::to_string(rights.owner->first)).add(std::to_string(rights.owner->second));
    }
    return key.add(selection_key(copy)).finish();
}

std::string LayerStep::text_key(const CopyStep &copy) const {
    KeyBuilder key;
    key.add(copy.add ? "add" : "copy").add(copy.sources).add(copy.destination);
    key.flag(copy.into_directory).flag(copy.parents).flag(copy.link).add(copy.chown).add(copy.chmod);
    key.flag(copy.add && copy.add->unpack.value_or(true));
    for (const InlineFile &file : copy.contents)
        key.add(file.name).add(file.content);
    return key.finish();
}

std::string LayerStep::selection_key(const CopyStep &copy) const {
    if (copy.sources.empty())
        return {};
    base::Diagnostics diagnostics;
    const IgnoreRules excluded(copy.excludes, step_.location, diagnostics);
    if (diagnostics.has_errors())
        throw base::LoadError(diagnostics.sorted());
    return copy_key(workshop_, copy, excluded);
}

} // namespace build
