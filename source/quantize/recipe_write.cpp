// Recipe::toJson(): a line per field, but those of a layer that belong together on one.
#include "base/error.h"
#include "quantize/json_value.h"
#include "quantize/recipe_fields.h"

namespace qrt {
namespace {

std::string text(bool value) { return value ? "true" : "false"; }
std::string text(int value) { return std::to_string(value); }
std::string text(double value) { return numberText(value); }
std::string text(const double (&pair)[2]) {
  return concat('[', numberText(pair[0]), ", ", numberText(pair[1]), ']');
}
std::string text(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + jsonText(name);
  return concat('[', list, ']');
}
template <class Algorithm>
  requires std::is_enum_v<Algorithm>
std::string text(Algorithm algorithm) {
  return jsonText(algorithmNames(algorithm)[static_cast<size_t>(algorithm)].name);
}

// "a": 1, "b": 2 with `separator` between.
template <class Params>
std::string fields(const Params& params, std::string_view separator) {
  std::string all;
  forEachField(params, [&](FieldName field, const auto& value, const auto&...) {
    if (!all.empty()) all += separator;
    all += concat(jsonText(field.name), ": ", text(value));
  });
  return all;
}

}  // namespace

std::string Recipe::toJson() const {
  std::string json = concat("{\n  \"version\": 1,\n  ", fields(*this, ",\n  "), ",\n  \"layers\": {");
  std::string_view separator = "";
  for (const auto& [name, layer] : layers) {
    json += concat(separator, "\n    ", jsonText(name), ": {\n      \"quant_enable\": ",
                   text(layer.quantEnable), ",\n      \"activation_quant_params\": {",
                   fields(layer.activation, ", "), "},\n      \"weight_quant_params\": {",
                   fields(layer.weight, ", "), "}\n    }");
    separator = ",";
  }
  json += "\n  }\n}\n";
  return json;
}

}  // namespace qrt
