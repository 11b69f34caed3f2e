// All of libqrt's API except the importers (qrt/import.h), the quantizer (qrt/quantize.h), diagnosis (qrt/diagnose.h) and
// what backend plugins are written against (qrt/backend.h).
#pragma once

#include "qrt/backends.h"
#include "qrt/model.h"
#include "qrt/placement.h"
#include "qrt/profile.h"
#include "qrt/session.h"
#include "qrt/status.h"
#include "qrt/tensor.h"
