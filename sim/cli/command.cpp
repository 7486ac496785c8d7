#include "sim/cli/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/core/files.hpp"

namespace plenum::cli {
namespace {

std::vector<std::string> option_names(const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) names.push_back("--" + option->long_name());
  return names;
}

void show_help(const Syntax& syntax, const po::options_description& visible) {
  std::cout << "Usage: " << syntax.usage << "\n\n" << syntax.about << "\n\n" << visible;
  if (!syntax.examples.empty()) std::cout << "\nExamples:\n" << syntax.examples;
}

/// Options that people write with dashes: all but the positional ones.
po::options_description visible_options(const Syntax& syntax) {
  po::options_description visible("Options");
  for (const auto& option : syntax.options.options()) {
    const auto& names = syntax.positional;
    if (std::find(names.begin(), names.end(), option->long_name()) == names.end()) visible.add(option);
  }
  visible.add_options()("help,h", "Show this text");
  return visible;
}

po::positional_options_description positions(const Syntax& syntax) {
  po::positional_options_description described;
  for (const auto& name : syntax.positional) described.add(name.c_str(), 1);
  return described;
}

po::variables_map parse_all(const Syntax& syntax, const po::options_description& all, const Arguments& arguments) {
  using namespace po::command_line_style;
  po::variables_map values;
  const auto parsed = po::command_line_parser(arguments)
                          .options(all)
                          .positional(positions(syntax))
                          .style(unix_style & ~allow_guessing)
                          .run();
  po::store(parsed, values);
  if (!values.count("help")) po::notify(values);
  return values;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

void fail_usage(const Syntax& syntax, const std::string& message) {
  std::cerr << "plenum: error: " << message << "\nUsage: " << syntax.usage << "\n";
  throw Exit{ExitCode::usage};
}

po::variables_map parse(const Syntax& syntax, const Arguments& arguments) {
  const auto visible = visible_options(syntax);
  po::options_description all = syntax.options;
  all.add_options()("help,h", "");
  try {
    auto values = parse_all(syntax, all, arguments);
    if (!values.count("help")) return values;
  } catch (const po::unknown_option& error) {
    const auto& name = error.get_option_name();
    fail_usage(syntax, fmt::format("unknown option {}{}", name, suggestion(name, option_names(visible))));
  } catch (const po::too_many_positional_options_error&) {
    fail_usage(syntax, "too many arguments");
  } catch (const po::required_option& error) {
    const auto& names = syntax.positional;
    auto name = error.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    const bool positional = std::find(names.begin(), names.end(), name) != names.end();
    fail_usage(syntax, (positional ? upper(name) : "--" + name) + " is missing");
  } catch (const po::error& error) {
    fail_usage(syntax, error.what());
  }
  show_help(syntax, visible);
  throw Exit{ExitCode::done};
}

double parse_percentage(const Syntax& syntax, const std::string& option, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const std::string_view rest(end);
  if (end == text.c_str() || !(value >= 0 && value < 1e6) || (rest != "%" && rest != " %"))
    fail_usage(syntax, fmt::format("{} takes a percentage such as 10%, not \"{}\"", option, text));
  return value / 100;
}

bool parse_switch(const Syntax& syntax, const std::string& option, const std::string& text) {
  if (text != "on" && text != "off") fail_usage(syntax, fmt::format("{} is on or off, not \"{}\"", option, text));
  return text == "on";
}

void tell(const Issues& issues) {
  for (const auto& issue : issues.all()) std::cerr << to_string(issue) << "\n";
  if (issues.has_errors()) throw Exit{ExitCode::invalid_input};
}

std::string text_of(const nlohmann::ordered_json& document) {
  // Names come from people's files: what is no UTF-8 is replaced.
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

namespace {

std::filesystem::path whole_path(const std::string& file) {
  return std::filesystem::weakly_canonical(std::filesystem::absolute(file));
}

}  // namespace

void check_output_names(const Syntax& syntax, const po::variables_map& values,
                        std::initializer_list<const char*> options, std::initializer_list<std::string> read) {
  std::vector<std::pair<std::string, std::filesystem::path>> taken;
  for (const auto& file : read) taken.emplace_back("the input", whole_path(file));
  for (const char* option : options) {
    if (!values.count(option)) continue;
    const auto name = values[option].as<std::string>();
    const bool is_json = std::string_view(option) == "json";
    if (name.empty()) fail_usage(syntax, fmt::format("--{} needs the name of a file", option));
    if (name == "-" && is_json) continue;
    if (name == "-") fail_usage(syntax, fmt::format("--{} needs a file; only --json can go to stdout", option));
    const auto file = whole_path(name);
    if (std::filesystem::is_character_file(file)) continue;
    for (const auto& [who, other] : taken)
      if (file == other) fail_usage(syntax, fmt::format("--{} {} would overwrite {}", option, name, who));
    taken.emplace_back(fmt::format("--{}", option), file);
  }
}

void write_json(const std::string& file, const nlohmann::ordered_json& document) {
  if (file == "-")
    std::cout << text_of(document);
  else
    write_whole(file, text_of(document));
}

bool colour_wanted() {
  const char* refused = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && (refused == nullptr || *refused == '\0');
}

}  // namespace plenum::cli
