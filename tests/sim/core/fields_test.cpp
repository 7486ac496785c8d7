#include "sim/core/fields.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

namespace plenum {
namespace {

enum class Colour { red, green };
std::span<const std::string_view> names_of(Colour) {
  static constexpr std::array<std::string_view, 2> names{"red", "green"};
  return names;
}

struct Part {
  std::int64_t count = 1;
};
void describe(Fields& fields, Part& part) { fields.required("count", part.count, "How many", at_least(1)); }

struct Machine {
  std::string name;
  std::int64_t nodes = 0;
  double share = 0.5;
  bool fast = false;
  Colour colour = Colour::green;
  BytesPerSecond link{50e9};
  Bytes memory{1 << 30};
  Part part;
  std::optional<Part> spare;
  std::vector<Part> parts;
  std::vector<std::string> tags;
  std::vector<std::int64_t> ids;
  std::vector<double> weights;
  std::string engine_name;
  std::optional<Part> engine;
};
std::string refuse_engine(const std::string& name) {
  const bool known = name == "diesel" || name == "electric" || name == "e";
  return known ? "" : "no engine is called " + name;
}
const Catalogue engines{.kind = "engine",
                        .listing = "plenum list engines",
                        .names =
                            [] {
                              return std::vector<std::string>{"diesel", "electric"};
                            },
                        .refusal = refuse_engine,
                        .bases = {{"preset", "What it starts from"}}};
const Catalogue fuels{.kind = "fuel",
                      .listing = "plenum list fuels",
                      .names =
                          [] {
                            return std::vector<std::string>{"petrol", "hydrogen"};
                          },
                      .refusal = {},
                      .bases = {}};

void describe(Fields& fields, Machine& machine) {
  fields.optional("name", machine.name, "Its name");
  fields.required("nodes", machine.nodes, "Number of nodes", between(1, 100));
  fields.optional("share", machine.share, "Part that is used", {.low = 0, .high = 1, .open_low = true});
  fields.optional("fast", machine.fast, "Whether it is fast");
  fields.optional("colour", machine.colour, "Its colour");
  fields.optional("link", machine.link, "Bandwidth of a link", positive());
  fields.optional("memory", machine.memory, "Memory of a node", between(0, 1e12));
  fields.optional("part", machine.part, "A part");
  fields.optional("spare", machine.spare, "Another part");
  fields.optional("parts", machine.parts, "All parts");
  fields.optional("tags", machine.tags, "Labels");
  fields.optional("ids", machine.ids, "Numbers", at_least(0));
  fields.optional("weights", machine.weights, "Weights", at_least(0));
  fields.named_or_object("engine", machine.engine_name, machine.engine, "What drives it", engines);
}

struct Read {
  Machine machine;
  std::vector<std::string> messages;
};

DescribeRoot root_of(Machine& machine) {
  return [&machine](Fields& fields) { describe(fields, machine); };
}

Read read(const std::string& text) {
  Read result;
  Issues issues;
  const auto value = json::parse(text, "t", issues);
  if (value) read_fields(*value, "", root_of(result.machine), issues);
  for (const auto& issue : issues.all()) result.messages.push_back(to_string(issue));
  return result;
}

std::string read_fuel(const std::string& text) {
  Issues issues;
  std::string name;
  std::optional<Part> part;
  const auto root = [&](Fields& fields) { fields.named_or_object("fuel", name, part, "What it burns", fuels); };
  read_fields(json::parse(text, "t", issues).value(), "", root, issues);
  return issues.all().empty() ? "" : to_string(issues.all().front());
}

/// Complaints about one member beside the required ones.
std::vector<std::string> complaints(const std::string& member) {
  return read("{\"nodes\": 4, \"engine\": \"diesel\",\n" + member + "}").messages;
}
std::string complaint(const std::string& member) {
  const auto all = complaints(member);
  EXPECT_EQ(all.size(), 1u) << member;
  return all.empty() ? "" : all.front();
}

TEST(ReadFields, FillsEveryKind) {
  const auto [machine, messages] = read(R"({"name": "x", "nodes": 16, "share": 1, "fast": true, "colour": "red",
    "link": "400 Gb/s", "memory": "80 GiB", "part": {"count": 2}, "spare": {"count": 3}, "parts": [{"count": 4}, {"count": 5}],
    "tags": ["a", "b"], "ids": [7, 8e0], "weights": [1, 0.5], "engine": {"count": 9}})");
  EXPECT_TRUE(messages.empty()) << messages.front();
  EXPECT_EQ(machine.name, "x");
  EXPECT_EQ(machine.nodes, 16);
  EXPECT_EQ(machine.share, 1);
  EXPECT_TRUE(machine.fast);
  EXPECT_EQ(machine.colour, Colour::red);
  EXPECT_EQ(machine.link, BytesPerSecond(50e9));
  EXPECT_EQ(machine.memory, Bytes(80LL << 30));
  EXPECT_EQ(machine.part.count, 2);
  EXPECT_EQ(machine.spare.value().count, 3);
  ASSERT_EQ(machine.parts.size(), 2u);
  EXPECT_EQ(machine.parts[1].count, 5);
  EXPECT_EQ(machine.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(machine.ids, (std::vector<std::int64_t>{7, 8}));
  EXPECT_EQ(machine.weights, (std::vector<double>{1, 0.5}));
  EXPECT_EQ(machine.engine.value().count, 9);
  EXPECT_EQ(machine.engine_name, "");
}

TEST(ReadFields, KeepsDefaults) {
  const auto [machine, messages] = read(R"({"nodes": 1e1, "engine": "electric"})");
  EXPECT_TRUE(messages.empty());
  EXPECT_EQ(machine.nodes, 10);
  EXPECT_EQ(machine.colour, Colour::green);
  EXPECT_FALSE(machine.spare);
  EXPECT_FALSE(machine.engine);
  EXPECT_EQ(machine.engine_name, "electric");
}

TEST(ReadFields, ReportsAllIssuesAtOnce) {
  EXPECT_EQ(read("{\"share\": 2, \"link\": 400,\n \"part\": {\"count\": 0, \"cuont\": 1}, \"tags\": [1, \"a\", null]}")
                .messages,
            (std::vector<std::string>{
                "t:1:1: error: \"nodes\" is missing (Number of nodes)",
                "t:1:11: error: /share: 2 is out of range; it must be greater than 0 and at most 1",
                "t:1:22: error: /link: 400 has no unit; a bandwidth is written like \"400 Gb/s\"",
                "t:2:20: error: /part/count: 0 is out of range; it must be at least 1",
                "t:2:23: error: /part/cuont: unknown field \"cuont\"; did you mean \"count\"?",
                "t:2:45: error: /tags/0: expected a string, not the integer 1",
                "t:2:53: error: /tags/2: expected a string, not null",
                "t:1:1: error: \"engine\" is missing (What drives it)",
            }));
}

TEST(ReadFields, ExplainsWrongKinds) {
  EXPECT_EQ(complaint("\"name\": 8"), "t:2:9: error: /name: expected a string, not the integer 8");
  EXPECT_EQ(complaint("\"fast\": \"yes\""), "t:2:9: error: /fast: expected true or false, not the string \"yes\"");
  EXPECT_EQ(complaint("\"share\": true"), "t:2:10: error: /share: expected a number, not the value true");
  EXPECT_EQ(complaint("\"share\": \"0.5\""),
            "t:2:10: error: /share: expected a number, not the string \"0.5\"; write it without quotes");
  EXPECT_EQ(complaint("\"link\": [1]"), "t:2:9: error: /link: expected a bandwidth like \"400 Gb/s\", not a list");
  EXPECT_EQ(complaint("\"ids\": 8"), "t:2:8: error: /ids: expected a list of integers in [ ], not the integer 8");
  EXPECT_EQ(complaint("\"ids\": [0.5]"), "t:2:9: error: /ids/0: expected an integer, not the number 0.5");
  EXPECT_EQ(complaint("\"ids\": [1e300]"), "t:2:9: error: /ids/0: 1e+300 is too large for an integer");
  EXPECT_EQ(complaint("\"ids\": [-1]"), "t:2:9: error: /ids/0: -1 is out of range; it must be at least 0");
  EXPECT_EQ(complaint("\"part\": []"), "t:2:9: error: /part: expected an object, not a list");
  EXPECT_EQ(complaint("\"spare\": 1"), "t:2:10: error: /spare: expected an object, not the integer 1");
  EXPECT_EQ(complaint("\"parts\": [1]"), "t:2:11: error: /parts/0: expected an object, not the integer 1");
  EXPECT_EQ(read("[]").messages.at(0), "t:1:1: error: expected an object, not a list");
}

TEST(ReadFields, ExplainsQuantities) {
  EXPECT_EQ(complaint("\"link\": \"400 Gb\""),
            "t:2:9: error: /link: \"400 Gb\" is a size, not a bandwidth; write it like \"400 Gb/s\"");
  EXPECT_EQ(complaint("\"link\": \"0 Gb/s\""),
            "t:2:9: error: /link: \"0 Gb/s\" is out of range; it must be greater than 0");
  EXPECT_EQ(complaint("\"memory\": \"2 TB\""),
            "t:2:11: error: /memory: \"2 TB\" is out of range; it must be between 0 and 931 GiB");
}

TEST(ReadFields, ExplainsNames) {
  EXPECT_EQ(complaint("\"colour\": \"gren\""),
            "t:2:11: error: /colour: \"gren\" is none of \"red\" and \"green\"; did you mean \"green\"?");
  EXPECT_EQ(complaint("\"colour\": 1"),
            "t:2:11: error: /colour: expected one of \"red\" and \"green\", not the integer 1");
  EXPECT_EQ(read("{\"nodes\": 1, \"engine\": \"deisel\"}").messages.at(0),
            "t:1:24: error: /engine: no engine is called deisel");
  EXPECT_EQ(read_fuel("{\"fuel\": \"petroll\"}"),
            "t:1:10: error: /fuel: unknown fuel \"petroll\"; did you mean \"petrol\"? (plenum list fuels)");
  EXPECT_EQ(read_fuel("{\"fuel\": \"petrol\"}"), "");
  EXPECT_EQ(read("{\"nodes\": 1, \"engine\": 5}").messages.at(0),
            "t:1:24: error: /engine: expected the name of an engine or an object, not the integer 5");
  EXPECT_EQ(read("{\"nodes\": 1, \"engine\": {}}").messages.at(0),
            "t:1:24: error: /engine: \"count\" is missing (How many)");
  EXPECT_EQ(complaint("\"part\": {\"count\": 1, \"zzz\": 1}"),
            "t:2:22: error: /part/zzz: unknown field \"zzz\"; there are \"count\"");
}

TEST(ReadFields, KnowsAliasesAndBases) {
  const auto [named, no_messages] = read(R"({"nodes": 1, "engine": "e"})");
  EXPECT_TRUE(no_messages.empty());
  EXPECT_EQ(named.engine_name, "e");
  const auto [merged, messages] = read(R"({"nodes": 1, "engine": {"preset": "diesel", "count": 3}})");
  EXPECT_TRUE(messages.empty());
  EXPECT_EQ(merged.engine.value().count, 3);
  EXPECT_EQ(read(R"({"nodes": 1, "engine": {"preset": 3, "count": 3}})").messages,
            std::vector<std::string>{"t:1:35: error: /engine/preset: expected a string, not the integer 3"});
}

TEST(ReadFields, ExplainsNull) {
  EXPECT_EQ(complaint("\"name\": null"), "t:2:9: error: /name: null is no value; leave the field out for its default");
  EXPECT_EQ(read("{\"nodes\": null, \"engine\": \"diesel\"}").messages.at(0),
            "t:1:11: error: /nodes: null is no value; this field is required");
}

TEST(WriteFields, ReadsBackToTheSame) {
  EXPECT_TRUE(rc::check([](std::int64_t id, double weight, bool fast, std::uint16_t gigabytes) {
    RC_PRE(std::isfinite(weight));
    Machine machine;
    machine.nodes = 3;
    machine.fast = fast;
    machine.memory = Bytes(gigabytes * 1000000LL);
    machine.link = BytesPerSecond(1 + std::abs(weight));
    machine.ids = {std::abs(id / 2)};
    machine.weights = {std::abs(weight)};
    machine.parts = {{4}, {5}};
    machine.engine_name = "diesel";
    if (fast) machine.spare = Part{6};
    const std::string written = json::canonical(write_fields(root_of(machine), {}));
    auto [again, messages] = read(written);
    RC_ASSERT(messages.empty());
    RC_ASSERT(json::canonical(write_fields(root_of(again), {})) == written);
    RC_ASSERT(again.link == machine.link);
    RC_ASSERT(again.memory == machine.memory);
  }));
}

TEST(SchemaOf, DescribesEveryField) {
  Machine machine;
  const auto schema = schema_of(root_of(machine), "Machine");
  EXPECT_EQ(schema["title"], "Machine");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["required"], (std::vector<std::string>{"nodes", "engine"}));
  const auto& fields = schema["properties"];
  EXPECT_EQ(fields.size(), 14u);
  EXPECT_EQ(fields["nodes"]["minimum"], 1);
  EXPECT_EQ(fields["nodes"]["maximum"], 100);
  EXPECT_EQ(fields["nodes"]["description"], "Number of nodes");
  EXPECT_EQ(fields["share"]["exclusiveMinimum"], 0);
  EXPECT_EQ(fields["share"]["default"], 0.5);
  EXPECT_EQ(fields["colour"]["enum"], (std::vector<std::string>{"red", "green"}));
  EXPECT_EQ(fields["colour"]["default"], "green");
  EXPECT_EQ(fields["link"]["examples"][0], "400 Gb/s");
  EXPECT_EQ(fields["parts"]["items"]["properties"]["count"]["type"], "integer");
  EXPECT_EQ(fields["tags"]["items"]["type"], "string");
  EXPECT_EQ(fields["engine"]["oneOf"][0]["examples"], (std::vector<std::string>{"diesel", "electric"}));
  EXPECT_EQ(fields["engine"]["oneOf"][1]["properties"]["preset"]["description"], "What it starts from");
  EXPECT_EQ(fields["engine"]["oneOf"][1]["anyOf"].dump(), R"([{"required":["count"]},{"required":["preset"]}])");
}

std::optional<std::string> explain(std::string_view pointer) {
  Machine machine;
  return explain_field(root_of(machine), pointer);
}

TEST(ExplainField, SaysWhatAFieldIs) {
  EXPECT_EQ(explain("/nodes"), "/nodes: Number of nodes\n  integer, between 1 and 100, required\n");
  EXPECT_EQ(explain("/link"),
            "/link: Bandwidth of a link\n  a bandwidth like \"400 Gb/s\", greater than 0, default \"50 GB/s\"\n");
  EXPECT_EQ(explain("/parts/7/count"), "/parts/7/count: How many\n  integer, at least 1, required\n");
  EXPECT_EQ(explain("/part"), "/part: A part\n  object\n  count  How many\n         integer, at least 1, required\n");
  EXPECT_EQ(explain("/ids/3"), "/ids/3: Numbers\n  list, each: integer, at least 0\n");
  EXPECT_NE(explain("")->find("engine"), std::string::npos);
  EXPECT_EQ(explain("/engine"),
            "/engine: What drives it\n  name (plenum list engines) or object, required\n"
            "  preset  What it starts from\n          string\n"
            "  count   How many\n          integer, at least 1, required\n");
}

TEST(ExplainField, KnowsNoOtherFields) {
  for (const char* pointer : {"nodes", "/node", "/nodes/1", "/parts/x/count", "/part/0/count"})
    EXPECT_FALSE(explain(pointer)) << pointer;
}

}  // namespace
}  // namespace plenum
