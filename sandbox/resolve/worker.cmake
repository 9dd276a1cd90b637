# belljar-worker. Its filter is compiled by the build (filters.cmake), so that
# it links nothing but core and the half of the lockdown that enters. Static,
# so that its start loads and searches nothing; but sanitizers and coverage need
# the dynamic one, and so does a system without a static libc, which is said.
add_executable(belljar-worker resolve/main_worker.c policy/enter.c
               policy/landlock.c policy/role.c)
add_dependencies(belljar-worker role_filters)
target_include_directories(belljar-worker PRIVATE ${CMAKE_BINARY_DIR})
target_link_libraries(belljar-worker PRIVATE bj_core)

bj_link_as_worker(belljar-worker)
install(TARGETS belljar-worker
        RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR})
