#include "analysis/validation/validation.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "analysis/validation/validation_picture.hpp"

namespace plenum::analysis {
namespace {

ValidationRow row(const std::string& id, double predicted, std::optional<double> measured) {
  ValidationRow row;
  row.id = id;
  row.footing = "measured";
  row.quantities = {{"step_time", "s", measured, predicted}};
  row.labels = {{"gpu", "x"}};
  return row;
}

ValidationRow unsupported(const std::string& id, const std::string& reason) {
  auto refused = row(id, 0, 5);
  refused.reason = reason;
  return refused;
}

std::vector<const ValidationRow*> pointers(const std::vector<ValidationRow>& rows) {
  std::vector<const ValidationRow*> all;
  for (const auto& one : rows) all.push_back(&one);
  return all;
}

TEST(ErrorSummary, MedianMeanAndPercentileOfTheAbsoluteError) {
  // Errors +10 %, -20 %, +40 %; one without a measurement, one not predicted.
  const std::vector rows{row("a", 1.1, 1), row("b", 0.8, 1), row("c", 1.4, 1), row("d", 3, std::nullopt),
                         unsupported("e", "why")};
  const auto summary = summarize(pointers(rows));
  EXPECT_EQ(summary.rows, 5u);
  EXPECT_EQ(summary.predicted, 4u);
  EXPECT_EQ(summary.unsupported, 1u);
  EXPECT_EQ(summary.compared, 3u);
  EXPECT_NEAR(summary.median, 0.2, 1e-12);
  EXPECT_NEAR(summary.mean, 0.7 / 3, 1e-12);
  EXPECT_NEAR(summary.p95, 0.4, 1e-12);
}

TEST(ErrorSummary, AnEvenCountTakesTheMiddleOfTwo) {
  const std::vector rows{row("a", 1.1, 1), row("b", 1.3, 1)};
  EXPECT_NEAR(summarize(pointers(rows)).median, 0.2, 1e-12);
}

TEST(ErrorSummary, NothingComparedIsNoError) {
  const std::vector rows{row("a", 1, std::nullopt)};
  EXPECT_EQ(summarize(pointers(rows)).compared, 0u);
}

TEST(ValidationJson, KeepsEveryRow) {
  const Validation validation{"t.csv", {"gpu"}, {row("a", 0.9, 1), row("b", 3, std::nullopt), unsupported("c", "why")}};
  const auto json = to_json(validation);
  EXPECT_EQ(json["table"], "t.csv");
  EXPECT_EQ(json["summary"]["rows"], 3);
  EXPECT_NEAR(json["rows"][0]["quantities"][0]["error"].get<double>(), -0.1, 1e-12);
  EXPECT_EQ(json["rows"][0]["status"], "predicted");
  EXPECT_TRUE(json["rows"][1]["quantities"][0]["measured"].is_null());
  EXPECT_TRUE(json["rows"][1]["quantities"][0]["error"].is_null());
  EXPECT_EQ(json["rows"][1]["quantities"][0]["predicted"], 3);
  EXPECT_EQ(json["rows"][2]["status"], "unsupported");
  EXPECT_EQ(json["rows"][2]["reason"], "why");
  EXPECT_EQ(json["by"]["gpu"]["x"]["rows"], 3);
}

TEST(ValidationJson, SeveralQuantitiesAreToldApart) {
  auto both = row("a", 0.9, 1);
  both.quantities.push_back({"memory", "GiB", 10, 12});
  const auto summary = to_json({"t.csv", {"gpu"}, {both}})["summary"];
  EXPECT_NEAR(summary["median_abs_error"].get<double>(), 0.1, 1e-12);
  EXPECT_NEAR(summary["quantities"]["memory"]["median_abs_error"].get<double>(), 0.2, 1e-12);
}

TEST(ValidationJson, RowsWithDoubtsAreNotJudged) {
  auto doubtful = row("b", 2, 1);
  doubtful.judged = false;
  const auto json = to_json({"t.csv", {"gpu"}, {row("a", 0.9, 1), doubtful}});
  EXPECT_NEAR(json["judged"]["median_abs_error"].get<double>(), 0.1, 1e-12);
  EXPECT_EQ(json["summary"]["compared"], 2);
}

ValidationRow of_part(const std::string& part, double predicted) {
  auto one = row(part, predicted, 1);
  one.labels["part"] = part;
  return one;
}

TEST(GapBetweenParts, IsOfTheMediansOfJudgedRows) {
  auto incomplete = of_part("checked", 9);
  incomplete.judged = false;
  const Validation validation{"t.csv", {"part"}, {of_part("fitted", 1.1), of_part("checked", 0.85), incomplete}};
  EXPECT_NEAR(gap_between_parts(validation, 0).value(), 0.05, 1e-12);
}

TEST(GapBetweenParts, NeedsBothParts) {
  EXPECT_FALSE(gap_between_parts({"t.csv", {"part"}, {of_part("fitted", 1.1)}}, 0));
}

TEST(ValidationPicture, DrawsEveryJudgedRowAndNamesItsGroup) {
  auto doubtful = row("b", 2, 1);
  doubtful.judged = false;
  const auto svg =
      picture_of({"t.csv", {"gpu"}, {row("a", 0.9, 1), doubtful, row("c", 30, 20), unsupported("d", "why")}, "gpu"});
  std::size_t dots = 0;
  for (auto at = svg.find("<circle"); at != std::string::npos; at = svg.find("<circle", at + 1)) ++dots;
  EXPECT_EQ(dots, 2u);
  EXPECT_THAT(svg, testing::HasSubstr(">x</text>"));
  EXPECT_THAT(svg, testing::HasSubstr("step_time: predicted against measured, by gpu"));
}

TEST(ValidationText, TellsWhyRowsAreMissing) {
  const Validation validation{"t.csv", {"gpu"}, {row("a", 0.9, 1), unsupported("b", "why"), unsupported("c", "why")}};
  EXPECT_THAT(to_text(validation), testing::HasSubstr("    2  why\n"));
}

}  // namespace
}  // namespace plenum::analysis
