#include "graph/attribute_io.h"

#include <algorithm>
#include <type_traits>

#include "base/error.h"

namespace qrt {
namespace {

// Every named value of an enum; DType is the one that has no kEnumNames.
template <class E>
std::string_view enumName(E value) {
  if constexpr (std::is_same_v<E, DType>) {
    return dtypeName(value);
  } else {
    return kEnumNames<E>[static_cast<size_t>(value)];
  }
}

template <class E>
Status enumFromName(std::string_view name, E& out) {
  constexpr bool isDType = std::is_same_v<E, DType>;
  const int first = isDType ? static_cast<int>(DType::f32) : 0;
  const int last =
      isDType ? static_cast<int>(DType::boolean) : static_cast<int>(kEnumNames<E>.size()) - 1;
  std::string known;
  for (int i = first; i <= last; ++i) {
    const std::string_view candidate = enumName(static_cast<E>(i));
    if (candidate == name) {
      out = static_cast<E>(i);
      return {};
    }
    known += concat(i == first ? "" : ", ", candidate);
  }
  return invalidArgument("found '", name, "', wanted one of ", known);
}

struct Writer {
  std::vector<AttributeValue>& out;

  template <class T>
  void operator()(std::string_view name, const T& value) const {
    AttributeValue& added = out.emplace_back();
    added.name = name;
    write(added, value);
  }

  static void write(AttributeValue& out, int32_t value) { out.ints = {value}; }
  static void write(AttributeValue& out, bool value) { out.ints = {value}; }
  static void write(AttributeValue& out, float value) { out.floats = {value}; }
  static void write(AttributeValue& out, const std::vector<int64_t>& value) { out.ints = value; }
  template <size_t N>
  static void write(AttributeValue& out, const std::array<int32_t, N>& value) {
    out.ints.assign(value.begin(), value.end());
  }
  static void write(AttributeValue& out, const Activation& value) {
    out.text = enumName(value.kind);
    out.floats = {value.a, value.b};
  }
  template <class E, std::enable_if_t<std::is_enum_v<E>, int> = 0>
  static void write(AttributeValue& out, E value) {
    out.text = enumName(value);
  }
};

// Takes the fields of one struct from the values; the first failure stays.
struct Reader {
  std::span<const AttributeValue> values;
  Status status;
  size_t found = 0;

  template <class T>
  void operator()(std::string_view name, T& out) {
    if (!status.ok()) return;
    for (const AttributeValue& value : values) {
      if (value.name != name) continue;
      ++found;
      status = annotate(read(value, out), "attribute '", name, "'");
      return;
    }
  }

  static Status wanted(const AttributeValue& value, size_t ints, size_t floats, bool text) {
    if (value.ints.size() == ints && value.floats.size() == floats && value.text.empty() != text) {
      return {};
    }
    return invalidArgument("found ", value.ints.size(), " integers, ", value.floats.size(),
                           " floats and the text '", value.text, "', wanted ", ints, ", ", floats,
                           " and ", text ? "a name" : "none");
  }
  static Status read(int64_t value, int32_t& out) {
    if (value != static_cast<int32_t>(value)) {
      return invalidArgument("found ", value, ", wanted at most 32 bits");
    }
    out = static_cast<int32_t>(value);
    return {};
  }

  static Status read(const AttributeValue& value, int32_t& out) {
    QRT_RETURN_IF_ERROR(wanted(value, 1, 0, false));
    return read(value.ints[0], out);
  }
  static Status read(const AttributeValue& value, bool& out) {
    QRT_RETURN_IF_ERROR(wanted(value, 1, 0, false));
    if (value.ints[0] != 0 && value.ints[0] != 1) {
      return invalidArgument("found ", value.ints[0], ", wanted 0 or 1");
    }
    out = value.ints[0] != 0;
    return {};
  }
  static Status read(const AttributeValue& value, float& out) {
    QRT_RETURN_IF_ERROR(wanted(value, 0, 1, false));
    out = value.floats[0];
    return {};
  }
  static Status read(const AttributeValue& value, std::vector<int64_t>& out) {
    QRT_RETURN_IF_ERROR(wanted(value, value.ints.size(), 0, false));
    out = value.ints;
    return {};
  }
  template <size_t N>
  static Status read(const AttributeValue& value, std::array<int32_t, N>& out) {
    QRT_RETURN_IF_ERROR(wanted(value, N, 0, false));
    for (size_t i = 0; i < N; ++i) QRT_RETURN_IF_ERROR(read(value.ints[i], out[i]));
    return {};
  }
  static Status read(const AttributeValue& value, Activation& out) {
    QRT_RETURN_IF_ERROR(wanted(value, 0, 2, true));
    out.a = value.floats[0];
    out.b = value.floats[1];
    return enumFromName(value.text, out.kind);
  }
  template <class E, std::enable_if_t<std::is_enum_v<E>, int> = 0>
  static Status read(const AttributeValue& value, E& out) {
    QRT_RETURN_IF_ERROR(wanted(value, 0, 0, true));
    return enumFromName(value.text, out);
  }
};

template <class T>
void appendList(std::string& out, const std::vector<T>& values) {
  for (size_t i = 0; i < values.size(); ++i) out += concat(i == 0 ? "" : ",", values[i]);
}

}  // namespace

std::vector<AttributeValue> attributeValues(const Attributes& attributes) {
  std::vector<AttributeValue> values;
  std::visit([&](const auto& attrs) { attrs.fields(attrs, Writer{values}); }, attributes);
  return values;
}

Result<Attributes> attributesFromValues(OpType op, std::span<const AttributeValue> values) {
  Attributes attributes = defaultAttributes(op);
  Reader reader{values, {}};
  std::visit([&](auto& attrs) { attrs.fields(attrs, reader); }, attributes);
  QRT_RETURN_IF_ERROR(reader.status);
  if (reader.found == values.size()) return attributes;
  // Something was not taken: find out what, for the message.
  const std::vector<AttributeValue> known = attributeValues(attributes);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto same = [&](const AttributeValue& v) { return v.name == values[i].name; };
    if (std::none_of(known.begin(), known.end(), same)) {
      return invalidArgument("attribute '", values[i].name, "' is unknown");
    }
    if (std::any_of(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      return invalidArgument("attribute '", values[i].name, "' is there twice");
    }
  }
  return internalError("attributes that were not read");
}

std::string attributesText(OpType op, const Attributes& attributes) {
  const std::vector<AttributeValue> defaults = attributeValues(defaultAttributes(op));
  const std::vector<AttributeValue> values = attributeValues(attributes);
  std::string text;
  for (size_t i = 0; i < values.size(); ++i) {
    const AttributeValue& value = values[i];
    if (i < defaults.size() && value == defaults[i]) continue;
    text += concat(text.empty() ? "" : " ", value.name, '=', value.text);
    appendList(text, value.ints);
    const bool inBrackets = !value.text.empty();
    if (inBrackets && value.floats == std::vector<float>(value.floats.size())) continue;
    if (inBrackets) text += '(';
    appendList(text, value.floats);
    if (inBrackets) text += ')';
  }
  return text;
}

}  // namespace qrt
