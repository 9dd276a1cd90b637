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
endif()
