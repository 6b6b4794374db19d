// A C target needs a translation unit.
// SPDX-License-Identifier: Apache-2.0
#include "fuzzing.h"
