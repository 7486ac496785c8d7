// What every subcommand shares: its entry in the table of main.cpp, its options, how it speaks to people.
#pragma once

#include <boost/program_options.hpp>
#include <filesystem>
#include <initializer_list>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/issue.hpp"

namespace plenum::cli {

namespace po = boost::program_options;

using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view summary;  ///< one line of `plenum --help`
  ExitCode (*run)(const Arguments&);
};

ExitCode run(const Arguments&);
ExitCode compare(const Arguments&);
ExitCode collective(const Arguments&);
ExitCode list(const Arguments&);
ExitCode explain(const Arguments&);
ExitCode schema(const Arguments&);
ExitCode capacity(const Arguments&);
ExitCode validate(const Arguments&);
ExitCode calibrate(const Arguments&);
ExitCode topology(const Arguments&);
ExitCode import(const Arguments&);

/// Thrown inside this room only: ends the subcommand with this exit code, everything having been said.
struct Exit {
  ExitCode code;
};

/// What `--help` shows and what is accepted. Positional arguments are options that `positional` names in their order;
/// a positional that is `required()` and absent is a usage error.
struct Syntax {
  std::string usage;     ///< "plenum run SCENARIO [options]"
  std::string about;     ///< a paragraph
  std::string examples;  ///< complete lines
  po::options_description options{"Options"};
  std::vector<std::string> positional;
};

/// The values given; throws Exit when help was asked for (done) or the arguments are wrong (usage, with a suggestion).
po::variables_map parse(const Syntax&, const Arguments&);

/// Throws Exit(usage) with `message` on stderr.
[[noreturn]] void fail_usage(const Syntax&, const std::string& message);

/// Files to be written must have names, differ from each other and from the files read; "-", stdout, is for --json
/// alone. Throws Exit(usage).
void check_output_names(const Syntax&, const po::variables_map&, std::initializer_list<const char*> options,
                        std::initializer_list<std::string> read);

/// "10%" or "10 %" as 0.1; a usage error otherwise.
double parse_percentage(const Syntax&, const std::string& option, const std::string& text);

/// "on" or "off"; a usage error otherwise.
bool parse_switch(const Syntax&, const std::string& option, const std::string& text);

/// Errors and warnings to stderr, one per line; throws Exit(invalid_input) when there is an error.
void tell(const Issues&);

/// As it is written into files.
std::string text_of(const nlohmann::ordered_json&);

/// JSON to a file, whole or not at all; "-" is stdout.
void write_json(const std::string& file, const nlohmann::ordered_json&);

/// Colours and bars: stdout is a terminal and NO_COLOR is not set (https://no-color.org).
bool colour_wanted();

}  // namespace plenum::cli
