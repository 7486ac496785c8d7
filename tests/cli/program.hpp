// Runs the program as people do: arguments in, exit code, stdout and stderr out.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace plenum::testing {

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

struct Outcome {
  int code = -1;  ///< -1: ended by a signal
  std::string out, err;
};

/// A folder of its own for every test, in which the program runs; gone afterwards.
class Program : public ::testing::Test {
 protected:
  Program() {
    std::string name = (std::filesystem::temp_directory_path() / "plenum-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  ~Program() override { std::filesystem::remove_all(folder); }

  /// `arguments` as a shell reads them.
  Outcome run(const std::string& arguments) const {
    const auto command = "cd '" + folder.string() + "' && '" PLENUM_EXECUTABLE "' " + arguments + " >.out 2>.err";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder / ".out"), read_file(folder / ".err")};
  }

  std::filesystem::path folder;
};

}  // namespace plenum::testing
