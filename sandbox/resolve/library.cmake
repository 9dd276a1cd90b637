# The resolver in a program's own process: for the programs of this project
# bj_sandbox_resolve, which CMakeLists.txt makes as it does every folder, and
# libbelljar, shared and static, for those of others.
include(CMakePackageConfigHelpers)

# What runs from the build tree finds the worker of the build tree; what is
# installed, the one that is installed.
set(BJ_INSTALLED_WORKER ${CMAKE_INSTALL_FULL_LIBEXECDIR}/belljar-worker)
target_compile_definitions(bj_sandbox_resolve PRIVATE
    BJ_WORKER_PATH="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/belljar-worker")

bj_with_filters(bj_sandbox_resolve)

# The spawner runs in a copy of a process of many threads: no run-time library
# of a sanitizer may have a say in it.
file(GLOB spawner_sources CONFIGURE_DEPENDS resolve/spawner*.c)
set_source_files_properties(${spawner_sources} PROPERTIES
    COMPILE_OPTIONS -fno-sanitize=all)

# One set of objects for both libraries, core's share of them being made there
# (bj_caller): without link-time optimisation, which would leave the archive to
# the one compiler that wrote it.
file(GLOB library_sources CONFIGURE_DEPENDS resolve/*.c)
list(FILTER library_sources EXCLUDE REGEX "/main[^/]*\\.c$")
add_library(belljar_driver OBJECT ${library_sources})
bj_with_filters(belljar_driver)
target_compile_definitions(belljar_driver PRIVATE
    BJ_WORKER_PATH="${BJ_INSTALLED_WORKER}")
target_compile_options(belljar_driver PRIVATE -ffunction-sections
                                              -fdata-sections)
set_target_properties(belljar_driver PROPERTIES
    INTERPROCEDURAL_OPTIMIZATION OFF)

set(objects $<TARGET_OBJECTS:bj_caller> $<TARGET_OBJECTS:belljar_driver>)
add_library(belljar_shared SHARED ${objects})
add_library(belljar_static STATIC ${objects})
foreach(library belljar_shared belljar_static)
    set_target_properties(${library} PROPERTIES
        OUTPUT_NAME belljar
        LINKER_LANGUAGE C
        INTERPROCEDURAL_OPTIMIZATION OFF)
    target_include_directories(${library} INTERFACE
        $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/resolve>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${library} PUBLIC Threads::Threads)
endforeach()
set(symbols ${CMAKE_CURRENT_SOURCE_DIR}/resolve/belljar.map)
# Not to be unloaded: it has told libc what to call at a fork.
target_link_options(belljar_shared PRIVATE
    -Wl,--version-script=${symbols} -Wl,--gc-sections -Wl,-z,nodelete)
set_target_properties(belljar_shared PROPERTIES
    EXPORT_NAME belljar
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}
    LINK_DEPENDS ${symbols})
set_target_properties(belljar_static PROPERTIES EXPORT_NAME belljar-static)

install(TARGETS belljar_shared belljar_static EXPORT belljar
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES resolve/belljar.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# find_package(belljar): belljar::belljar, belljar::belljar-static.
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/belljar)
configure_package_config_file(resolve/belljar-config.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/belljar-config.cmake
    INSTALL_DESTINATION ${package})
write_basic_package_version_file(
    ${CMAKE_CURRENT_BINARY_DIR}/belljar-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(EXPORT belljar NAMESPACE belljar:: FILE belljar-targets.cmake
        DESTINATION ${package})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/belljar-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/belljar-config-version.cmake
        DESTINATION ${package})

# pkg-config belljar, wherever the whole of it is moved to.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
           BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
           OUTPUT_VARIABLE BJ_PREFIX_OF_PC)
configure_file(resolve/belljar.pc.in ${CMAKE_CURRENT_BINARY_DIR}/belljar.pc
               @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/belljar.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
