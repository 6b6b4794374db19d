// The double-precision transform of kissfft's C++ header (Debian package libkissfft-dev, BSD-3-Clause).
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Swift cannot instantiate the C++ template. A plan for complex transforms of `length` points; fast only where
// `length` has no prime factor above 5. Null without memory. Free it with ws_fft_free.
void *_Nullable ws_fft_new(size_t length);

// X_j = sum of x_k exp(-2 pi i j k / length). `input` and `output` hold `length` pairs (real, imaginary) and do not overlap.
void ws_fft_transform(const void *_Nonnull plan, const double *_Nonnull input, double *_Nonnull output);

void ws_fft_free(void *_Nullable plan);

#ifdef __cplusplus
}
#endif
