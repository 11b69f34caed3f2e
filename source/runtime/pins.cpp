#include "runtime/pins.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/closest.h"
#include "base/error.h"

namespace qrt {
namespace {

constexpr std::string_view kOp = "op:";
constexpr std::string_view kRange = "..";

enum class Form { op, range, pattern, name };

// '*' and '?'. A star is tried with ever more characters, only the last one ever anew.
bool matches(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = pattern.npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p, ++n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

class Resolver {
 public:
  Resolver(const Graph& model, const Graph& prepared) : graphs_{&prepared, &model} {
    for (const Graph* graph : graphs_) {
      for (const Layer& layer : graph->layers) {
        if (names_.insert(layer.name).second) layers_.push_back(&layer);
      }
    }
  }

  static constexpr int kStrongest = 2;
  static int strength(Form form) { return form == Form::name ? kStrongest : form == Form::op ? 0 : 1; }

  /// Stronger pins are to be added before weaker ones, which leave their layers alone.
  Status add(const std::string& text, Form form, const Backend* backend) {
    if (form == Form::name) return pin(text, text, form, backend);
    std::vector<std::string> found;
    if (form == Form::range) {
      QRT_ASSIGN_OR_RETURN(found, between(text));
    } else {
      for (const Layer* layer : layers_) {
        const bool meant = form == Form::op ? opName(layer->op) == text.substr(kOp.size()) : matches(text, layer->name);
        if (meant) found.push_back(layer->name);
      }
    }
    if (found.empty()) return nothing(text, form);
    for (const std::string& layer : found) QRT_RETURN_IF_ERROR(pin(layer, text, form, backend));
    return {};
  }

  Form formOf(const std::string& text) const {
    if (names_.contains(text)) return Form::name;
    if (text.starts_with(kOp)) return Form::op;
    if (text.find(kRange) != text.npos) return Form::range;
    return text.find_first_of("*?") != text.npos ? Form::pattern : Form::name;
  }

  Pins result() const {
    Pins pins;
    for (const auto& [layer, pin] : pins_) pins[layer] = pin.backend;
    return pins;
  }

 private:
  struct Pin {
    std::string text;
    Form form;
    const Backend* backend;
  };

  // Names may have dots: the first ".." with layers on both sides parts them.
  Result<std::vector<std::string>> between(const std::string& text) const {
    std::string unknown;
    for (size_t at = text.find(kRange); at != text.npos; at = text.find(kRange, at + 1)) {
      const std::string first = text.substr(0, at), last = text.substr(at + kRange.size());
      if (!names_.contains(first) || !names_.contains(last)) {
        if (unknown.empty()) unknown = names_.contains(first) ? last : first;
        continue;
      }
      for (const Graph* graph : graphs_) {
        std::vector<std::string> found;
        bool begun = false;
        for (const Layer& layer : graph->layers) {
          begun = begun || layer.name == first;
          if (begun) found.push_back(layer.name);
          if (begun && layer.name == last) return found;
        }
      }
      return invalidArgument("'", text, "': '", first, "' does not run before '", last, "'");
    }
    return annotate(nothing(unknown, Form::name), concat("'", text, "'"));
  }

  Status nothing(const std::string& text, Form form) const {
    if (form != Form::op) {
      const std::vector<std::string> names(names_.begin(), names_.end());
      return notFound(form == Form::name ? "no layer is named '" : "no layer's name is like '", text, "'",
                      suggestNames(text, names));
    }
    std::set<std::string> ops;
    for (const Layer* layer : layers_) ops.emplace(opName(layer->op));
    const std::vector<std::string> names(ops.begin(), ops.end());
    return notFound("no layer's op is '", text.substr(kOp.size()), "'", suggestNames(text.substr(kOp.size()), names));
  }

  Status pin(const std::string& layer, const std::string& text, Form form, const Backend* backend) {
    const auto [known, isNew] = pins_.emplace(layer, Pin{text, form, backend});
    if (isNew) return {};
    const Pin& other = known->second;
    if (strength(form) == strength(other.form) && backend != other.backend) {
      return invalidArgument("layer '", layer, "' is pinned to '", other.backend->name(), "' by '", other.text,
                             "' and to '", backend->name(), "' by '", text, "'");
    }
    return {};
  }

  std::vector<const Graph*> graphs_;  // names are looked for in the first, then in the others
  std::vector<const Layer*> layers_;
  std::set<std::string> names_;
  std::map<std::string, Pin> pins_;
};

}  // namespace

Result<Pins> resolvePins(const Pins& pins, const Graph& model, const Graph& prepared) {
  Resolver resolver(model, prepared);
  for (int strength = Resolver::kStrongest; strength >= 0; --strength) {
    for (const auto& [text, backend] : pins) {
      const Form form = resolver.formOf(text);
      if (Resolver::strength(form) == strength) QRT_RETURN_IF_ERROR(resolver.add(text, form, backend));
    }
  }
  return resolver.result();
}

}  // namespace qrt
