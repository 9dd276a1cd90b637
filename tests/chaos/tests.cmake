# Chaos: every role at once under faults that follow from a seed. The short
# form runs with the live tests, the long one by hand:
#
#     build/release/bin/chaos build/release/bin/belljar --seeds corpus --minutes 10 --seed 7
#
# It must fail where something is not as the books say, which the planted
# faults show: an octet changed, children killed and a connection made that
# nobody wrote down, and a program whose policy lacks a row.
if(TARGET belljar)
    file(GLOB chaos_sources CONFIGURE_DEPENDS chaos/*.c)
    add_executable(chaos ${chaos_sources})
    target_link_libraries(chaos PRIVATE bj_sandbox_cli) # jansson with it
    # A sanitizer's shadow does not fit into a limit on memory.
    if(BJ_SANITIZE)
        target_compile_definitions(chaos PRIVATE BJ_SANITIZED=true)
    else()
        target_compile_definitions(chaos PRIVATE BJ_SANITIZED=false)
    endif()

    function(bj_chaos name program)
        add_test(NAME live.chaos${name}
                 COMMAND chaos $<TARGET_FILE:${program}>
                         --seeds ${PROJECT_SOURCE_DIR}/corpus ${ARGN})
        set_tests_properties(live.chaos${name} PROPERTIES LABELS live
                             TIMEOUT 300 RESOURCE_LOCK filtered_processes)
    endfunction()

    # ThreadSanitizer puts signal handlers off until a blocked accept returns.
    # With AddressSanitizer one connection in some thousand was cut and no fault
    # in the books said why, so that this is run by hand there.
    if(NOT BJ_SANITIZE)
        bj_chaos("" belljar --seed 1 --seconds 20)
    endif()
    if(NOT BJ_SANITIZE AND TARGET policy_ablated)
        bj_chaos(_planted_octet belljar --seed 2 --seconds 4 --plant octet)
        bj_chaos(_planted_cut belljar --seed 3 --seconds 4 --plant cut)
        bj_chaos(_planted_count belljar --seed 4 --seconds 4 --plant count)
        bj_chaos(_planted_row policy_ablated --seed 5 --seconds 8)
        set_tests_properties(live.chaos_planted_octet PROPERTIES
            PASS_REGULAR_EXPRESSION "what came back is not what was sent")
        set_tests_properties(live.chaos_planted_cut PROPERTIES
            PASS_REGULAR_EXPRESSION "[1-9][0-9]* children were killed, 0 of")
        set_tests_properties(live.chaos_planted_count PROPERTIES
            PASS_REGULAR_EXPRESSION "connections, but at most")
        # The row with which a role pauses: only starving it shows the lack.
        set_tests_properties(live.chaos_planted_row PROPERTIES
            ENVIRONMENT BJ_ABLATE=serve-process:6
            PASS_REGULAR_EXPRESSION "a role died of its filter")
    endif()
endif()
