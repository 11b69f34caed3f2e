// --plugin, before and after the command.
#include "tools/cli.h"

#include <nlohmann/json.hpp>

namespace qrt::test {
namespace {

using nlohmann::json;

const std::string kPlugin = QRT_EXAMPLE_PLUGIN;

std::string pluginOf(const std::string& text, const std::string& name) {
  const json listed = json::parse(text);
  for (const json& backend : listed.at("backends")) {
    if (backend.at("name") == name) return backend.at("plugin");
  }
  return "";
}

TEST_F(Cli, PluginsAreLoadedAndListed) {
  EXPECT_EQ(pluginOf(qrt("--plugin " + kPlugin + " backends --json").out, "example"), kPlugin);
  EXPECT_EQ(pluginOf(qrt("backends --json --plugin mine=" + kPlugin + " --plugin " + kPlugin).out, "mine"), kPlugin);
  EXPECT_EQ(pluginOf(qrt("backends --json", "QRT_PLUGIN_PATH=" + kPlugin).out, "example"), kPlugin);
  writeFile("broken.so", "no library");
  const json listed = json::parse(qrt("backends --json", "QRT_PLUGIN_PATH=broken.so").out);
  ASSERT_EQ(listed.at("failures").size(), 1u);
  EXPECT_NE(std::string(listed.at("failures")[0]).find("broken.so"), std::string::npos);
  expectRefused("backends --plugin broken.so", {"--plugin", "broken.so"});
  expectRefused("--plugin nowhere.so backends", {"nowhere.so", "no such file"});
  expectRefused("backends --plugin '" + kPlugin + "?two'", {"it has one device only"});
}

TEST_F(Cli, PluginsRunWhatTheyCan) {
  const Outcome outcome = qrt("bench " + kModel + " --plugin " + kPlugin + " --backend example --json --layers --runs 2");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json result = json::parse(outcome.out);
  bool onCpu = false;  // the model's Relu layers are fused into others: nothing is left for the plugin
  for (const json& layer : result.at("layers")) onCpu = onCpu || layer.at("backend") == "cpu-float";
  EXPECT_TRUE(onCpu) << outcome.out;
  expectRefused("bench " + kModel + " --plugin " + kPlugin + " --backend exampel", {"did you mean 'example'?"});
}

}  // namespace
}  // namespace qrt::test
