# The headers of the file formats, generated from schema/ at build time. FlatBuffers is header-only: its
# compiler runs on the build machine, nothing of it is linked.
find_program(QRT_FLATC flatc REQUIRED)
find_path(QRT_FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)
mark_as_advanced(QRT_FLATC QRT_FLATBUFFERS_INCLUDE)

# Adds <name>_generated.h, made from schema/<name>.fbs, to a target.
function(qrt_schema target name)
  set(schema ${PROJECT_SOURCE_DIR}/schema/${name}.fbs)
  set(header ${PROJECT_BINARY_DIR}/generated/${name}_generated.h)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${QRT_FLATC} --cpp --cpp-std c++17 --scoped-enums -o ${PROJECT_BINARY_DIR}/generated ${schema}
    DEPENDS ${schema}
    COMMENT "Generating ${name}_generated.h from schema/${name}.fbs")
  target_sources(${target} PRIVATE ${header})
  target_include_directories(${target} SYSTEM PRIVATE ${QRT_FLATBUFFERS_INCLUDE})
endfunction()

qrt_schema(qrt model)
if(TARGET qrt-import)
  qrt_schema(qrt-import tflite)
endif()
