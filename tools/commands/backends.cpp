// qrt backends: who can run layers here.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/cli.h"

namespace qrt::tools {

void add_backends(CLI::App& app) {
  CLI::App* command = app.add_subcommand("backends", "List the backends, by default priority, then plugins, and the ISA level in force");
  command->footer("Example: qrt backends --json");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "One JSON object on stdout");
  command->callback([json] {
    const std::string isa = orFail(activeIsaName());
    if (*json) {
      nlohmann::ordered_json out = {{"isa", isa}, {"backends", nlohmann::ordered_json::array()}};
      for (const BackendInfo& backend : backends()) {
        out["backends"].push_back(
            {{"name", backend.name}, {"description", backend.description}, {"plugin", backend.plugin}});
      }
      out["failures"] = nlohmann::ordered_json::array();
      for (const Status& failure : BackendRegistry::failures()) out["failures"].push_back(failure.message());
      return printJson(out);
    }
    std::vector<std::vector<std::string>> rows;
    for (const BackendInfo& backend : backends()) {
      rows.push_back({backend.name, backend.description + (backend.plugin.empty() ? "" : " (" + backend.plugin + ")")});
    }
    printTable({"backend", "description"}, rows);
    for (const Status& failure : BackendRegistry::failures()) std::printf("not loaded: %s\n", failure.message().c_str());
    std::printf("\nISA level: %s\n", isa.c_str());
  });
}

}  // namespace qrt::tools
