// QRT_VECTOR: defined if this file is compiled for a level with vectors, so for any but scalar. For
// *.isa.cpp files only.
#pragma once

#define QRT_LEVEL_IS_scalar 1
#define QRT_LEVEL_CONCAT_INNER(a, b) a##b
#define QRT_LEVEL_CONCAT(a, b) QRT_LEVEL_CONCAT_INNER(a, b)
#if !QRT_LEVEL_CONCAT(QRT_LEVEL_IS_, QRT_ISA_NAMESPACE)
#define QRT_VECTOR 1
#endif

/// Where a call would put what registers hold into memory.
#define QRT_INLINE inline __attribute__((always_inline))
