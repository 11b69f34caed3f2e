// Declarations of every OpDef; the definitions are in the files of this folder.
#pragma once

#include "graph/op.h"

namespace qrt {

#define QRT_OP_DECLARE(name, attributes) extern const OpDef kOp##name;
QRT_OP_LIST(QRT_OP_DECLARE)
#undef QRT_OP_DECLARE

}  // namespace qrt
