# The policy, shown: every test_*.c here is a program of its own, run in
# sanitizer builds and, since those have wider lists, on the release build.
if(TARGET bj_sandbox_policy)
    add_library(bj_test_policy STATIC policy/bpf.c policy/decision.c
                                      policy/stack.c)
    target_compile_definitions(bj_test_policy PRIVATE
        BJ_POLICY_TABLES="${CMAKE_CURRENT_SOURCE_DIR}/policy")
    target_link_libraries(bj_test_policy PUBLIC bj_sandbox_policy
                                                bj_test_support)

    file(GLOB policies CONFIGURE_DEPENDS policy/test_*.c)
    foreach(source IN LISTS policies)
        cmake_path(GET source STEM name)
        string(REGEX REPLACE "^test_" "" what ${name})
        add_executable(policy_${what} ${source})
        target_link_libraries(policy_${what} PRIVATE bj_test_policy)
        target_compile_definitions(policy_${what} PRIVATE
            BJ_BELLJAR="$<TARGET_FILE:belljar>")
        add_dependencies(policy_${what} belljar)
        add_test(NAME policy.${what} COMMAND policy_${what})
        # One after the other, so that few filtered processes are alive.
        set_tests_properties(policy.${what} PROPERTIES LABELS policy
                             TIMEOUT 240 RESOURCE_LOCK filtered_processes)
    endforeach()

    # policy_filter: a search for disagreements, a short one in every run.
    if(CMAKE_C_COMPILER_ID MATCHES Clang AND BJ_SANITIZE MATCHES address)
        add_executable(policy_filter policy/fuzz.c policy/bpf.c
                                     policy/decision.c)
        target_compile_options(policy_filter PRIVATE
                               -fsanitize=fuzzer-no-link)
        target_compile_definitions(policy_filter PRIVATE
            BJ_POLICY_TABLES="${CMAKE_CURRENT_SOURCE_DIR}/policy")
        target_link_options(policy_filter PRIVATE -fsanitize=fuzzer)
        target_link_libraries(policy_filter PRIVATE bj_test_policy)
        set(search policy_filter -seed=1 -runs=1000000 -max_total_time=30
                   -max_len=65 -len_control=0 -use_value_profile=1
                   -artifact_prefix=${CMAKE_BINARY_DIR}/policy_filter-)
        add_test(NAME policy.filter COMMAND ${search})
        add_test(NAME policy.filter_planted
                 COMMAND ${search} -exact_artifact_path=/dev/null)
        set_tests_properties(policy.filter policy.filter_planted
                             PROPERTIES LABELS policy TIMEOUT 120)
        set_tests_properties(policy.filter_planted PROPERTIES
                             ENVIRONMENT BJ_PLANT=mask WILL_FAIL TRUE)
    endif()

    include(policy/evidence.cmake)

    # What a filter costs; a benchmark, so not a test.
    add_executable(bench_policy policy/bench.c)
    target_link_libraries(bench_policy PRIVATE bj_test_policy)

    find_package(Python3 COMPONENTS Interpreter)
    if(Python3_FOUND)
        add_test(NAME policy.foreign
                 COMMAND ${Python3_EXECUTABLE} -B
                         ${CMAKE_CURRENT_SOURCE_DIR}/policy/foreign.py
                         ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
                         ${PROJECT_SOURCE_DIR})
        set_tests_properties(policy.foreign PROPERTIES LABELS policy
                             TIMEOUT 600 SKIP_RETURN_CODE 77
                             RESOURCE_LOCK filtered_processes)
    endif()
endif()
