// qrt place, qrt bisect and placement files.
#include <nlohmann/json.hpp>

#include "tools/cli.h"

namespace qrt::test {
namespace {

using Json = nlohmann::json;

class PlaceCli : public Cli {};

std::string text(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(PlaceCli, PlacesAndUsesThePlacement) {
  const Outcome placed = qrt("place " + kModel + " --backends reference,cpu-float --runs 5 -o p.json --json");
  ASSERT_EQ(placed.code, 0) << placed.err;
  const Json json = Json::parse(placed.out);
  ASSERT_FALSE(json["layers"].empty());
  for (const char* key : {"name", "requested", "actual", "kernel", "reason", "times"}) {
    EXPECT_TRUE(json["layers"][0].contains(key)) << key;
  }
  EXPECT_GT(json["total_ms"], 0);
  EXPECT_LE(json["lower_bound_ms"], json["predicted_ms"]);
  EXPECT_EQ(json["trials"][0]["name"], "before");
  const Json file = Json::parse(text(folder_ / "p.json"));
  EXPECT_EQ(file["layers"].size(), json["layers"].size());
  writeDigit();
  EXPECT_EQ(qrt("run " + kModel + " --input x.npy --placement-file p.json").code, 0);
  EXPECT_NE(qrt("place " + kModel + " --backends reference,cpu-float --runs 5").out.find("nothing can be below"), std::string::npos);
}

TEST_F(PlaceCli, KeepsThePlacementInTheModel) {
  ASSERT_EQ(qrt("convert " + kModel + " m.qrt").code, 0);
  ASSERT_EQ(qrt("place m.qrt --backends reference --runs 5 -o p.qrt").code, 0);
  // Where the fastest is not what the file says, the file is followed.
  std::string json = text(folder_ / "p.qrt");
  ASSERT_NE(json.find("\"fingerprint\""), std::string::npos);
  const auto backends = [&](const std::string& args) {
    std::set<std::string> names;
    const Json info = Json::parse(qrt("info " + args + " --placement --json").out);
    for (const Json& layer : info["placement"]) names.insert(layer["actual"]);
    return names;
  };
  ASSERT_EQ(qrt("place m.qrt --backends cpu-float --runs 5 -o p.json").code, 0);
  std::string file = text(folder_ / "p.json");
  for (size_t at; (at = file.find("cpu-float")) != std::string::npos;) file.replace(at, 9, "reference");
  writeFile("r.json", file);
  EXPECT_EQ(backends("m.qrt --placement-file r.json"), std::set<std::string>{"reference"});
  EXPECT_FALSE(backends("m.qrt --placement-file none").contains("reference"));
  expectRefused("run m.qrt --input x.npy --placement-file nosuch.json", {"nosuch.json"});
  writeFile("bad.json", "{\"model\": {\"name\": \"x\", \"layers\": 1, \"fingerprint\": \"0\"}, \"layers\": {}}");
  expectRefused("info m.qrt --placement --placement-file bad.json", {"bad.json:1:11", "another model", "'x' with 1 layers", "wanted"});
}

TEST_F(PlaceCli, Bisects) {
  const Outcome error = qrt("bisect " + kModel + " --backend reference --metric error --json");
  ASSERT_EQ(error.code, 0) << error.err;
  const Json json = Json::parse(error.out);
  for (const char* key : {"culprits", "steps", "confidence", "before", "after", "runs"}) EXPECT_TRUE(json.contains(key)) << key;
  const Outcome time = qrt("bisect " + kModel + " --backend cpu-float --fallback reference --most-runs 60");
  ASSERT_EQ(time.code, 0) << time.err;
  EXPECT_NE(time.out.find("confidence"), std::string::npos) << time.out;
  expectRefused("bisect " + kModel + " --backend cpu-flaot", {"cpu-flaot", "did you mean 'cpu-float'"});
  expectRefused("bisect " + kModel + " --backend cpu-int8", {"runs no layer"});
}

TEST_F(PlaceCli, PinsByPattern) {
  const Json info = Json::parse(qrt("info " + kModel + " --placement --json --layer-backend op:Conv=reference").out);
  bool convs = false;
  for (const Json& layer : info["placement"]) convs = convs || layer["actual"] == "reference";
  EXPECT_TRUE(convs);
  expectRefused("info " + kModel + " --placement --layer-backend op:Cnov=reference", {"no layer's op is 'Cnov'", "'Conv'"});
}

}  // namespace
}  // namespace qrt::test
