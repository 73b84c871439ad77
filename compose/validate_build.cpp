// What a service is built of.
#include "base/suggest.hpp"
#include "compose/attributes.hpp"
#include "compose/validate_rules.hpp"
#include "compose/values.hpp"

#include <algorithm>
#include <charconv>

namespace compose {

namespace {

// What gives it an image is misspelt, or is no text; that was said already.
bool has_mistaken_image(const Node &service) {
    if (const Node *image = service.find("image"); image != nullptr && !image->is_scalar())
        return true;
    const Rule &known = *rules().child("services")->any;
    std::vector<std::string> names;
    for (const Rule::Child &child : known.named)
        names.emplace_back(child.key);
    return std::any_of(service.members.begin(), service.members.end(), [&](const Member &member) {
        if (is_extension(member.key) || known.child(member.key) != nullptr)
            return false;
        const auto meant = base::nearest(member.key, names);
        return meant == "image" || meant == "build" || meant == "provider";
    });
}

void check_platforms(const ServiceView &service, const Node &build, Diagnostics &diagnostics) {
    const std::string platform = text_of(&service.node, "platform");
    const std::vector<std::string> platforms = names_in(build.find("platforms"));
    if (!platform.empty() && !platforms.empty()
        && std::find(platforms.begin(), platforms.end(), platform) == platforms.end())
        diagnostics.error(build.key_location("platforms"), service.path("build.platforms"),
                          "build.platforms lacks the service's platform \"" + platform + "\"",
                          "add it to the list");
}

// Only the key of the agent has no path.
void check_keys(const ServiceView &service, const Node &build, Diagnostics &diagnostics) {
    const Node *keys = build.find("ssh");
    for (const Member &member : keys == nullptr ? std::vector<Member>{} : keys->members)
        if (member.key != "default" && member.value.text.empty())
            diagnostics.error(member.key_location, service.path("build.ssh"),
                              "ssh key \"" + member.key + "\" has no path",
                              "write " + member.key + "=PATH, or default for the keys of the agent");
}

void check_owners(const ServiceView &service, const Node &build, Diagnostics &diagnostics) {
    const Node *secrets = build.find("secrets");
    for (const Node &secret : secrets == nullptr ? std::vector<Node>{} : secrets->items)
        for (const char *key : {"uid", "gid"}) {
            const std::string id = text_of(&secret, key);
            std::uint32_t value = 0;
            const auto read = std::from_chars(id.data(), id.data() + id.size(), value);
            if (!id.empty() && (read.ec != std::errc() || read.ptr != id.data() + id.size()))
                diagnostics.error(secret.find(key)->location, service.path("build.secrets"),
                                  std::string(key) + " \"" + id + "\" is no number",
                                  "accounts of the image are not known yet: give the number");
        }
}

class Contexts {
  public:
    Contexts(const ServiceView &service, const Node &services, Diagnostics &diagnostics)
        : service_(service), services_(services), diagnostics_(diagnostics) {}

    void check(const Member &context) {
        const Node &value = context.value;
        if (value.text.empty())
            return error(context.key_location, "additional context \"" + context.key + "\" is of nothing",
                         "write " + context.key + "=DIRECTORY, a URL, docker-image://NAME or service:NAME");
        if (!service_of_context(value))
            return;
        const std::string built(*service_of_context(value));
        const Node *target = services_.find(built);
        if (target == nullptr) {
            const std::string near = base::did_you_mean(built, names_in(&services_));
            error(value.location,
                  "additional context \"" + context.key + "\" is of undefined service \"" + built + "\"",
                  near.empty() ? "declare it under \"services:\"" : near);
        } else if (target->find("build") == nullptr) {
            error(value.location,
                  "additional context \"" + context.key + "\" is of service \"" + built
                      + "\", which is not built",
                  "name its image with docker-image://, or give it build:");
        }
    }

  private:
    void error(const Location &at, const std::string &message, const std::string &hint) {
        diagnostics_.error(at, service_.path("build.additional_contexts"), message, hint);
    }

    const ServiceView &service_;
    const Node &services_;
    Diagnostics &diagnostics_;
};

} // namespace

std::optional<std::string_view> service_of_context(const Node &context) {
    constexpr std::string_view prefix = "service:";
    const std::string_view text = context.text;
    if (!text.starts_with(prefix))
        return std::nullopt;
    return text.substr(prefix.size());
}

void check_build(const ServiceView &service, const Node &services, Diagnostics &diagnostics) {
    const Node *build = service.find("build");
    if (build == nullptr) {
        if (text_of(&service.node, "image").empty() && service.find("provider") == nullptr
            && !has_mistaken_image(service.node))
            diagnostics.error(service.location, service.path(),
                              "service \"" + service.name + "\" has no image", "add image: NAME");
        return;
    }
    if (!text_of(build, "dockerfile").empty() && !text_of(build, "dockerfile_inline").empty())
        diagnostics.error(build->key_location("dockerfile_inline"), service.path("build"),
                          "dockerfile and dockerfile_inline exclude each other", "remove one of them");
    check_platforms(service, *build, diagnostics);
    check_keys(service, *build, diagnostics);
    check_owners(service, *build, diagnostics);
    Contexts contexts(service, services, diagnostics);
    if (const Node *list = build->find("additional_contexts"))
        for (const Member &member : list->members)
            contexts.check(member);
}

} // namespace compose
