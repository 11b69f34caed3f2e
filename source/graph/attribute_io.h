// Attributes as plain named values, for everything that stores or shows them. One visitor over the
// field lists of attributes.h each way, so that a new field needs no code here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graph/attributes.h"
#include "qrt/status.h"

namespace qrt {

/// One attribute: which of the three lists it fills depends on its type, see schema/model.fbs.
struct AttributeValue {
  std::string name;
  std::vector<int64_t> ints;  ///< integers, lists, booleans as 0 or 1
  std::vector<float> floats;  ///< floats; an activation's a and b
  std::string text;           ///< the name of an enum value, dtype or activation

  bool operator==(const AttributeValue&) const = default;
};

/// All attributes in the order of their field list.
std::vector<AttributeValue> attributeValues(const Attributes& attributes);

/// The attributes of `op` with those of `values` set, the others at their defaults. Errors:
/// invalidArgument, naming the attribute that is unknown, twice there, or not of its type.
Result<Attributes> attributesFromValues(OpType op, std::span<const AttributeValue> values);

/// "strides=2,2 pads=0,0,1,1 activation=clip(0,6)": those that differ from the op's defaults.
std::string attributesText(OpType op, const Attributes& attributes);

}  // namespace qrt
