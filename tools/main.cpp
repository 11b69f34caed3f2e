// The qrt command. Each subcommand is a file in commands/ that adds itself to the parser.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "common/cli.h"

namespace qrt::tools {
#define X(command) void add_##command(CLI::App& app);
#include "command_list.inc"
#undef X
}  // namespace qrt::tools

int main(int argc, char** argv) {
  using namespace qrt::tools;
  CLI::App app("qrt: run, measure and convert neural networks.");
  app.set_version_flag("--version", std::string(qrt::version()));
  app.require_subcommand(1);
  app.footer("MODEL is a .qrt, .onnx or .tflite file. `qrt COMMAND --help` shows a command's options and an example.\n"
             "Exit code: 0 done, 1 it ran and the answer is no, 2 bad usage or input.\n"
             "QRT_PLUGIN_PATH: plugins, or folders of them, separated by ':'.\n"
             "QRT_ISA=<level> forces an instruction set level (scalar, sse41, avx2, avx512, neon, ...).");
#define X(command) add_##command(app);
#include "command_list.inc"
#undef X
  std::vector<std::string> plugins;
  app.add_option("--plugin", plugins, "[NAME=]FILE[?CONFIG]: load a backend plugin; may be repeated, before or after COMMAND")
      ->allow_extra_args(false)
      ->each([](const std::string& text) { loadPlugin(text); });
  for (CLI::App* command : app.get_subcommands({})) command->fallthrough();
  try {
    app.parse(argc, argv);
    return kDone;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const bool unknown = app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-';
    const std::string what = unknown ? "no command is named '" + std::string(argv[1]) + "'" : error.what();
    std::fprintf(stderr, "qrt: %s (see qrt --help)\n", oneLine(what).c_str());
    return kBadInput;
  } catch (const Failure& failure) {
    std::fprintf(stderr, "qrt: %s\n", oneLine(failure.message).c_str());
    return failure.exitCode;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "qrt: %s\n", oneLine(error.what()).c_str());
    return kBadInput;
  }
}
