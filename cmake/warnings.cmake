# Warnings and language for every target of this project: link qrt_settings.
add_library(qrt_settings INTERFACE)
target_compile_features(qrt_settings INTERFACE cxx_std_20)
target_compile_options(qrt_settings INTERFACE -Wall -Wextra -Wno-missing-field-initializers
                       -Wnon-virtual-dtor -Woverloaded-virtual $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)
if(QRT_WARNINGS_AS_ERRORS)
  target_compile_options(qrt_settings INTERFACE -Werror)
endif()
# Where FMA is in the baseline, compilers contract a * b + c: the int8 rules of the schema forbid it.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  target_compile_options(qrt_settings INTERFACE -ffp-contract=off)
endif()
