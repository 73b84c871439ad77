#include "base/suggest.hpp"
#include "compose/validate_rules.hpp"

namespace compose {

namespace {

class References {
  public:
    References(const ServiceView &service, Declarations &declared, const Selection &selection,
               Diagnostics &diagnostics)
        : service_(service), declared_(declared), selection_(selection), diagnostics_(diagnostics) {}

    void all() {
        if (const Node *networks = service_.find("networks"))
            for (const Member &member : networks->members)
                require("networks", "network", member.key,
                        member.key_location.known() ? member.key_location : networks->location, "networks");
        grants(service_.node, "secrets", "secret");
        grants(service_.node, "configs", "config");
        if (const Node *models = service_.find("models"))
            for (const Member &member : models->members)
                require("models", "model", member.key, member.key_location, "models");
        if (const Node *build = service_.find("build"))
            grants(*build, "secrets", "secret");
        volumes();
        if (const Node *dependencies = service_.find("depends_on"))
            for (const Member &member : dependencies->members)
                dependency(member);
    }

  private:
    void require(const char *element, const std::string &what, const std::string &name, const Location &at,
                 std::string_view attribute) {
        const Node *table = declared_.table(element);
        const bool is_table = table == nullptr || table->is_null() || table->is_mapping();
        if (!is_table || declared_.find(element, name) != nullptr)
            return;
        const std::string near = base::did_you_mean(name, names_in(table));
        diagnostics_.error(at, service_.path(attribute),
                           "service \"" + service_.name + "\" uses undefined " + what + " \"" + name + "\"",
                           near.empty() ? "declare it under the top-level \"" + std::string(element) + ":\""
                                        : near);
    }

    void grants(const Node &object, const char *element, const std::string &what) {
        const Node *list = object.find(element);
        if (list == nullptr)
            return;
        for (const Node &grant : list->items)
            if (const Node *source = grant.find("source"))
                require(element, what, source->text, source->location, element);
            else if (grant.is_mapping())
                diagnostics_.error(grant.location, service_.path(element), "a " + what + " needs a source",
                                   "add source: NAME");
    }

    void volumes() {
        const Node *list = service_.find("volumes");
        if (list == nullptr)
            return;
        for (const Node &mount : list->items) {
            const Node *source = mount.find("source");
            if (text_of(&mount, "type") != "volume" || source == nullptr || source->text.empty())
                continue;
            if (source->text.find('/') != std::string::npos)
                diagnostics_.error(source->location, service_.path("volumes"),
                                   "\"" + source->text + "\" is a path, not the name of a volume",
                                   "write type: bind");
            else
                require("volumes", "volume", source->text, source->location, "volumes");
        }
    }

    void dependency(const Member &member) {
        const Node *target = declared_.find("services", member.key);
        const Node &value = member.value;
        const Location &at = member.key_location.known() ? member.key_location : value.location;
        const bool optional = text_of(&value, "required") == "false";
        if (target == nullptr) {
            if (optional)
                return;
            const std::string near = base::did_you_mean(member.key, names_in(declared_.table("services")));
            diagnostics_.error(at, service_.path("depends_on"),
                               "service \"" + service_.name + "\" depends on undefined service \""
                                   + member.key + "\"",
                               near.empty() ? "declare it under \"services:\"" : near);
            return;
        }
        if (!selection_.services.contains(member.key)) {
            if (optional)
                return;
            const std::string profile = names_in(target->find("profiles")).front();
            diagnostics_
                .error(at, service_.path("depends_on"),
                       "service \"" + service_.name + "\" depends on \"" + member.key
                           + "\", which only profile \"" + profile + "\" enables",
                       "add --profile " + profile + ", or write required: false")
                .notes.push_back({target->key_location("profiles"), "the profile is given here"});
            return;
        }
        if (text_of(&value, "condition") == "service_healthy")
            check_healthy(member.key, *target, value.find("condition")->location);
    }

    void check_healthy(const std::string &name, const Node &target, const Location &at) {
        const Node *health = target.find("healthcheck");
        const Node *test = health == nullptr ? nullptr : health->find("test");
        const bool disabled =
            text_of(health, "disable") == "true"
            || (test != nullptr && !test->items.empty() && test->items.front().text == "NONE");
        if (disabled)
            diagnostics_.error(at, service_.path("depends_on"),
                               "service \"" + name + "\" never becomes healthy: its health check is disabled",
                               "use condition: service_started");
        else if (health == nullptr)
            diagnostics_.warning(at, service_.path("depends_on"),
                                 "service \"" + name + "\" has no healthcheck; its image must have one",
                                 "add a healthcheck to \"" + name + "\", or use condition: service_started");
    }

    const ServiceView &service_;
    Declarations &declared_;
    const Selection &selection_;
    Diagnostics &diagnostics_;
};

} // namespace

Declarations::Declarations(const Node &model) {
    for (const Member &element : model.members)
        tables_.push_back({element.key, element.value, {}});
}

const Node *Declarations::table(std::string_view element) const {
    for (const Table &table : tables_)
        if (table.element == element)
            return &table.node;
    return nullptr;
}

const Node *Declarations::find(std::string_view element, std::string_view name) {
    for (Table &table : tables_)
        if (table.element == element) {
            const Member *member = table.index.find(table.node.members, name);
            return member == nullptr ? nullptr : &member->value;
        }
    return nullptr;
}

void check_references(const ServiceView &service, Declarations &declared, const Selection &selection,
                      Diagnostics &diagnostics) {
    References(service, declared, selection, diagnostics).all();
}

} // namespace compose
