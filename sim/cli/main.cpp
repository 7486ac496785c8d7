// The program: finds the subcommand and turns what it returns into an exit code.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>

#include "sim/cli/command.hpp"

namespace plenum::cli {
namespace {

constexpr std::array commands{
    Command{"run", "simulate a scenario: step time, rates, memory, cost, where time goes", run},
    Command{"compare", "two results side by side, with a gate", compare},
    Command{"collective", "time of one collective over sizes, as nccl-tests prints it", collective},
    Command{"topology", "what a fabric consists of, costs and carries; pictures, graphs", topology},
    Command{"capacity", "highest rate a serving deployment sustains, and GPUs for a rate", capacity},
    Command{"validate", "predictions held against published measurements", validate},
    Command{"import", "a scenario from another tool's configuration or trace", import},
    Command{"calibrate", "device models from recorded measurements", calibrate},
    Command{"list", "what the catalogues hold: GPUs, models, clusters, scenarios, fabrics", list},
    Command{"explain", "what a field of a scenario means", explain},
    Command{"schema", "JSON schema of scenarios, for editors", schema},
};

std::string help() {
  std::string text = "plenum simulates an AI data center as one computer.\n\nUsage: plenum COMMAND [options]\n\n";
  for (const auto& command : commands) text += fmt::format("  {:<11} {}\n", command.name, command.summary);
  return text +
         "\nplenum COMMAND --help says more, with examples. Data goes to stdout, messages to stderr.\n"
         "Exit codes: 0 done, 1 the run failed, 2 usage, 3 invalid input, 4 a gate was not met,\n"
         "5 no GPU to measure, 130 interrupted.\n";
}

ExitCode unknown(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& command : commands) names.emplace_back(command.name);
  std::cerr << fmt::format("plenum: error: unknown command \"{}\"{} (plenum --help)\n", name, suggestion(name, names));
  return ExitCode::usage;
}

ExitCode dispatch(const Arguments& arguments) {
  if (arguments.empty()) {
    std::cerr << help();
    return ExitCode::usage;
  }
  const auto& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    std::cout << help();
    return ExitCode::done;
  }
  if (name == "--version") {
    std::cout << "plenum " PLENUM_VERSION "\n";
    return ExitCode::done;
  }
  for (const auto& command : commands)
    if (command.name == name) return command.run({arguments.begin() + 1, arguments.end()});
  return unknown(name);
}

/// Nothing needs to be tidied up: files are written with signals held back (sim/core/files.cpp).
void interrupted(int) { _exit(static_cast<int>(ExitCode::interrupted)); }

/// A file that would grow beyond its limit is a file that can't be written, not the end of the program.
void handle_signals() {
  std::signal(SIGINT, interrupted);
  std::signal(SIGXFSZ, SIG_IGN);
}

/// What could not be handed over is not done.
ExitCode told(ExitCode code) {
  if (std::cout.flush()) return code;
  std::cerr << "plenum: error: standard output cannot be written\n";
  return code == ExitCode::done ? ExitCode::simulation_failed : code;
}

}  // namespace
}  // namespace plenum::cli

int main(int count, char** values) {
  using namespace plenum;
  cli::handle_signals();
  try {
    return static_cast<int>(cli::told(cli::dispatch({values + 1, values + count})));
  } catch (const cli::Exit& exit) {
    return static_cast<int>(cli::told(exit.code));
  } catch (const std::exception& failure) {
    std::cerr << "plenum: error: " << failure.what() << "\n";
    return static_cast<int>(ExitCode::simulation_failed);
  }
}
