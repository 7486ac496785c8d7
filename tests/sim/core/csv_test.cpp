#include "sim/core/csv.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include "sim/core/files.hpp"
#include "sim/core/temporary_folder.hpp"

namespace plenum {
namespace {

struct Read {
  std::optional<CsvTable> table;
  std::vector<std::string> messages;
};

Read read(const std::string& text, const std::string& name = "table.csv") {
  const TemporaryFolder folder;
  write_whole(folder / name, text);
  Issues issues;
  Read result{read_csv(folder / name, issues), {}};
  const auto prefix = folder.path.string().size() + 1;
  for (const auto& issue : issues.all()) result.messages.push_back(to_string(issue).substr(prefix));
  return result;
}

std::string compressed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

TEST(ReadCsv, KeepsTextAndLines) {
  const auto [table, messages] = read("\xEF\xBB\xBFid,note\r\n1,\"a, \"\"b\"\"\"\n\n2,\"two\nlines\"\n3,\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns, (std::vector<std::string>{"id", "note"}));
  ASSERT_EQ(table->rows.size(), 3u);
  EXPECT_EQ(table->cell(table->rows[0], "note"), "a, \"b\"");
  EXPECT_EQ(table->cell(table->rows[1], "note"), "two\nlines");
  EXPECT_EQ(table->cell(table->rows[2], "note"), "");
  EXPECT_EQ(table->cell(table->rows[2], "absent"), "");
  EXPECT_EQ(table->rows[0].line, 2);
  EXPECT_EQ(table->rows[1].line, 4);
  EXPECT_EQ(table->rows[2].line, 6);
}

TEST(ReadCsv, NeedsNoLineBreakAtTheEnd) {
  const auto [table, messages] = read("a,b\n1,2");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->cell(table->rows.at(0), "b"), "2");
}

TEST(ReadCsv, ReportsEveryRowOfTheWrongLength) {
  const auto [table, messages] = read("a,b\n1\n1,2\n1,2,3\n");
  EXPECT_FALSE(table);
  EXPECT_EQ(messages, (std::vector<std::string>{
                          "table.csv:2:1: error: has 1 cells, but the header names 2 columns",
                          "table.csv:4:1: error: has 3 cells, but the header names 2 columns",
                      }));
}

TEST(ReadCsv, ReportsBrokenQuotes) {
  EXPECT_EQ(read("a\n\"open\nand on").messages,
            std::vector<std::string>{"table.csv:2:1: error: a quoted cell of this row is never closed"});
  EXPECT_EQ(
      read("a\nx\"y\n").messages,
      std::vector<std::string>{"table.csv:2:1: error: a quote stands inside a cell; quote the whole cell and double "
                               "the quotes in it"});
}

TEST(ReadCsv, NeedsAHeader) {
  EXPECT_EQ(read("").messages,
            std::vector<std::string>{"table.csv: error: is empty; its first row must name the columns"});
}

TEST(ReadCsv, Decompresses) {
  std::string text = "a,b\n";
  for (int i = 0; i < 100000; ++i) text += std::to_string(i) + ",x\n";
  const auto [table, messages] = read(compressed(text), "table.csv.zst");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows.size(), 100000u);
}

TEST(ReadCsv, ReportsBrokenCompression) {
  EXPECT_EQ(read("a,b\n", "t.csv.zst").messages,
            std::vector<std::string>{"t.csv.zst: error: cannot be decompressed: Unknown frame descriptor"});
  const std::string whole = compressed("a,b\n1,2\n");
  EXPECT_EQ(read(whole.substr(0, whole.size() - 3), "t.csv.zst").messages,
            std::vector<std::string>{"t.csv.zst: error: cannot be decompressed: it ends early"});
}

}  // namespace
}  // namespace plenum
