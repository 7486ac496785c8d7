#include "sim/core/json.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace plenum::json {
namespace {

Value good(std::string_view text) {
  Issues issues;
  auto value = parse(text, "t", issues);
  for (const auto& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return value.value_or(Value{});
}

std::vector<std::string> messages(std::string_view text) {
  Issues issues;
  const auto value = parse(text, "t", issues);
  EXPECT_TRUE(value || issues.has_errors());
  std::vector<std::string> result;
  for (const auto& issue : issues.all()) result.push_back(to_string(issue));
  return result;
}

std::string message(std::string_view text) {
  const auto all = messages(text);
  EXPECT_EQ(all.size(), 1u) << text;
  return all.empty() ? "" : all.front();
}

std::string place(const Value& root, std::string_view pointer) {
  const Position where = position_of(root, pointer);
  return fmt::format("{}:{}", where.line, where.column);
}

TEST(Parse, KeepsThePositionOfEveryValue) {
  const Value root = good("{\n  \"a\": [1, {\"b\" : \"x,:]\\\"\"}, -2.5e3],\n\t\"\u00b5\": \"\u00b5\", \"c\":null}\n");
  EXPECT_EQ(place(root, ""), "1:1");
  EXPECT_EQ(place(root, "/a"), "2:8");
  EXPECT_EQ(place(root, "/a/0"), "2:9");
  EXPECT_EQ(place(root, "/a/1"), "2:12");
  EXPECT_EQ(place(root, "/a/1/b"), "2:19");
  EXPECT_EQ(place(root, "/a/2"), "2:30");
  EXPECT_EQ(place(root, "/\u00b5"), "3:7");
  EXPECT_EQ(place(root, "/c"), "3:16");
  EXPECT_EQ(place(root, "/a/1/absent/below"), "2:12");
  EXPECT_EQ(std::get<Object>(root.data)[2].where.column, 12);
}

TEST(Parse, TellsNumbersApart) {
  EXPECT_EQ(good("7").kind(), "integer");
  EXPECT_EQ(good("7.0").kind(), "number");
  EXPECT_EQ(good("-9223372036854775808").kind(), "integer");
  EXPECT_EQ(std::get<double>(good("9223372036854775808").data), 0x1p63);
  EXPECT_EQ(std::get<double>(good("123456789012345678901234567890").data), 123456789012345678901234567890.0);
}

TEST(Parse, ReportsDuplicateKeysAndReadsOn) {
  Issues issues;
  const auto root = parse("{\"a\": 1,\n \"a\": 2, \"b\": {\"a\": 3}}", "t", issues);
  ASSERT_EQ(issues.all().size(), 1u);
  EXPECT_EQ(to_string(issues.all()[0]), "t:2:2: error: /a: \"a\" is written twice; the first is at 1:2");
  ASSERT_TRUE(root);
  EXPECT_EQ(std::get<std::int64_t>(root->find("a")->data), 1);
}

TEST(Parse, ReportsEveryNumberBeyondDoublesRange) {
  EXPECT_EQ(messages("[1e999, 2, -1e400,\n 1" + std::string(400, '0') + "]"),
            (std::vector<std::string>{"t:1:2: error: 1e999 is too large for a number",
                                      "t:1:12: error: -1e400 is too large for a number",
                                      "t:2:2: error: 100000000000000000000000 is too large for a number"}));
}

TEST(Parse, LimitsDepth) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(messages(nested(max_depth)).empty());
  EXPECT_EQ(message(nested(max_depth + 1)), "t:1:65: error: values are nested more than 64 levels deep");
  EXPECT_EQ(message(std::string(1000000, '[')), "t:1:65: error: values are nested more than 64 levels deep");
}

TEST(Parse, ExplainsTruncatedText) {
  EXPECT_EQ(message(""), "t:1:1: error: the text is empty; expected an object in { }");
  EXPECT_EQ(message(" \n "), "t:2:2: error: the text is empty; expected an object in { }");
  EXPECT_EQ(message("{\n\"a\": [1,"),
            "t:2:9: error: the text ends inside the list that starts at 2:6; is a \"]\" missing?");
  EXPECT_EQ(message("{\"a\""), "t:1:5: error: the text ends inside the object that starts at 1:1; is a \"}\" missing?");
  EXPECT_EQ(message("{\"a\":"),
            "t:1:6: error: the text ends inside the object that starts at 1:1; is a \"}\" missing?");
  EXPECT_EQ(message("[\"abc"), "t:1:2: error: the string is never closed; is a closing quote missing?");
}

TEST(Parse, ExplainsMisplacedSeparators) {
  EXPECT_EQ(message("{\"a\": 1,}"),
            "t:1:9: error: expected a name in double quotes before \"}\"; is there a comma too many?");
  EXPECT_EQ(message("[1,]"), "t:1:4: error: expected a value before \"]\"; is there a comma too many?");
  EXPECT_EQ(message("[1 2]"), "t:1:4: error: expected \",\" or \"]\" before \"2\"; is a comma missing?");
  EXPECT_EQ(message("{\"a\": 1\n \"b\": 2}"),
            "t:2:2: error: expected \",\" or \"}\" before a string; is a comma missing?");
  EXPECT_EQ(message("{\"a\" 1}"), "t:1:6: error: expected \":\" after the name, not \"1\"");
  EXPECT_EQ(message("{\"a\": [1}"), "t:1:9: error: \"}\" cannot close the list that starts at 1:7; expected \"]\"");
  EXPECT_EQ(message("{a: 1}"), "t:1:2: error: expected a name in double quotes, not \"a\"");
  EXPECT_EQ(message("{} {}"), "t:1:4: error: the document is complete before \"{\"; remove what follows");
  EXPECT_EQ(message(std::string_view("{}\0x", 4)),
            "t:1:3: error: the document is complete before the byte 0x00; remove what follows");
}

TEST(Parse, ExplainsForeignWords) {
  EXPECT_EQ(message("[NaN]"), "t:1:2: error: JSON has no infinite or undefined numbers");
  EXPECT_EQ(message("[-Infinity]"), "t:1:2: error: JSON has no infinite or undefined numbers");
  EXPECT_EQ(message("[True]"), "t:1:2: error: write true in small letters");
  EXPECT_EQ(message("[None]"), "t:1:2: error: there is no such value; leave the field out instead");
  EXPECT_EQ(message("[H100]"), "t:1:2: error: \"H100\" is no value; texts stand in double quotes");
  EXPECT_EQ(message("['a']"), "t:1:2: error: texts stand in double quotes, not single ones");
  EXPECT_EQ(message("[.5]"),
            "t:1:2: error: \".5\" is not a number as JSON writes it, like 12, -0.5 or 1.6e13; with a unit it stands in "
            "quotes");
  EXPECT_EQ(message("[+5]"),
            "t:1:2: error: \"+5\" is not a number as JSON writes it, like 12, -0.5 or 1.6e13; with a unit it stands in "
            "quotes");
  for (const char* number : {"04", "0x4", "1_000", "1e5e5", "4GB", "1.", "1e"})
    EXPECT_THAT(message(fmt::format("[{}, 2]", number)),
                testing::StartsWith(fmt::format("t:1:2: error: \"{}\" is not a number", number)));
  EXPECT_EQ(message("[1, // one\n2]"), "t:1:5: error: JSON has no comments");
  EXPECT_EQ(message("{\"a\": 1 /* one */}"), "t:1:9: error: JSON has no comments");
}

TEST(Parse, ExplainsBrokenStrings) {
  EXPECT_EQ(message("[\"ab\n\"]"), "t:1:2: error: the string is not closed on its line; is a closing quote missing?");
  EXPECT_EQ(message("[\"a\tb\"]"),
            "t:1:4: error: the control character 0x09 stands in a string; write it as an escape");
  EXPECT_EQ(message("[\"C:\\data\"]"),
            "t:1:5: error: unknown escape \"\\d\" in a string; a backslash is written \"\\\\\"");
  EXPECT_EQ(message("[\"\\u12G4\"]"),
            "t:1:3: error: \"\\u\" in a string needs four hexadecimal digits, and surrogates stand in pairs");
  EXPECT_EQ(message("[\"\\ud800x\"]"),
            "t:1:2: error: the string holds half of a surrogate pair; write the character itself, or both halves");
  EXPECT_EQ(message("[\"\u00b5\xFF\"]"), "t:1:4: error: the byte 0xFF is not UTF-8; save the file as UTF-8");
}

TEST(Parse, ExplainsForeignEncodings) {
  EXPECT_EQ(message("\xEF\xBB\xBF{}"),
            "t:1:1: error: the file starts with a byte order mark; save it as UTF-8 without one");
  EXPECT_EQ(message(std::string_view("\xFF\xFE{\0}\0", 6)), "t:1:1: error: the file is UTF-16; save it as UTF-8");
  EXPECT_EQ(message("\x1F\x8B\x08"), "t:1:1: error: the file is compressed; unpack it first");
  EXPECT_EQ(message("\x7F"
                    "ELF"),
            "t:1:1: error: the file is binary, not JSON text");
}

TEST(Parse, GivesAValueOrAnErrorForAnyText) {
  const auto alphabet = rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("{}[]\",:\\ \n0123456789.eE+-truefalsn/u\xC2\xB5\xFF\x01")));
  EXPECT_TRUE(rc::check([&] {
    Issues issues;
    const auto value = parse(*alphabet, "t", issues);
    RC_ASSERT(value.has_value() || issues.has_errors());
  }));
}

TEST(Parse, EveryTruncationIsAnErrorInsideTheText) {
  const std::string whole = "{\"a\": [1, -2.5e3, \"x\\u00e9\", true], \"b\": {\"c\": null}}";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Issues issues;
    EXPECT_FALSE(parse(whole.substr(0, length), "t", issues)) << length;
    ASSERT_EQ(issues.all().size(), 1u);
    EXPECT_LE(issues.all()[0].where.column, static_cast<int>(length) + 1);
  }
}

TEST(At, FollowsEscapedPointers) {
  const Value root = good("{\"a/b\": {\"c~d\": [10, 20]}}");
  ASSERT_NE(at(root, "/a~1b/c~0d/1"), nullptr);
  EXPECT_EQ(std::get<std::int64_t>(at(root, "/a~1b/c~0d/1")->data), 20);
  EXPECT_EQ(at(root, ""), &root);
  for (const char* absent : {"a", "/a", "/a~1b/c~0d/2", "/a~1b/c~0d/-1", "/a~1b/c~0d/1x", "/a~1b/c~0d/0/0"})
    EXPECT_EQ(at(root, absent), nullptr) << absent;
  EXPECT_EQ(pointer_join("/x", "a/b~c"), "/x/a~1b~0c");
}

std::string after_set(std::string_view text, std::string_view assignment) {
  Value root = good(text);
  Issues issues;
  if (set(root, assignment, issues)) return canonical(root);
  EXPECT_EQ(issues.all().size(), 1u);
  return issues.all().empty() ? "" : to_string(issues.all().front());
}

TEST(Set, ReplacesAndCreates) {
  EXPECT_EQ(after_set("{\"a\": 1}", "/a=2"), "{\"a\":2}");
  EXPECT_EQ(after_set("{\"a\": 1}", "/b/c=400 Gb/s"), "{\"a\":1,\"b\":{\"c\":\"400 Gb/s\"}}");
  EXPECT_EQ(after_set("{\"a\": [1, 2]}", "/a/1={\"x\": true}"), "{\"a\":[1,{\"x\":true}]}");
  EXPECT_EQ(after_set("{\"a\": [1]}", "/a/-=2"), "{\"a\":[1,2]}");
  EXPECT_EQ(after_set("{\"a\": [1]}", "/a/1=2"), "{\"a\":[1,2]}");
  EXPECT_EQ(after_set("{\"a\": 1}", "/a="), "{\"a\":\"\"}");
  EXPECT_EQ(after_set("{\"a\": 1}", "/a=b=c"), "{\"a\":\"b=c\"}");
}

TEST(Set, ExplainsWhatCannotBeSet) {
  EXPECT_EQ(after_set("{\"a\": 1}", "a=2"), "--set a=2: error: expected /json/pointer=value");
  EXPECT_EQ(after_set("{\"a\": 1}", "/a"), "--set /a: error: expected /json/pointer=value");
  EXPECT_EQ(after_set("{\"a\": 1}", "/a/b=2"), "--set /a/b=2: error: /a is an integer; nothing lies below it");
  EXPECT_EQ(after_set("{\"a\": [1]}", "/a/5=2"), "--set /a/5=2: error: /a is a list of 1; it has no element \"5\"");
  EXPECT_EQ(after_set("{\"a\": 1}", "/a=1e999"), "--set /a=1e999: error: 1e999 is too large for a number");
  EXPECT_EQ(after_set("{\"a\": 1}", "/a=[1,"),
            "--set /a=[1,: error: the text ends inside the list that starts at 1:1; is a \"]\" missing?");
}

TEST(Set, PositionsNameTheOption) {
  Value root = good("{}");
  Issues issues;
  ASSERT_TRUE(set(root, "/a/b=[{\"c\": 1}]", issues));
  EXPECT_EQ(position_of(root, "/a/b/0/c").file, "--set /a/b=[{\"c\": 1}]");
  EXPECT_EQ(position_of(root, "/a").file, "--set /a/b=[{\"c\": 1}]");
  EXPECT_EQ(position_of(root, "/a/b/0/c").line, 0);
}

TEST(Canonical, DoesNotDependOnOrderOrSpelling) {
  EXPECT_EQ(canonical(good("{\"b\": [1.50, \"x\\n\"], \"a\": null}")), "{\"a\":null,\"b\":[1.5,\"x\\u000a\"]}");
  EXPECT_EQ(canonical(good("{ \"a\":null,\"b\":[15e-1,\"x\\u000A\"] }")), "{\"a\":null,\"b\":[1.5,\"x\\u000a\"]}");
}

TEST(Canonical, ReadsBackToItself) {
  EXPECT_TRUE(rc::check([](const std::vector<double>& numbers, const std::vector<std::int64_t>& integers) {
    Array array;
    for (const double number : numbers) array.push_back({number, {}});
    for (const auto integer : integers) array.push_back({integer, {}});
    const std::string text = canonical(Value{array, {}});
    RC_ASSERT(canonical(good(text)) == text);
  }));
}

}  // namespace
}  // namespace plenum::json
