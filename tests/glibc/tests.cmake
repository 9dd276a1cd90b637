# What glibc makes of the texts in tests/vectors/config_*.txt, asked in mount
# and host name namespaces of the test's own; skipped, with the reason, where
# the system refuses them. MemorySanitizer cannot see into glibc's resolver.
if(NOT BJ_SANITIZE MATCHES "memory")
    add_executable(glibc_config glibc/config.c)
    target_link_libraries(glibc_config PRIVATE bj_test_support resolv)
    add_test(NAME glibc.config COMMAND glibc_config)
    set_tests_properties(glibc.config PROPERTIES LABELS glibc TIMEOUT 240
                         SKIP_RETURN_CODE 77)
endif()
