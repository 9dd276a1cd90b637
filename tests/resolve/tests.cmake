# The resolver as a program has it, live: each test_*.c is a program of its
# own, with a name server on loopback that it makes itself. They run one by
# one, for each has processes that are filtered.
if(TARGET bj_sandbox_resolve)
    include(resolve/support.cmake)
    file(GLOB resolves CONFIGURE_DEPENDS resolve/test_*.c)
    foreach(source IN LISTS resolves)
        cmake_path(GET source STEM name)
        string(REGEX REPLACE "^test_" "" what ${name})
        add_executable(resolve_${what} ${source})
        target_link_libraries(resolve_${what} PRIVATE bj_test_resolve
                                                      ${BJ_CMOCKA})
        add_dependencies(resolve_${what} belljar-captured)
        if(TARGET belljar-worker)
            add_dependencies(resolve_${what} belljar-worker)
        endif()
        add_test(NAME resolve.${what} COMMAND resolve_${what})
        set_tests_properties(resolve.${what} PROPERTIES LABELS live TIMEOUT 240
                             SKIP_RETURN_CODE 77
                             RESOURCE_LOCK filtered_processes)
    endforeach()

    # A program under the list of calls that the library documents.
    add_executable(resolve_confined resolve/confined.c)
    target_link_libraries(resolve_confined PRIVATE bj_test_resolve
                                                   bj_sandbox_policy)
    add_dependencies(resolve_confined belljar-worker)
    add_test(NAME resolve.confined COMMAND resolve_confined)
    set_tests_properties(resolve.confined PROPERTIES LABELS live TIMEOUT 120
                         SKIP_RETURN_CODE 77
                         RESOURCE_LOCK filtered_processes)

    # The library once more, with an allocator that fails when it is told to.
    file(GLOB driver_sources CONFIGURE_DEPENDS
         ${PROJECT_SOURCE_DIR}/sandbox/resolve/*.c)
    list(FILTER driver_sources EXCLUDE REGEX "/main[^/]*\\.c$")
    add_library(bj_test_memory OBJECT ${driver_sources})
    bj_with_filters(bj_test_memory)
    target_compile_definitions(bj_test_memory PRIVATE
        BJ_WORKER_PATH="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/belljar-worker"
        malloc=bj_test_malloc calloc=bj_test_calloc)
    target_sources(resolve_memory PRIVATE $<TARGET_OBJECTS:bj_test_memory>)
endif()

# What is installed, as others use it. A sanitizer would have to be theirs, too.
if(TARGET belljar_shared AND NOT BJ_SANITIZE AND
   NOT CMAKE_C_FLAGS MATCHES "-fprofile-instr-generate")
    add_test(NAME resolve.package
             COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/resolve/package.sh
                     ${PROJECT_SOURCE_DIR} ${CMAKE_BINARY_DIR}
                     $<TARGET_FILE:belljar-worker> ${CMAKE_C_COMPILER})
    set_tests_properties(resolve.package PROPERTIES LABELS live TIMEOUT 120)
endif()
