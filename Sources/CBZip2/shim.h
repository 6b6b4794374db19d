// Compressed length by libbz2 (Debian package libbz2-dev, bzip2 licence), as SP 800-90B section 5.1.11 asks for.
// SPDX-License-Identifier: Apache-2.0
#include <bzlib.h>
