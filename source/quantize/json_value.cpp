#include "quantize/json_value.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"

namespace qrt {
namespace {

constexpr size_t kMostShown = 60;  // bytes of a string in a message

// Iterates over the text and says how much of it the parser has taken.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, size_t& taken) : at_(at), taken_(&taken) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*taken_;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  size_t* taken_;
};

// Builds the tree. The parser tells of a token when it has read it, of a number one byte more.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(const JsonSource& source, const size_t& taken) : source_(source), taken_(taken) {}

  bool null() override { return add(JsonValue::Kind::null) != nullptr; }
  bool boolean(bool value) override {
    JsonValue* added = add(JsonValue::Kind::boolean);
    if (added != nullptr) added->boolean = value;
    return added != nullptr;
  }
  bool number_integer(number_integer_t value) override {
    return addNumber(JsonValue::Kind::integer, static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return addNumber(JsonValue::Kind::integer, static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t&) override {
    return addNumber(JsonValue::Kind::real, value);
  }
  bool string(string_t& value) override {
    JsonValue* added = add(JsonValue::Kind::string);
    if (added != nullptr) added->string = std::move(value);
    return added != nullptr;
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(JsonValue::Kind::object); }
  bool start_array(size_t) override { return open(JsonValue::Kind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    keyOffset_ = tokenOffset();
    key_ = std::move(value);
    if (open_.back()->members.contains(key_)) {
      return fail(keyOffset_, concat("the key ", shown(key_), " occurs twice, wanted it once"));
    }
    return true;
  }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    // "[json.exception…] parse error at line 1, column 2: what": where is said in front already.
    const std::string_view message = error.what();
    const size_t column = message.find(", column ");
    const size_t colon = column == message.npos ? message.npos : message.find(": ", column);
    const size_t bracket = message.find("] ");
    const size_t from = colon != message.npos ? colon : bracket;
    return fail(position == 0 ? 0 : position - 1,
                message.substr(from == message.npos ? 0 : from + 2));
  }

  Result<JsonValue> finish() && {
    if (!error_.ok()) return error_;
    return std::move(root_);
  }

 private:
  static std::string shown(std::string_view text) {
    return jsonText(text.substr(0, kMostShown)) + (text.size() > kMostShown ? "…" : "");
  }

  bool fail(size_t offset, std::string_view what) {
    if (error_.ok()) error_ = source_.errorAt(offset, what);
    return false;
  }

  // Where the token begins that the parser has just read: between tokens that matter there is nothing
  // but space and punctuation.
  size_t tokenOffset() {
    const size_t from = std::min(end_, source_.text.size());
    const size_t offset = source_.text.find_first_not_of(" \t\r\n,:\xef\xbb\xbf", from);
    end_ = taken_;
    return std::min(offset, taken_);
  }

  JsonValue* add(JsonValue::Kind kind) {
    const size_t offset = tokenOffset();
    if (++values_ > kMostJsonValues) {
      fail(offset, concat("the document has more than ", kMostJsonValues, " values"));
      return nullptr;
    }
    JsonValue* added = &root_;
    if (!open_.empty() && open_.back()->kind == JsonValue::Kind::object) {
      added = &open_.back()->members[std::move(key_)];
      added->keyOffset = keyOffset_;
    } else if (!open_.empty()) {
      added = &open_.back()->elements.emplace_back();
    }
    added->kind = kind;
    added->offset = offset;
    return added;
  }

  bool addNumber(JsonValue::Kind kind, double value) {
    JsonValue* added = add(kind);
    if (added != nullptr) added->number = value;
    return added != nullptr;
  }

  bool open(JsonValue::Kind kind) {
    JsonValue* added = add(kind);
    if (added == nullptr) return false;
    open_.push_back(added);
    if (open_.size() <= kMostJsonDepth) return true;
    return fail(added->offset,
                concat("more than ", kMostJsonDepth, " objects and lists within each other"));
  }

  bool close() {
    open_.pop_back();
    end_ = taken_;
    return true;
  }

  const JsonSource& source_;
  const size_t& taken_;
  size_t end_ = 0;  // of the last token
  size_t values_ = 0;
  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::string key_;
  size_t keyOffset_ = 0;
  Status error_;
};

}  // namespace

Status JsonSource::errorAt(size_t offset, std::string_view what) const {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const size_t lineStart = before.rfind('\n') + 1;  // npos + 1 is 0
  return invalidArgument(name, ":", 1 + std::count(before.begin(), before.end(), '\n'), ":",
                         before.size() - lineStart + 1, ": ", what);
}

Result<JsonValue> parseJson(const JsonSource& source) {
  size_t taken = 0;
  size_t unused = 0;
  TreeBuilder builder(source, taken);
  const char* begin = source.text.data();
  nlohmann::json::sax_parse(CountingIterator(begin, taken),
                            CountingIterator(begin + source.text.size(), unused), &builder);
  return std::move(builder).finish();
}

std::string describe(const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::null:
      return "null";
    case JsonValue::Kind::boolean:
      return value.boolean ? "true" : "false";
    case JsonValue::Kind::integer:
    case JsonValue::Kind::real:
      return numberText(value.number);
    case JsonValue::Kind::string:
      return jsonText(std::string_view(value.string).substr(0, kMostShown));
    case JsonValue::Kind::array:
      return "a list";
    case JsonValue::Kind::object:
      return "an object";
  }
  return "nothing";
}

std::string jsonText(std::string_view text) {
  using nlohmann::json;
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string numberText(double number) {
  const auto integer = static_cast<int64_t>(std::clamp(number, -1e15, 1e15));
  if (static_cast<double>(integer) == number) return std::to_string(integer);
  return nlohmann::json(number).dump();
}

}  // namespace qrt
