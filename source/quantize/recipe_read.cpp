// Recipe::fromJson(): the document into values that remember their places, these into fields. Overrides
// are applied from the weakest to the strongest: what makeRecipe() says, global, by type, by layer.
#include <algorithm>
#include <cmath>
#include <set>

#include "base/closest.h"
#include "base/error.h"
#include "base/out_of_memory.h"
#include "graph/quantized.h"
#include "quantize/json_value.h"
#include "quantize/prepare_graph.h"
#include "quantize/recipe.h"
#include "quantize/recipe_fields.h"

namespace qrt {
namespace {

using Kind = JsonValue::Kind;

// A value, and how the document leads to it: layers["conv1"].quant_enable.
struct Place {
  const JsonValue* value;
  std::string path;

  Place member(const std::string& key, const JsonValue& inside) const {
    const bool plain = key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == key.npos && !key.empty();
    if (!plain) return {&inside, concat(path, '[', jsonText(key), ']')};
    return {&inside, concat(path, path.empty() ? "" : ".", key)};
  }
};

// Keeps the first error.
struct Errors {
  const JsonSource& source;
  Status status;

  void at(size_t offset, const std::string& path, const std::string& what) {
    if (status.ok()) status = source.errorAt(offset, concat(path, path.empty() ? "" : ": ", what));
  }
  void unwanted(const Place& place, const std::string& wanted) {
    at(place.value->offset, place.path, concat("found ", describe(*place.value), ", ", wanted));
  }
  bool is(Kind kind, const Place& place, const char* wanted) {
    if (place.value->kind != kind) unwanted(place, concat("wanted ", wanted));
    return place.value->kind == kind;
  }
};

// Visits the fields of a struct: takes those that the object has.
class FieldReader {
 public:
  FieldReader(const Place& object, Errors& errors) : object_(object), errors_(errors) {
    isObject_ = errors.is(Kind::object, object, "an object");
  }

  void operator()(FieldName name, bool& field) {
    const auto place = take(name);
    if (place && errors_.is(Kind::boolean, *place, "true or false")) field = place->value->boolean;
  }
  void operator()(FieldName name, int& field, const Limits& limits) {
    const auto place = take(name);
    if (!place) return;
    const double number = place->value->number;
    if (place->value->kind != Kind::integer || !numberObstacle(number, limits).empty()) {
      return errors_.unwanted(*place, concat("wanted an integer ", limitsText(limits)));
    }
    field = static_cast<int>(number);
  }
  void operator()(FieldName name, double& field, const Limits& limits) {
    const auto place = take(name);
    if (place && isNumber(*place->value) && numberObstacle(place->value->number, limits).empty()) {
      field = place->value->number;
    } else if (place) {
      errors_.unwanted(*place, concat("wanted a number ", limitsText(limits)));
    }
  }
  void operator()(FieldName name, double (&field)[2], const Limits& limits) {
    const auto place = take(name);
    if (!place) return;
    const std::vector<JsonValue>& list = place->value->elements;
    const bool two = list.size() == 2 && isNumber(list[0]) && isNumber(list[1]);
    const double pair[2] = {two ? list[0].number : NAN, two ? list[1].number : NAN};
    const std::string obstacle = pairObstacle(pair, limits);
    if (two && !obstacle.empty()) {
      const std::string found = concat("found [", describe(list[0]), ", ", describe(list[1]), "], ");
      return errors_.at(place->value->offset, place->path, found + obstacle);
    }
    if (!two) return errors_.unwanted(*place, obstacle);
    std::copy(pair, pair + 2, field);
  }
  void operator()(FieldName name, std::vector<std::string>& field) {
    const auto place = take(name);
    if (!place || !errors_.is(Kind::array, *place, "a list of names")) return;
    field.clear();
    for (const JsonValue& element : place->value->elements) {
      const Place inside{&element, concat(place->path, '[', field.size(), ']')};
      if (!errors_.is(Kind::string, inside, "a name")) return;
      field.push_back(element.string);
    }
  }
  template <class Algorithm>
    requires std::is_enum_v<Algorithm>
  void operator()(FieldName name, Algorithm& field) {
    const auto place = take(name);
    if (!place) return;
    const auto names = algorithmNames(field);
    std::string all;
    for (size_t i = 0; i < names.size(); ++i) {
      const bool same = place->value->string == names[i].name ||
                        (!names[i].alias.empty() && place->value->string == names[i].alias);
      if (place->value->kind == Kind::string && same) {
        field = static_cast<Algorithm>(i);
        return;
      }
      all += concat(i == 0 ? "" : i + 1 == names.size() ? " or " : ", ", jsonText(names[i].name));
    }
    errors_.unwanted(*place, "wanted " + all);
  }

  /// A member that the caller reads.
  std::optional<Place> take(FieldName name) {
    std::optional<Place> found;
    known_.emplace_back(name.name);
    for (const std::string_view key : {name.name, name.alias}) {
      if (!isObject_ || key.empty()) continue;
      const auto member = object_.value->members.find(std::string(key));
      if (member == object_.value->members.end()) continue;
      if (key == name.alias) known_.emplace_back(key);
      const Place place = object_.member(member->first, member->second);
      if (found) {
        errors_.at(member->second.keyOffset, place.path,
                   concat("found beside ", jsonText(name.name), ", which it is another name of"));
      }
      found = place;
    }
    return found;
  }

  /// After all fields were visited: the others are errors.
  void refuseOthers() {
    if (!isObject_) return;
    const std::set<std::string> known(known_.begin(), known_.end());
    for (const auto& [key, value] : object_.value->members) {
      if (known.contains(key)) continue;
      const std::string what = concat("unknown field ", jsonText(key), suggestNames(key, known_));
      return errors_.at(value.keyOffset, object_.path, what);
    }
  }

 private:
  static bool isNumber(const JsonValue& value) {
    return value.kind == Kind::integer || value.kind == Kind::real;
  }

  Place object_;
  Errors& errors_;
  bool isObject_;
  std::vector<std::string> known_;
};

template <class Params>
void readParams(const std::optional<Place>& place, Params& params, Errors& errors) {
  if (!place) return;
  FieldReader reader(*place, errors);
  forEachField(params, reader);
  reader.refuseOthers();
}

void readLayerFields(FieldReader& fields, LayerRecipe& layer, Errors& errors) {
  readParams(fields.take({"activation_quant_params"}), layer.activation, errors);
  readParams(fields.take({"weight_quant_params"}), layer.weight, errors);
}

void readLayer(const Place& place, LayerRecipe& layer, Errors& errors) {
  FieldReader fields(place, errors);
  fields({"quant_enable"}, layer.quantEnable);
  readLayerFields(fields, layer, errors);
  fields.refuseOthers();
}

class RecipeReader {
 public:
  RecipeReader(const Model& model, const JsonSource& source) : model_(model), errors_{source, {}} {}

  Result<Recipe> read(const JsonValue& document) {
    FieldReader fields({&document, ""}, errors_);
    Recipe recipe;
    int version = 1;
    fields({"version"}, version, Limits{1, 1});
    forEachField(recipe, fields);
    const auto types = fields.take({"layer_types"});
    const auto layers = fields.take({"layers"});
    LayerRecipe scratch;  // finds errors, whatever layers the model has
    readLayerFields(fields, scratch, errors_);
    fields.refuseOthers();
    QRT_RETURN_IF_ERROR(errors_.status);

    QRT_ASSIGN_OR_RETURN(graph_, prepareLayers(model_, recipe.doFusion));
    defaults_ = defaultRecipe(graph_);
    recipe.layers = defaults_.layers;
    for (auto& [name, layer] : recipe.layers) readLayerFields(fields, layer, errors_);
    if (types) readTypes(*types, recipe);
    if (layers) readLayers(*layers, recipe);
    checkSkipped(document, recipe);
    QRT_RETURN_IF_ERROR(errors_.status);
    return recipe;
  }

 private:
  void readTypes(const Place& types, Recipe& recipe) {
    if (!errors_.is(Kind::object, types, "an object with a member per op")) return;
    for (const auto& [name, value] : types.value->members) {
      const Place place = types.member(name, value);
      const auto op = opFromName(name);
      if (!op) return errors_.at(value.keyOffset, place.path, skipTypeObstacle(name));
      if (int8Form(*op) == Int8Form::none) {
        return errors_.at(value.keyOffset, place.path, concat(name, " is only computed in float"));
      }
      LayerRecipe scratch;
      readLayer(place, scratch, errors_);
      for (const Layer& layer : graph_.layers) {
        const auto listed = recipe.layers.find(layer.name);
        if (layer.op != op || listed == recipe.layers.end()) continue;
        readLayer(place, listed->second, errors_);
      }
    }
  }

  void readLayers(const Place& layers, Recipe& recipe) {
    if (!errors_.is(Kind::object, layers, "an object with a member per layer")) return;
    for (const auto& [name, value] : layers.value->members) {
      const Place place = layers.member(name, value);
      const auto listed = recipe.layers.find(name);
      if (listed == recipe.layers.end()) {
        return errors_.at(value.keyOffset, place.path, listObstacle(graph_, defaults_, name));
      }
      readLayer(place, listed->second, errors_);
    }
  }

  void checkSkipped(const JsonValue& document, const Recipe& recipe) {
    const auto check = [&](const char* field, const auto& names, const auto& obstacleOf) {
      for (size_t i = 0; i < names.size(); ++i) {
        const std::string obstacle = obstacleOf(names[i]);
        if (obstacle.empty()) continue;
        const size_t offset = document.members.at(field).elements[i].offset;
        return errors_.at(offset, concat(field, '[', i, ']'), obstacle);
      }
    };
    check("skip_layers", recipe.skipLayers,
          [&](const std::string& name) { return skipObstacle(graph_, name); });
    check("skip_layer_types", recipe.skipLayerTypes,
          [](const std::string& op) { return skipTypeObstacle(op); });
  }

  const Model& model_;
  Errors errors_;
  Graph graph_;
  Recipe defaults_;
};

}  // namespace

Result<Recipe> Recipe::fromJson(std::string_view json, const Model& model, std::string_view source) {
  return catchOutOfMemory([&]() -> Result<Recipe> {
    const JsonSource text{json, source};
    QRT_ASSIGN_OR_RETURN(const JsonValue document, parseJson(text));
    return RecipeReader(model, text).read(document);
  });
}

}  // namespace qrt
