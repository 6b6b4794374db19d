// Suffix array construction of libdivsufsort (Debian package libdivsufsort-dev, MIT licence).
// SPDX-License-Identifier: Apache-2.0
#include <divsufsort.h>
