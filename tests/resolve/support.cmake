# What the tests of the resolver share, without a test framework: the captured
# worker, a name server, a configuration of a test's own.
if(TARGET bj_test_resolve)
    return()
endif()
add_executable(belljar-captured resolve/main_captured.c)
target_link_libraries(belljar-captured PRIVATE bj_core)
# It is started under the spawner's filter, as the worker is.
bj_link_as_worker(belljar-captured)

add_library(bj_test_resolve STATIC resolve/fixture.c resolve/server.c
            support/scratch.c
            ${PROJECT_SOURCE_DIR}/harnesses/support/network.c)
set(plain 1)
if(BJ_SANITIZE)
    set(plain 0)
endif()
set(static 1)
if(BJ_WORKER_LINKED STREQUAL dynamically)
    set(static 0)
endif()
target_compile_definitions(bj_test_resolve PUBLIC
    BJ_TEST_STATIC_WORKER=${static}
    BJ_TEST_PLAIN=${plain}
    BJ_CAPTURED_WORKER="$<TARGET_FILE:belljar-captured>"
    BJ_REAL_WORKER="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/belljar-worker")
target_link_libraries(bj_test_resolve PUBLIC bj_sandbox_resolve)

