// The groups of rules validate() applies. Each looks at the normalised tree and adds what is wrong.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/member_index.hpp"
#include "compose/node.hpp"
#include "compose/selection.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace compose {

struct ServiceView {
    const std::string &name;
    const Node &node;
    const Location &location; // of the key

    [[nodiscard]] std::string path(std::string_view attribute = {}) const {
        const std::string own = "services." + name;
        return attribute.empty() ? own : own + "." + std::string(attribute);
    }

    [[nodiscard]] const Node *find(std::string_view attribute) const { return node.find(attribute); }
};

// What the top-level elements declare, by name; the model must stay as it is.
class Declarations {
  public:
    explicit Declarations(const Node &model);

    [[nodiscard]] const Node *table(std::string_view element) const;
    [[nodiscard]] const Node *find(std::string_view element, std::string_view name);

  private:
    struct Table {
        std::string_view element;
        const Node &node;
        MemberIndex index;
    };

    std::vector<Table> tables_;
};

// Attributes that exclude or must equal each other; container_name and scale.
void check_combinations(const ServiceView &service, Diagnostics &diagnostics);
// An image, or what one is built of: contexts, keys, platforms.
void check_build(const ServiceView &service, const Node &services, Diagnostics &diagnostics);
// The names of its profiles, also of one that is not enabled: it never will be.
void check_profiles(const ServiceView &service, Diagnostics &diagnostics);
// Words, names, addresses and ranges of single attributes.
void check_formats(const ServiceView &service, Diagnostics &diagnostics);
// Ranges of numbers, and limits that belong together.
void check_limits(const ServiceView &service, Diagnostics &diagnostics);
// Names and notations of the kernel: capabilities, signals, sysctls, options of mounts and logs.
void check_kernel_names(const ServiceView &service, Diagnostics &diagnostics);
// Addresses in networks, of name servers and of extra hosts; exposed ports.
void check_addresses(const ServiceView &service, const Node &model, Diagnostics &diagnostics);
void check_health(const ServiceView &service, Diagnostics &diagnostics);
void check_mounts(const ServiceView &service, Diagnostics &diagnostics);
void check_ports(const ServiceView &service, Diagnostics &diagnostics);
// Networks, volumes, secrets, configs and services that are named but not there, or disabled.
void check_references(const ServiceView &service, Declarations &declared, const Selection &selection,
                      Diagnostics &diagnostics);
// A service that waits for itself, or is built of its own image, over others or not.
void check_cycles(const Node &services, const Selection &selection, Diagnostics &diagnostics);
// A container name or a published port that two services claim.
void check_conflicts(const Node &services, const Selection &selection, Diagnostics &diagnostics);
void check_resources(const Node &model, const Selection &selection, Diagnostics &diagnostics);
// Subnets and the addresses in them. `path` is that of the network.
void check_subnets(const Node &network, const std::string &path, Diagnostics &diagnostics);

// The service whose image an additional context stands for, as in service:NAME.
[[nodiscard]] std::optional<std::string_view> service_of_context(const Node &context);

// The text of a scalar attribute, "" when it is missing or no scalar.
[[nodiscard]] std::string text_of(const Node *object, std::string_view key);
[[nodiscard]] bool is_ip_address(const std::string &text);
// scale or deploy.replicas, 1 when neither is given.
[[nodiscard]] std::int64_t replicas_of(const Node &service);

} // namespace compose
