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
        add_test(NAME policy.filter_planted COMMAND ${search})
        set_tests_properties(policy.filter policy.filter_planted
                             PROPERTIES LABELS policy TIMEOUT 120)
        set_tests_properties(policy.filter_planted PROPERTIES
                             ENVIRONMENT BJ_PLANT=mask WILL_FAIL TRUE)
    endif()

    # The program with holes in its policies, for the evidence: the policy's
    # own sources, a few functions of which are renamed so that ablate.c can
    # stand before them. Link-time wrapping does not survive LTO.
    file(GLOB policy_sources CONFIGURE_DEPENDS
         ${PROJECT_SOURCE_DIR}/sandbox/policy/*.c)
    add_executable(policy_ablated policy/ablate.c ${policy_sources}
                   ${PROJECT_SOURCE_DIR}/sandbox/cli/main.c)
    set_source_files_properties(${PROJECT_SOURCE_DIR}/sandbox/policy/role.c
        PROPERTIES COMPILE_DEFINITIONS bj_role_collect=bj_real_role_collect)
    set_source_files_properties(${PROJECT_SOURCE_DIR}/sandbox/policy/filter.c
        PROPERTIES COMPILE_DEFINITIONS bj_filter_action=bj_real_filter_action)
    set_source_files_properties(${PROJECT_SOURCE_DIR}/sandbox/policy/trace.c
        PROPERTIES COMPILE_DEFINITIONS
        "bj_trace_await=bj_real_trace_await;bj_trace_seize=bj_real_trace_seize;bj_trace_fork=bj_real_trace_fork")
    target_compile_definitions(policy_ablated PRIVATE
                               BJ_VERSION="${PROJECT_VERSION}")
    target_link_libraries(policy_ablated PRIVATE bj_sandbox_cli)

    # The resolver's worker likewise. Its own filter is an array that the
    # build made; ablate_worker.c puts another in its place.
    add_executable(worker_ablated policy/ablate.c policy/ablate_worker.c
                   ${policy_sources}
                   ${PROJECT_SOURCE_DIR}/sandbox/resolve/main_worker.c)
    set_source_files_properties(
        ${PROJECT_SOURCE_DIR}/sandbox/resolve/main_worker.c
        PROPERTIES COMPILE_DEFINITIONS bj_lockdown_enter=bj_ablated_enter)
    target_include_directories(worker_ablated PRIVATE ${CMAKE_BINARY_DIR})
    target_link_libraries(worker_ablated PRIVATE bj_sandbox_policy)
    add_dependencies(worker_ablated belljar-worker)

    # What a filter costs; a benchmark, so not a test.
    add_executable(bench_policy policy/bench.c)
    target_link_libraries(bench_policy PRIVATE bj_test_policy)

    add_executable(policy_count policy/count.c)
    target_link_libraries(policy_count PRIVATE bj_sandbox_policy)

    find_package(Python3 COMPONENTS Interpreter)
    if(Python3_FOUND)
        foreach(script evidence foreign)
            add_test(NAME policy.${script}
                     COMMAND ${Python3_EXECUTABLE} -B
                             ${CMAKE_CURRENT_SOURCE_DIR}/policy/${script}.py
                             ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
                             ${PROJECT_SOURCE_DIR})
            set_tests_properties(policy.${script} PROPERTIES LABELS policy
                                 TIMEOUT 600 SKIP_RETURN_CODE 77
                                 RESOURCE_LOCK filtered_processes)
        endforeach()
    endif()
endif()
