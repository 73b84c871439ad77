// The addresses a network is given.
#include "compose/ip_prefix.hpp"
#include "compose/validate_rules.hpp"

namespace compose {

namespace {

class AddressCheck {
  public:
    AddressCheck(const Node &config, const std::string &path, Diagnostics &diagnostics)
        : config_(config), path_(path), diagnostics_(diagnostics) {}

    void all() {
        if (const Node *subnet = given("subnet")) {
            subnet_ = IpPrefix::parse_network(subnet->text);
            if (!subnet_)
                return error(*subnet, "subnet cannot be \"" + subnet->text + "\"", "write it as 10.5.0.0/16");
            if (subnet_->v6)
                diagnostics_.unsupported(subnet->location, path_, "IPv6 subnets are not supported yet",
                                         "networks have IPv4 addresses");
        }
        if (const Node *gateway = given("gateway"))
            inside(*gateway, "gateway", IpPrefix::parse_address(gateway->text), "write an IP address");
        if (const Node *range = given("ip_range"))
            inside(*range, "ip_range", IpPrefix::parse_network(range->text), "write it as 10.5.1.0/24");
        if (const Node *reserved = config_.find("aux_addresses"))
            for (const Member &member : reserved->members) {
                const Node &address = member.value;
                inside(address, "auxiliary address " + member.key, IpPrefix::parse_address(address.text),
                       "write an IP address");
            }
    }

  private:
    [[nodiscard]] const Node *given(std::string_view attribute) const {
        const Node *value = config_.find(attribute);
        return value == nullptr || value->text.empty() ? nullptr : value;
    }

    void inside(const Node &value, const std::string &what, const std::optional<IpPrefix> &prefix,
                const std::string &notation) {
        if (!prefix)
            error(value, what + " cannot be \"" + value.text + "\"", notation);
        else if (!subnet_)
            error(value, what + " without a subnet", "add subnet: beside it");
        else if (!subnet_->contains(*prefix))
            error(value, what + " " + value.text + " is not inside subnet " + text_of(&config_, "subnet"),
                  "choose one of the subnet");
    }

    void error(const Node &at, const std::string &message, const std::string &hint) {
        diagnostics_.error(at.location, path_, message, hint);
    }

    const Node &config_;
    const std::string &path_;
    Diagnostics &diagnostics_;
    std::optional<IpPrefix> subnet_;
};

} // namespace

void check_subnets(const Node &network, const std::string &path, Diagnostics &diagnostics) {
    const Node *ipam = network.find("ipam");
    const Node *list = ipam == nullptr ? nullptr : ipam->find("config");
    if (list == nullptr)
        return;
    for (const Node &config : list->items)
        AddressCheck(config, path + ".ipam.config", diagnostics).all();
}

} // namespace compose
