# What glibc makes of the texts in tests/vectors/config_*.txt, and in what
# order it puts addresses, asked in namespaces of the test's own; skipped, with
# the reason, where the system refuses them. MemorySanitizer cannot see into
# glibc's resolver.
if(NOT BJ_SANITIZE MATCHES "memory")
    add_library(bj_etc STATIC glibc/etc.c)
    add_executable(glibc_config glibc/config.c)
    target_link_libraries(glibc_config PRIVATE bj_etc bj_test_support resolv)
    add_executable(glibc_order glibc/order.c)
    target_link_libraries(glibc_order PRIVATE bj_etc bj_test_support bj_core)
    foreach(name config order)
        add_test(NAME glibc.${name} COMMAND glibc_${name})
        set_tests_properties(glibc.${name} PROPERTIES LABELS glibc TIMEOUT 240
                             SKIP_RETURN_CODE 77)
    endforeach()
endif()
