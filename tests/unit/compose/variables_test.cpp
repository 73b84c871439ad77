#include "compose/variables.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

using namespace compose;

TEST_CASE("the variables of a model are printed as Docker Compose prints them") {
    const Variables variables = variables_of(test::parse(
        "{a: '${TAG:-latest}', b: ['$TAG', '${KEY:?needed}', '${ON:+yes}'], '${NOT_IN_KEYS}': 1}"));
    CHECK(render_variables_yaml(variables)
          == "KEY:\n"
             "    name: KEY\n"
             "    defaultvalue: \"\"\n"
             "    presencevalue: \"\"\n"
             "    required: true\n"
             "\"ON\":\n"
             "    name: \"ON\"\n"
             "    defaultvalue: \"\"\n"
             "    presencevalue: \"yes\"\n"
             "    required: false\n"
             "TAG:\n"
             "    name: TAG\n"
             "    defaultvalue: latest\n"
             "    presencevalue: \"\"\n"
             "    required: false\n");
    CHECK(render_variables_json(variables_of(test::parse("{a: '${TAG:-<x>}'}")))
          == "{\n"
             "    \"TAG\": {\n"
             "        \"Name\": \"TAG\",\n"
             "        \"DefaultValue\": \"<x>\",\n"
             "        \"PresenceValue\": \"\",\n"
             "        \"Required\": false\n"
             "    }\n"
             "}\n\n");
    CHECK(render_variables_yaml({}) == "{}\n");
}
