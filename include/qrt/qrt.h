// All of libqrt's API except the importers (qrt/import.h) and the quantizer (qrt/quantize.h).
#pragma once

#include "qrt/model.h"
#include "qrt/placement.h"
#include "qrt/profile.h"
#include "qrt/session.h"
#include "qrt/status.h"
#include "qrt/tensor.h"
