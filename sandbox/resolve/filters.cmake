# The filters of the resolver's worker and of its spawner, compiled by the build
# (role_filter), and how a worker is linked, on which the spawner's depends: a
# worker is born under it, and a loader makes calls of its own.
include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -fPIE)
set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
check_c_source_compiles("int main(void) { return 0; }" BJ_STATIC_PIE)
unset(CMAKE_REQUIRED_FLAGS)
unset(CMAKE_REQUIRED_LINK_OPTIONS)
set(linked dynamically)
if(BJ_SANITIZE OR CMAKE_C_FLAGS MATCHES "-fprofile-instr-generate")
    # They need a loader.
elseif(BJ_MUSL)
    # Debian's musl-gcc does not know -static-pie.
    set(linked -static)
elseif(BJ_STATIC_PIE)
    set(linked -static-pie)
else()
    message(WARNING "belljar-worker is linked dynamically: this system has no "
                    "static libc (Debian: libc6-dev)")
endif()
set(BJ_WORKER_LINKED ${linked} CACHE INTERNAL "How belljar-worker is linked")

# For the worker, and for what stands in for it in tests.
function(bj_link_as_worker program)
    if(BJ_WORKER_LINKED STREQUAL dynamically)
        return()
    endif()
    # CMake would add -pie behind it, which makes it dynamic again.
    set_property(TARGET ${program} PROPERTY POSITION_INDEPENDENT_CODE)
    if(NOT BJ_MUSL)
        target_compile_options(${program} PRIVATE -fPIE)
    endif()
    target_link_options(${program} PRIVATE ${BJ_WORKER_LINKED})
endfunction()

if(BJ_WORKER_LINKED STREQUAL dynamically)
    target_compile_definitions(bj_sandbox_policy PUBLIC BJ_WORKER_DYNAMIC)
endif()

add_executable(role_filter resolve/main_role_filter.c)
target_link_libraries(role_filter PRIVATE bj_sandbox_policy)
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/resolve)
foreach(filter worker:resolver-worker spawner:spawner)
    string(REPLACE ":" ";" filter ${filter})
    list(GET filter 0 name)
    list(GET filter 1 role)
    set(array ${CMAKE_CURRENT_BINARY_DIR}/resolve/${name}_filter.inc)
    add_custom_command(OUTPUT ${array}
                       COMMAND role_filter ${role} > ${array}
                       DEPENDS role_filter VERBATIM)
    list(APPEND arrays ${array})
endforeach()
add_custom_target(role_filters DEPENDS ${arrays})

# For whatever is made of the sources of this folder.
function(bj_with_filters target)
    target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR})
    add_dependencies(${target} role_filters)
endfunction()
