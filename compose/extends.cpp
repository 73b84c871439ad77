#include "compose/extends.hpp"

#include "base/suggest.hpp"
#include "compose/merge.hpp"
#include "compose/normalise_steps.hpp"
#include "compose/remote.hpp"

#include <algorithm>
#include <utility>

namespace compose {

namespace {

// Far more than anyone keeps in mind; each costs some of the stack.
constexpr std::size_t longest_chain = 100;
// More than are shown; thousands of names beside thousands of others would take long.
constexpr std::size_t suggested_at_most = 100;

// Below its path in a model, which selects rules and names it in messages.
Node wrap(const std::string &name, Node service, const Location &at) {
    Node services = Node::mapping();
    services.set(name, std::move(service), at);
    Node tree = Node::mapping();
    tree.set("services", std::move(services));
    return tree;
}

Node unwrap(Node tree, const std::string &name) {
    return std::move(*tree.find("services")->find(name));
}

} // namespace

std::optional<Extender::Reference> Extender::reference_of(const Node &service, const std::string &path) {
    const Node *extends = service.find("extends");
    if (extends == nullptr)
        return std::nullopt;
    const std::string attribute = join_path(path, "extends");
    if (extends->is_scalar())
        return Reference{extends->text, extends->location, attribute, std::nullopt};
    const Node *name = extends->find("service");
    if (name == nullptr || !name->is_scalar())
        return std::nullopt; // the schema tells
    Reference reference{name->text, name->location, join_path(attribute, "service"), std::nullopt};
    if (const Node *file = extends->find("file"); file != nullptr && file->is_scalar())
        reference.file = *file;
    return reference;
}

void Extender::apply(Node &document) {
    Node *services = document.find("services");
    if (services == nullptr || !services->is_mapping())
        return;
    const bool any =
        std::any_of(services->members.begin(), services->members.end(),
                    [](const Member &member) { return member.value.find("extends") != nullptr; });
    if (!any)
        return;
    Scope own{part_.file, part_.directory};
    for (Member &member : services->members)
        own.services.emplace(member.key, std::move(member.value));
    for (const Member &member : services->members)
        (void)resolve(own, member.key);
    for (Member &member : services->members)
        member.value = std::move(own.services.at(member.key));
}

Node *Extender::find(Scope &scope, const std::string &name) {
    if (const auto known = scope.services.find(name); known != scope.services.end())
        return &known->second;
    if (scope.documents == nullptr)
        return nullptr;
    std::optional<Node> found;
    for (const Node &document : *scope.documents) {
        const Node *services = document.find("services");
        const Node *service = services == nullptr ? nullptr : services->find(name);
        if (service == nullptr || !files_.charge(weight(*service), service->location, missing_))
            continue;
        Node tree = wrap(name, *service, services->key_location(name));
        prepare_(tree, scope.directory);
        if (found)
            merge_keeping_tags(*found, std::move(tree), conflicts_, values_);
        else
            found = std::move(tree);
    }
    if (!found)
        return nullptr;
    return &scope.services.emplace(name, unwrap(std::move(*found), name)).first->second;
}

// The service with what it extends; nullptr when there is none of this name.
Node *Extender::resolve(Scope &scope, const std::string &name) {
    Node *service = find(scope, name);
    if (service == nullptr || !service->is_mapping() || !scope.done.insert(name).second)
        return service;
    const std::optional<Reference> reference = reference_of(*service, "services." + name);
    service->erase("extends");
    if (!reference)
        return service;
    open_.push_back({&scope, name, reference->location});
    const Node *base = base_of(scope, name, *reference);
    open_.pop_back();
    const bool usable = base != nullptr && files_.charge(weight(*base), reference->location, missing_);
    complete_ = complete_ && usable;
    if (!usable || !base->is_mapping())
        return service;

    // A tag of the service as a whole is about earlier files, not about what it extends.
    const MergeTag tag = std::exchange(service->tag, MergeTag::none);
    const Location at = service->location;
    Node merged = wrap(name, *base, at);
    drop_tags(merged);
    merge_keeping_tags(merged, wrap(name, std::move(*service), at), conflicts_, values_);
    *service = unwrap(std::move(merged), name);
    service->tag = tag;
    service->location = at;
    return service;
}

const Node *Extender::base_of(Scope &scope, const std::string &name, const Reference &reference) {
    Scope *target = &scope;
    if (reference.file) {
        target = open(scope, name, *reference.file);
        if (target == nullptr)
            return nullptr;
    }
    if (closes_cycle(*target, reference))
        return nullptr;
    if (open_.size() > longest_chain) {
        missing_.error(reference.location, reference.attribute,
                       "more than " + std::to_string(longest_chain) + " services extend each other",
                       "extend the service that has what is needed");
        return nullptr;
    }
    const Node *base = resolve(*target, reference.service);
    if (base == nullptr)
        report_undefined(*target, reference.file.has_value(), name, reference);
    return base;
}

Extender::Scope *Extender::open(const Scope &from, const std::string &name, const Node &file) {
    const std::string attribute = "services." + name + ".extends.file";
    if (is_remote(file.text)) {
        missing_.error(file.location, attribute, "remote files are not supported: " + file.text,
                       "fetch it first and name the local file");
        return nullptr;
    }
    const std::filesystem::path path = absolute_path(file.text, {from.directory, part_.environment});
    if (const auto known = others_.find(path); known != others_.end())
        return &known->second;
    const SourceFiles::Reference reference{file.location, attribute,
                                           "service \"" + name + "\" extends a service of it here"};
    const std::vector<Node> *documents = files_.open(path, reference, missing_);
    if (documents == nullptr)
        return nullptr;
    return &others_.emplace(path, Scope{path.string(), path.parent_path(), documents}).first->second;
}

bool Extender::closes_cycle(const Scope &target, const Reference &reference) {
    const auto start = std::find_if(open_.begin(), open_.end(), [&](const Link &link) {
        return link.scope == &target && link.name == reference.service;
    });
    if (start == open_.end())
        return false;
    std::string path;
    for (auto link = start; link != open_.end(); ++link)
        path += label(*link->scope, link->name) + " -> ";
    Diagnostic &error = missing_.error(reference.location, reference.attribute,
                                       "extends cycle: " + path + label(target, reference.service),
                                       "remove one of these extends");
    for (auto link = start; link + 1 != open_.end(); ++link)
        error.notes.push_back({link->location, label(*link->scope, link->name) + " extends "
                                                   + label(*(link + 1)->scope, (link + 1)->name) + " here"});
    return true;
}

void Extender::report_undefined(const Scope &target, bool foreign, const std::string &name,
                                const Reference &reference) {
    if (files_.exhausted())
        return;
    std::vector<std::string> names;
    const bool readable = missing_.all().size() < suggested_at_most;
    if (readable)
        for (const auto &[known, service] : target.services)
            names.push_back(known);
    if (readable && target.documents != nullptr)
        for (const Node &document : *target.documents)
            if (const Node *services = document.find("services"))
                for (const Member &member : services->members)
                    names.push_back(member.key);
    std::string message = "service \"" + name + "\" extends undefined service \"" + reference.service + "\"";
    if (foreign)
        message += " of " + files_.shown(target.file);
    std::string hint = base::did_you_mean(reference.service, names);
    if (hint.empty())
        hint = foreign ? "define it there" : "a service of another file needs file: beside service:";
    missing_.error(reference.location, reference.attribute, std::move(message), std::move(hint));
}

std::string Extender::label(const Scope &scope, const std::string &name) const {
    return scope.file == part_.file ? name : name + " (" + files_.shown(scope.file) + ")";
}

} // namespace compose
