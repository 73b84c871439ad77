// Networks, volumes, secrets, configs and models themselves.
#include "compose/validate_rules.hpp"
#include "compose/values.hpp"

namespace compose {

namespace {

class ResourceCheck {
  public:
    ResourceCheck(const Node &model, const Selection &selection, Diagnostics &diagnostics)
        : model_(model), selection_(selection), diagnostics_(diagnostics) {}

    void all() {
        each("networks",
             [this](const Member &member, const Node &network) { this->network(member, network); });
        each("volumes", [this](const Member &member, const Node &volume) { this->volume(member, volume); });
        each("secrets", [this](const Member &member, const Node &secret) {
            content(member, secret, "secret", {"file", "environment"});
            if (selection_.secrets.contains(member.key))
                source(member, secret, "secret");
        });
        each("configs", [this](const Member &member, const Node &config) {
            content(member, config, "config", {"file", "environment", "content"});
            if (selection_.configs.contains(member.key))
                source(member, config, "config");
        });
        each("models", [this](const Member &member, const Node &model) { this->model(member, model); });
    }

  private:
    template <typename Function>
    void each(const char *element, Function function) {
        element_ = element;
        if (const Node *table = model_.find(element))
            for (const Member &member : table->members)
                if (member.value.is_mapping())
                    function(member, member.value);
    }

    void error(const Location &at, const std::string &name, const std::string &message,
               const std::string &hint) {
        diagnostics_.error(at, std::string(element_) + "." + name, message, hint);
    }

    void unsupported(const Location &at, const std::string &name, const std::string &message,
                     const std::string &hint) {
        diagnostics_.unsupported(at, std::string(element_) + "." + name, message, hint);
    }

    // True when it is external: nothing but its name is ours.
    bool external(const Member &member, const Node &resource) {
        if (text_of(&resource, "external") != "true")
            return false;
        for (const Member &attribute : resource.members)
            if (attribute.key != "external" && attribute.key != "name" && !attribute.key.starts_with("x-"))
                error(attribute.key_location, member.key,
                      "\"" + member.key + "\" is external: it cannot have " + attribute.key,
                      "remove " + attribute.key + ", or external: true");
        return true;
    }

    void network(const Member &member, const Node &network) {
        if (external(member, network))
            return;
        const std::string driver = text_of(&network, "driver");
        if (!driver.empty() && driver != "bridge" && driver != "default")
            unsupported(network.find("driver")->location, member.key,
                        "network driver \"" + driver + "\" is not supported yet",
                        "use bridge, or network_mode: host");
        if (const Node *ipv4 = network.find("enable_ipv4"); ipv4 != nullptr && read_boolean(*ipv4) == false)
            unsupported(network.key_location("enable_ipv4"), member.key,
                        "a network without IPv4 is not supported yet", "remove enable_ipv4");
        const Node *ipam = network.find("ipam");
        check_subnets(network, "networks." + member.key, diagnostics_);
        const std::string allocator = text_of(ipam, "driver");
        if (!allocator.empty() && allocator != "default")
            unsupported(ipam->find("driver")->location, member.key,
                        "ipam driver \"" + allocator + "\" is not supported yet", "remove it");
    }

    void volume(const Member &member, const Node &volume) {
        if (external(member, volume))
            return;
        const std::string driver = text_of(&volume, "driver");
        if (!driver.empty() && driver != "local")
            unsupported(volume.find("driver")->location, member.key,
                        "volume driver \"" + driver + "\" is not supported yet", "use local");
    }

    void model(const Member &member, const Node &model) {
        if (model.find("model") == nullptr)
            error(model.location, member.key, member.key + " has no model", "add model: NAME");
    }

    // Of one that is used: a variable of the Compose file that is not set leaves nothing.
    void source(const Member &member, const Node &object, const std::string &what) {
        const auto named = [&](const char *attribute, const std::string &thing, const std::string &hint) {
            if (const Node *value = object.find(attribute); value != nullptr && value->text.empty())
                error(value->location, member.key, what + " \"" + member.key + "\" names no " + thing, hint);
        };
        named("file", "file", "write file: PATH");
        named("environment", "variable", "write environment: NAME");
    }

    void content(const Member &member, const Node &object, const std::string &what,
                 const std::vector<std::string> &sources) {
        if (external(member, object))
            return;
        std::string choices;
        std::vector<std::string> given;
        for (const std::string &source : sources) {
            choices += (choices.empty() ? "" : source == sources.back() ? " or " : ", ") + source;
            if (object.find(source) != nullptr)
                given.push_back(source);
        }
        if (given.size() == 1)
            return;
        if (given.empty())
            error(member.key_location, member.key, what + " \"" + member.key + "\" has no content",
                  "give it a " + choices);
        else
            error(object.key_location(given[1]), member.key,
                  given[0] + " and " + given[1] + " exclude each other", "remove one of them");
    }

    const Node &model_;
    const Selection &selection_;
    Diagnostics &diagnostics_;
    std::string_view element_;
};

} // namespace

void check_resources(const Node &model, const Selection &selection, Diagnostics &diagnostics) {
    ResourceCheck(model, selection, diagnostics).all();
}

} // namespace compose
