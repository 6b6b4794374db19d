// See the header.
// SPDX-License-Identifier: Apache-2.0
#include "kissfft_shim.h"
#include <kissfft/kissfft.hh>
#include <new>

typedef kissfft<double> Plan;
typedef std::complex<double> Point;

void *ws_fft_new(size_t length) {
    try {
        return new Plan(length, false);
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

void ws_fft_transform(const void *plan, const double *input, double *output) {
    static_cast<const Plan *>(plan)->transform(
        reinterpret_cast<const Point *>(input), reinterpret_cast<Point *>(output));
}

void ws_fft_free(void *plan) { delete static_cast<Plan *>(plan); }
