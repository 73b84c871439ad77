#include "base/error.hpp"
#include "base/json.hpp"
#include "go_template/template.hpp"

#include <catch2/catch.hpp>

using go_template::Template;

namespace {

const base::Json data{{"Name", "web"},
                      {"Empty", ""},
                      {"Count", 3},
                      {"Share", 0.5},
                      {"Yes", true},
                      {"Nothing", nullptr},
                      {"List", {"a", "b", "c"}},
                      {"None", base::Json::array()},
                      {"Map", {{"z", "last"}, {"a", "first"}, {"deep", {{"er", 7}}}}},
                      {go_template::method("Label"), {{"team", "blue"}}}};

std::string rendered(const std::string &text) {
    CAPTURE(text);
    return Template(text).render(data);
}

std::string error_of(const std::string &text) {
    try {
        return "no error: " + rendered(text);
    } catch (const base::Error &error) {
        return std::string(error.what()) + (error.hint().empty() ? "" : "; " + error.hint());
    }
}

} // namespace

TEST_CASE("text and fields") {
    CHECK(rendered("") == "");
    CHECK(rendered("plain } text") == "plain } text");
    CHECK(rendered("{{.Name}}\t{{ .Count }}|{{.Share}}|{{.Yes}}") == "web\t3|0.5|true");
    CHECK(rendered("{{.Map.deep.er}} {{$.Name}} {{(index .Map \"deep\").er}}") == "7 web 7");
    CHECK(rendered("{{.Map.absent}} {{.Nothing}}") == "<no value> <no value>");
    CHECK(rendered("{{.List}} {{.Map}} {{.None}}") == "[a b c] map[a:first deep:map[er:7] z:last] []");
}

TEST_CASE("methods look their argument up, and are no members") {
    CHECK(rendered("{{.Label \"team\"}}|{{.Label \"none\"}}|{{\"team\" | .Label}}|{{$.Label \"team\"}}")
          == "blue||blue|blue");
    CHECK(rendered("{{json .}}").find("Label") == std::string::npos);
    CHECK(rendered("{{.}}").find("Label") == std::string::npos);
    CHECK(rendered("{{range $k, $v := .}}{{$k}} {{end}}").find("Label") == std::string::npos);
}

TEST_CASE("white space is trimmed where a dash asks for it") {
    CHECK(rendered("a \n {{- .Name -}} \n b") == "awebb");
    CHECK(rendered("a {{- /* comment */ -}} b") == "ab");
    CHECK(rendered("a {{/* comment }} */}} b") == "a  b");
    CHECK(rendered("{{3 -}} x {{- -4}}") == "3x-4");
    CHECK(rendered("{{- \"x\" -}}") == "x");
}

TEST_CASE("literals") {
    CHECK(rendered(R"({{"a\tb\"\u00e9\x41\101"}}{{`raw\n`}}{{'a'}})") == "a\tb\"\u00e9AAraw\\n97");
    CHECK(rendered("{{0x1f}} {{0b11}} {{1_000}} {{-5}} {{1.50}} {{1e3}} {{true}} {{.5}}")
          == "31 3 1000 -5 1.5 1000 true 0.5");
}

TEST_CASE("pipelines and functions") {
    CHECK(rendered("{{.Name | upper | printf \"%s-%d\" \"x\" | len}}") == "17");
    CHECK(rendered("{{json .List}} {{json .Name}} {{json .Nothing}} {{json .Map.deep}}")
          == R"(["a","b","c"] "web" null {"er":7})");
    CHECK(rendered("{{join .List \", \"}} {{index (split \"x/y\" \"/\") 1}} {{title \"two words\"}} {{lower "
                   "\"AB\"}}")
          == "a, b, c y Two Words ab");
    CHECK(rendered("{{len .List}}{{len .Map}}{{len .Name}} {{index .List 1}} {{index .Map \"deep\" \"er\"}}")
          == "333 b 7");
    CHECK(rendered("{{slice .Name 1}} {{slice .Name 0 2}} {{slice .List 1 2}}") == "eb we [b]");
    CHECK(rendered("{{pad .Name 1 2}}|{{truncate .Name 2}}|{{truncate .Name 9}}") == " web  |we|web");
    CHECK(rendered("{{print 1 2 \"x\" 3}}|{{println .Name .Count}}") == "1 2x3|web 3\n");
}

TEST_CASE("printf") {
    CHECK(
        rendered(
            "{{printf \"%5s|%-5s|%05d|%+d|%x|%v|%q|%t|%%\" .Name .Name .Count .Count 255 .List .Name .Yes}}")
        == "  web|web  |00003|+3|ff|[a b c]|\"web\"|true|%");
    CHECK(rendered("{{printf \"%.2f %6.1f %g %.1s %08.3f\" .Share .Share .Share .Name -1.5}}")
          == "0.50    0.5 0.5 w -001.500");
    CHECK(rendered("{{printf \"%d %s\" .Name}}") == "%!d(string=web) %!s(MISSING)");
    CHECK(rendered("{{printf \"x\" 1 \"y\"}}") == "x%!(EXTRA int=1, string=y)");
}

TEST_CASE("conditions") {
    CHECK(rendered("{{if .Empty}}a{{else if .Yes}}b{{else}}c{{end}}") == "b");
    CHECK(rendered("{{if .None}}a{{else if .Nothing}}b{{else}}c{{end}}d") == "cd");
    CHECK(rendered("{{with .Map.deep}}{{.er}}{{$.Name}}{{end}}{{with .Empty}}x{{else}}y{{end}}") == "7weby");
    CHECK(rendered("{{with .Empty}}x{{else with .Name}}{{.}}{{end}}") == "web");
    CHECK(rendered(
              "{{and .Yes .Name}} {{and .Empty .Name.x}} {{or .Empty .Name}} {{or 1 .Name.x}} {{not .Yes}}")
          == "web  web 1 false");
    CHECK(
        rendered(
            "{{eq .Name \"x\" \"web\"}}{{ne 1 2}}{{lt 1 1.5}}{{ge \"b\" \"a\"}}{{le 2 1}}{{eq nil .Nothing}}")
        == "truetruetruetruefalsetrue");
}

TEST_CASE("loops and variables") {
    CHECK(rendered("{{range .List}}<{{.}}>{{end}}{{range .None}}x{{else}}none{{end}}") == "<a><b><c>none");
    CHECK(
        rendered(
            "{{range $i, $e := .List}}{{$i}}{{$e}}{{end}} {{range $k, $v := .Map.deep}}{{$k}}={{$v}}{{end}}")
        == "0a1b2c er=7");
    CHECK(rendered("{{range $key, $value := .Map}}{{$key}} {{end}}") == "a deep z ");
    CHECK(rendered("{{$x := 1}}{{range .List}}{{$x = .}}{{end}}{{$x}}") == "c");
    CHECK(rendered("{{range $i, $e := .List}}{{if eq $i 1}}{{continue}}{{end}}{{$e}}{{end}}") == "ac");
    CHECK(rendered("{{range .List}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}") == "a");
    CHECK(rendered("{{$x := .Name}}{{if $x}}{{$x := 2}}{{$x}}{{end}}{{$x}}") == "2web");
}

TEST_CASE("headings of tables") {
    const std::map<std::string, std::string> titles{{"Name", "NAME"}, {"CreatedAt", "CREATED AT"}};
    CHECK(Template("{{.Name}}\t{{upper .CreatedAt | json}}").header(titles) == "NAME\tCREATED AT");
    CHECK(Template("{{.Label \"com.example.the-team\"}} {{truncate .Name 1}}").header(titles)
          == "the team NAME");
}

TEST_CASE("mistakes have their place") {
    CHECK(error_of("x\n  {{.Nam}}")
          == "template, line 2, column 5: there is no field .Nam; did you mean \"Name\"?");
    CHECK_THAT(error_of("{{.Wholly}}"), Catch::Contains("there are .Count .Empty"));
    CHECK(error_of("\u00e9{{jsn .}}")
          == "template, line 1, column 4: there is no function \"jsn\"; did you mean \"json\"?");
    CHECK(error_of("{{$nam}}") == "template, line 1, column 3: there is no variable $nam");
    for (const auto &[text, message] : std::map<std::string, std::string>{
             {"{{.Name", "column 1: this \"{{\" has no \"}}\""},
             {"{{\"x}}", "column 3: this \" has no other"},
             {"{{/* x", "column 1: this comment has no"},
             {"{{if .Name}}", "column 3: this has no {{end}}"},
             {"{{if .Name}}{{else}}", "this has no {{end}}"},
             {"{{if .Name}}{{else}}{{else}}{{end}}", "column 23: {{end}} must follow on {{else}}"},
             {"{{end}}", "column 3: there is nothing that {{end}} belongs to"},
             {"{{}}", "column 3: a value is missing"},
             {"{{if}}x{{end}}", "column 5: a value is missing"},
             {"{{(.Name}}", "\")\" is missing"},
             {"{{.Name)}}", "\"}}\" is missing"},
             {"{{1 2}}", "column 5: only functions and methods take arguments"},
             {"{{1 | 2}}", "column 7: what is piped into must be a function"},
             {"{{.Name 1}}", "column 3: .Name takes no arguments"},
             {"{{.Name.More}}", "column 3: .More is asked of what is of type string"},
             {"{{len 3}}", "column 3: len: what is of type int has no length"},
             {"{{len}}", "len: it has 0 arguments, and takes at least 1"},
             {"{{index .List 3}}", "index: 3 is out of range"},
             {"{{eq 1 \"x\"}}", "eq: types int and string can't be compared"},
             {"{{lower 1}}", "lower: argument 1 must be a text"},
             {"{{range 3}}{{end}}", "range can't go through what is of type int"},
             {"{{break}}", "{{break}} is not in a {{range}}"},
             {"{{template \"x\"}}", "{{template}} is not supported"},
             {"{{0x}}", "\"0x\" is no number"},
             {"{{#}}", "\"#\" has no meaning here"},
             {"{{\"\\z\"}}", "escape that is not known"},
             {"{{printf \"%9999d\" 1}}", "a width is above 1000"},
         })
        CHECK_THAT(error_of(text), Catch::Contains(message));
}

TEST_CASE("what would grow or last without measure is an error") {
    std::string deep;
    for (int i = 0; i < 200; ++i)
        deep += "(";
    CHECK_THAT(error_of("{{" + deep + "}}"), Catch::Contains("nested too deeply"));
    std::string loops, ends;
    for (int i = 0; i < 20; ++i) {
        loops += "{{range $.List}}";
        ends += "{{end}}";
    }
    CHECK_THAT(error_of(loops + ends), Catch::Contains("takes too long"));
    CHECK_THAT(error_of("{{$x := \"xxxxxxxx\"}}" + loops + "{{$x = print $x $x}}" + ends),
               Catch::Contains("too long"));
}
