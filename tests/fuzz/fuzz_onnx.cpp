// ONNX bytes → importOnnx → a session, if the model is small. Seeds are ONNX's own test models
// where they are installed.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/fuzz.h"
#include "qrt/import.h"

namespace qrt::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

Bytes bytesOf(const Message& message) {
  const std::string text = message.SerializeAsString();
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

// One layer that everybody has, for where the test data is not installed.
onnx::ModelProto minimalModel() {
  const std::string x("image"), w("weights"), y("scores"), conv("Conv");
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::ValueInfoProto& input = *graph.add_input();
  input.set_name(x);
  auto& type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : {1, 2, 4, 4}) type.mutable_shape()->add_dim()->set_dim_value(dim);
  onnx::TensorProto& weights = *graph.add_initializer();
  weights.set_name(w);
  weights.set_data_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : {3, 2, 2, 2}) weights.add_dims(dim);
  for (int i = 0; i < 24; ++i) weights.add_float_data(static_cast<float>(i) / 8);
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(conv);
  node.add_input(x);
  node.add_input(w);
  node.add_output(y);
  graph.add_output()->set_name(y);
  return model;
}

// Test cases have parameters as inputs; as initializers of ones they reach more of the importer.
void freezeInputs(onnx::ModelProto& model) {
  onnx::GraphProto& graph = *model.mutable_graph();
  for (int i = 1; i < graph.input_size(); ++i) {
    const auto& type = graph.input(i).type().tensor_type();
    const bool isFloat = type.elem_type() == onnx::TensorProto::FLOAT;
    if (!isFloat && type.elem_type() != onnx::TensorProto::INT64) continue;
    onnx::TensorProto& constant = *graph.add_initializer();
    constant.set_name(graph.input(i).name());
    constant.set_data_type(type.elem_type());
    int64_t count = 1;
    for (const auto& dim : type.shape().dim()) {
      constant.add_dims(dim.dim_value());
      count *= dim.dim_value();
    }
    for (int64_t k = 0; k < std::min<int64_t>(count, 10000); ++k) {
      isFloat ? constant.add_float_data(1) : constant.add_int64_data(1);
    }
  }
}

// Every message below (and including) `message`.
void collect(Message& message, std::vector<Message*>& all) {
  all.push_back(&message);
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      collect(*reflection.MutableMessage(&message, field), all);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      collect(*reflection.MutableRepeatedMessage(&message, field, i), all);
    }
  }
}

void mutateString(std::string& text, Random& random) {
  static const char* const kNames[] = {"",        "x",          "y",      "axis",   "Conv",
                                       "Reshape", "Add",        "Resize", "Pad",    "Slice",
                                       "axes",    "SAME_UPPER", "Cast",   "Gather", "mode"};
  if (pick(random, 2) == 0) {
    text = kNames[pick(random, std::size(kNames))];
  } else if (!text.empty()) {
    text[pick(random, text.size())] = static_cast<char>(random());
  }
}

// Drops, doubles or swaps elements of a list.
void mutateList(Message& message, const FieldDescriptor* field, Random& random) {
  const Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, field);
  if (size == 0) return;
  const int at = static_cast<int>(pick(random, static_cast<size_t>(size)));
  if (pick(random, 3) == 0 && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const std::string copy = reflection.GetRepeatedMessage(message, field, at).SerializeAsString();
    static_cast<void>(reflection.AddMessage(&message, field)->ParseFromString(copy));
    return;
  }
  reflection.SwapElements(&message, field, at, size - 1);
  if (pick(random, 2) == 0) reflection.RemoveLast(&message, field);
}

void mutateField(Message& message, const FieldDescriptor* field, Random& random) {
  const Reflection& r = *message.GetReflection();
  const bool list = field->is_repeated();
  const int size = list ? r.FieldSize(message, field) : 0;
  if (list && (size == 0 || pick(random, 2) == 0)) return mutateList(message, field, random);
  const int at = list ? static_cast<int>(pick(random, static_cast<size_t>(size))) : 0;
  const auto asInt32 = [&] { return static_cast<int32_t>(nastyInt(random)); };
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      list ? r.SetRepeatedInt64(&message, field, at, nastyInt(random))
           : r.SetInt64(&message, field, nastyInt(random));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      list ? r.SetRepeatedInt32(&message, field, at, asInt32())
           : r.SetInt32(&message, field, asInt32());
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      list ? r.SetRepeatedFloat(&message, field, at, nastyFloat(random))
           : r.SetFloat(&message, field, nastyFloat(random));
      break;
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text =
          list ? r.GetRepeatedString(message, field, at) : r.GetString(message, field);
      mutateString(text, random);
      list ? r.SetRepeatedString(&message, field, at, text) : r.SetString(&message, field, text);
      break;
    }
    default:
      if (!list) r.ClearField(&message, field);
  }
}

}  // namespace

const std::vector<Bytes>& seeds() {
  static const std::vector<Bytes> all = [] {
    std::vector<Bytes> files = {bytesOf(minimalModel())};
    std::error_code none;
    std::vector<std::filesystem::path> paths;
    for (const char* kind : {"node", "pytorch-operator", "simple"}) {
      const std::filesystem::path folder = std::filesystem::path(QRT_ONNX_TESTDATA) / kind;
      for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
        paths.push_back(entry.path() / "model.onnx");
      }
    }
    std::sort(paths.begin(), paths.end());
    for (const std::filesystem::path& path : paths) {
      std::ifstream in(path, std::ios::binary);
      onnx::ModelProto model;
      if (!in || !model.ParseFromIstream(&in) || model.ByteSizeLong() > 10000) continue;
      files.push_back(bytesOf(model));
      freezeInputs(model);
      files.push_back(bytesOf(model));
    }
    return files;
  }();
  return all;
}

void mutateStructure(Bytes& bytes, Random& random) {
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  for (size_t edits = 1 + pick(random, 3); edits > 0; --edits) {
    std::vector<Message*> messages;
    collect(*model.mutable_graph(), messages);
    Message& message = *messages[pick(random, messages.size())];
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    if (!fields.empty()) mutateField(message, fields[pick(random, fields.size())], random);
  }
  if (pick(random, 8) == 0 && model.opset_import_size() > 0) {
    model.mutable_opset_import(0)->set_version(static_cast<int64_t>(pick(random, 20)));
  }
  bytes = bytesOf(model);
}

}  // namespace qrt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const qrt::Result<qrt::Model> model = qrt::importOnnx(std::as_bytes(std::span(data, size)));
  if (model.ok()) qrt::fuzz::runIfSmall(*model);
  return 0;
}
