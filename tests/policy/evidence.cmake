# The evidence for every row, in each build whose rows are a release's.
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
bj_link_statically(policy_ablated)

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
bj_link_statically(worker_ablated)

# And the program that stays within the driver's list, and the spawner within
# its own: ablate_spawner.c stands before the filter that the build compiled.
include(${CMAKE_CURRENT_LIST_DIR}/../resolve/support.cmake)
add_executable(driver_ablated policy/ablate.c policy/ablate_spawner.c
               resolve/confined.c ${policy_sources})
target_link_libraries(driver_ablated PRIVATE bj_test_resolve
                                             bj_sandbox_policy)
add_dependencies(driver_ablated belljar-worker)
bj_link_statically(driver_ablated)

add_executable(policy_count policy/count.c)
target_link_libraries(policy_count PRIVATE bj_sandbox_policy)

find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
    add_test(NAME policy.evidence
             COMMAND ${Python3_EXECUTABLE} -B
                     ${CMAKE_CURRENT_SOURCE_DIR}/policy/evidence.py
                     ${CMAKE_RUNTIME_OUTPUT_DIRECTORY} ${PROJECT_SOURCE_DIR})
    set_tests_properties(policy.evidence PROPERTIES LABELS policy
                         TIMEOUT 600 SKIP_RETURN_CODE 77
                         RESOURCE_LOCK filtered_processes)
endif()
