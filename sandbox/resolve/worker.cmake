# belljar-worker. Its filter is compiled by the build (worker_filter), so that
# it links nothing but core and the half of the lockdown that enters. Static,
# so that its start loads and searches nothing; but sanitizers and coverage need
# the dynamic one, and so does a system without a static libc, which is said.
add_executable(worker_filter resolve/main_worker_filter.c)
target_link_libraries(worker_filter PRIVATE bj_sandbox_policy)
set(filter ${CMAKE_CURRENT_BINARY_DIR}/resolve/worker_filter.inc)
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/resolve)
add_custom_command(OUTPUT ${filter}
                   COMMAND worker_filter > ${filter}
                   DEPENDS worker_filter VERBATIM)

add_executable(belljar-worker resolve/main_worker.c policy/enter.c
               policy/landlock.c policy/role.c ${filter})
target_include_directories(belljar-worker PRIVATE ${CMAKE_BINARY_DIR})
target_link_libraries(belljar-worker PRIVATE bj_core)

include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -fPIE)
set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
check_c_source_compiles("int main(void) { return 0; }" BJ_STATIC_PIE)
unset(CMAKE_REQUIRED_FLAGS)
unset(CMAKE_REQUIRED_LINK_OPTIONS)
if(BJ_SANITIZE OR CMAKE_C_FLAGS MATCHES "-fprofile-instr-generate")
    # dynamic
elseif(BJ_MUSL)
    # Debian's musl-gcc does not know -static-pie.
    target_link_options(belljar-worker PRIVATE -static)
elseif(BJ_STATIC_PIE)
    # CMake would add -pie behind it, which makes it dynamic again.
    set_property(TARGET belljar-worker PROPERTY POSITION_INDEPENDENT_CODE)
    target_compile_options(belljar-worker PRIVATE -fPIE)
    target_link_options(belljar-worker PRIVATE -static-pie)
else()
    message(WARNING "belljar-worker is linked dynamically: this system has no "
                    "static libc (Debian: libc6-dev)")
endif()
install(TARGETS belljar-worker
        RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR})
