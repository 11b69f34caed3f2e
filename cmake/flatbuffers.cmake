# The file format's header, generated from schema/model.fbs at build time. FlatBuffers is header-only:
# its compiler runs on the build machine, nothing of it is linked.
find_program(QRT_FLATC flatc REQUIRED)
find_path(QRT_FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)
mark_as_advanced(QRT_FLATC QRT_FLATBUFFERS_INCLUDE)

set(QRT_SCHEMA ${PROJECT_SOURCE_DIR}/schema/model.fbs)
set(QRT_SCHEMA_HEADER ${PROJECT_BINARY_DIR}/generated/model_generated.h)
add_custom_command(
  OUTPUT ${QRT_SCHEMA_HEADER}
  COMMAND ${QRT_FLATC} --cpp --cpp-std c++17 --scoped-enums -o ${PROJECT_BINARY_DIR}/generated ${QRT_SCHEMA}
  DEPENDS ${QRT_SCHEMA}
  COMMENT "Generating model_generated.h from schema/model.fbs")
target_sources(qrt PRIVATE ${QRT_SCHEMA_HEADER})
target_include_directories(qrt SYSTEM PRIVATE ${QRT_FLATBUFFERS_INCLUDE})
