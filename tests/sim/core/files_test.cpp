#include "sim/core/files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "sim/core/temporary_folder.hpp"

namespace plenum {
namespace {
namespace fs = std::filesystem;

std::vector<fs::path> content(const fs::path& folder) {
  return {fs::directory_iterator(folder), fs::directory_iterator()};
}

TEST(WriteWhole, ReplacesAFileAndLeavesNothingElse) {
  const TemporaryFolder folder;
  write_whole(folder / "out.json", "old");
  write_whole(folder / "out.json", std::string_view("new\0bytes", 9));
  Issues issues;
  EXPECT_EQ(read_whole(folder / "out.json", issues), std::string("new\0bytes", 9));
  EXPECT_EQ(content(folder.path).size(), 1u);
}

TEST(WriteWhole, NamesTheFileItCannotWrite) {
  const TemporaryFolder folder;
  try {
    write_whole(folder / "missing/out.json", "x");
    FAIL() << "was written";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(), (folder / "missing/out.json").string() + ": cannot be written: No such file or directory");
  }
  EXPECT_TRUE(content(folder.path).empty());
}

TEST(WriteWhole, LeavesNoPartialFileWhenTheTargetIsAFolder) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "out.json");
  EXPECT_THROW(write_whole(folder / "out.json", "x"), std::runtime_error);
  EXPECT_EQ(content(folder.path).size(), 1u);
}

TEST(WriteWhole, WritesAllFilesOrNone) {
  const TemporaryFolder folder;
  EXPECT_THROW(write_whole({{folder / "a", "x"}, {folder / "missing/b", "x"}}), std::runtime_error);
  EXPECT_TRUE(content(folder.path).empty());
  write_whole({{folder / "a", "x"}, {folder / "b", "y"}});
  EXPECT_EQ(content(folder.path).size(), 2u);
}

TEST(WriteWhole, FollowsLinksAndKeepsPermissions) {
  const TemporaryFolder folder;
  write_whole(folder / "target", "old");
  fs::permissions(folder / "target", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("target", folder / "link");
  write_whole(folder / "link", "new");
  Issues issues;
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_whole(folder / "target", issues), "new");
  EXPECT_EQ(fs::status(folder / "target").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(WriteWhole, LeavesDevicesWhatTheyAre) {
  write_whole("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_THROW(write_whole("/dev/full", "x"), std::runtime_error);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST(ReadWhole, SaysWhyNot) {
  const TemporaryFolder folder;
  Issues issues;
  EXPECT_FALSE(read_whole(folder / "absent", issues));
  EXPECT_FALSE(read_whole(folder.path, issues));
  write_whole(folder / "big", "12345");
  EXPECT_FALSE(read_whole(folder / "big", issues, 4));
  ASSERT_EQ(issues.all().size(), 3u);
  EXPECT_EQ(issues.all()[0].message, "cannot be read: No such file or directory");
  EXPECT_EQ(issues.all()[1].message, "cannot be read: it is a folder");
  EXPECT_EQ(issues.all()[2].message, "cannot be read: it has more than 4 bytes");
}

TEST(DataRoot, IsTheSourceTreeUnlessTheEnvironmentSaysOtherwise) {
  ::unsetenv("PLENUM_HOME");
  EXPECT_TRUE(fs::exists(data_root() / "sim/core/files.hpp"));
  ::setenv("PLENUM_HOME", "/elsewhere", 1);
  EXPECT_EQ(data_root(), "/elsewhere");
  ::unsetenv("PLENUM_HOME");
}

TEST(CatalogueNames, AreTheJsonFilesInOrder) {
  const TemporaryFolder folder;
  for (const char* name : {"b.json", "a.json", "README.md"}) write_whole(folder / name, "{}");
  ::setenv("PLENUM_HOME", folder.path.c_str(), 1);
  EXPECT_EQ(catalogue_names("."), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(catalogue_names("absent").empty());
  ::unsetenv("PLENUM_HOME");
}

}  // namespace
}  // namespace plenum
