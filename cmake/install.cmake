# What `cmake --install` leaves behind: the library, its headers, and a package for find_package(qrt).
# The importers are the component "import", so that an app which only loads .qrt files needs no protobuf, and
# the quantizer is the component "quantize", and diagnosis, which needs it, is the component "diagnose".
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(QRT_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/qrt)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/qrt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS qrt EXPORT qrtTargets)
install(EXPORT qrtTargets NAMESPACE qrt:: DESTINATION ${QRT_PACKAGE_DIR})
if(TARGET qrt-import)
  install(TARGETS qrt-import EXPORT qrtImportTargets)
  install(EXPORT qrtImportTargets NAMESPACE qrt:: DESTINATION ${QRT_PACKAGE_DIR})
endif()
if(TARGET qrt-quantize)
  install(TARGETS qrt-quantize EXPORT qrtQuantizeTargets)
  install(EXPORT qrtQuantizeTargets NAMESPACE qrt:: DESTINATION ${QRT_PACKAGE_DIR})
endif()
if(TARGET qrt-diagnose)
  install(TARGETS qrt-diagnose EXPORT qrtDiagnoseTargets)
  install(EXPORT qrtDiagnoseTargets NAMESPACE qrt:: DESTINATION ${QRT_PACKAGE_DIR})
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/qrtConfig.cmake.in ${PROJECT_BINARY_DIR}/qrtConfig.cmake
                              INSTALL_DESTINATION ${QRT_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/qrtConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/qrtConfig.cmake ${PROJECT_BINARY_DIR}/qrtConfigVersion.cmake
        DESTINATION ${QRT_PACKAGE_DIR})
